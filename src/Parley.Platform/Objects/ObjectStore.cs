using System.Security.Cryptography;
using Parley.Platform.Data;
using Parley.Platform.Outbound;

namespace Parley.Platform.Objects;

/// <summary>Bytes in the store. The same content has the same hash, and is stored once per tenant.</summary>
public sealed record StoredObject(byte[] Hash, long Size);

/// <summary>Files by SHA-256 under the tenant, in a folder that every node mounts or in S3. A second writer of the same content does no harm.</summary>
public sealed class ObjectStore : IDisposable
{
    internal const string RecordSql = """
        insert into objects (tenant_id, hash, size, content_type, created_at) values (@tenantId, @hash, @size, @contentType, @now)
        on conflict (tenant_id, hash) do nothing
        """;

    private readonly TimeProvider _time;

    /// <summary>Opens what the options name; calls nothing yet.</summary>
    public ObjectStore(PlatformOptions options, GuardedHttp http, TimeProvider time)
        : this(ObjectLocation.Parse(options.Objects).Open(http, time), time)
    {
    }

    internal ObjectStore(IObjectBackend backend, TimeProvider time) => (Backend, _time) = (backend, time);

    internal IObjectBackend Backend { get; }

    /// <summary>Stores the content up to its end. Record it in the business transaction with <see cref="RecordAsync"/>; what is never recorded is garbage.</summary>
    /// <param name="tenantId">Whose.</param>
    /// <param name="content">Read once, never held in memory.</param>
    /// <param name="contentType">As claimed by the sender; it is data, never trusted when served.</param>
    /// <param name="maxBytes">More than this throws <see cref="ObjectTooLargeException"/> and stores nothing.</param>
    /// <param name="ct">Ends it; nothing is stored.</param>
    /// <exception cref="ObjectStoreException">The store cannot do it now; nothing is stored.</exception>
    public Task<StoredObject> PutAsync(Guid tenantId, Stream content, string contentType, CancellationToken ct, long maxBytes = long.MaxValue)
    {
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        return Backend.PutAsync(hash => KeyOf(tenantId, hash), content, contentType, maxBytes, ct);
    }

    /// <summary>The row that lets other rows refer to the object.</summary>
    public Task RecordAsync(TenantSession session, StoredObject stored, string contentType) => session.ExecuteAsync(RecordSql, new
    {
        tenantId = session.TenantId, hash = stored.Hash, size = stored.Size, contentType, now = _time.GetUtcNow(),
    });

    /// <summary>The bytes; null where there is no such object. The caller disposes the stream.</summary>
    public Task<Stream?> OpenAsync(Guid tenantId, byte[] hash, CancellationToken ct) => Backend.OpenAsync(KeyOf(tenantId, hash), ct);

    /// <summary>Are the bytes there?</summary>
    public async Task<bool> HoldsAsync(Guid tenantId, byte[] hash, CancellationToken ct)
    {
        await using var stream = await OpenAsync(tenantId, hash, ct);
        return stream is not null;
    }

    /// <summary>Removes the bytes; the row is the caller's. Removing what is not there is no error.</summary>
    public Task RemoveAsync(Guid tenantId, byte[] hash, CancellationToken ct) => Backend.RemoveAsync(KeyOf(tenantId, hash), ct);

    /// <summary>Removes every object of a tenant.</summary>
    public async Task RemoveTenantAsync(Guid tenantId, CancellationToken ct)
    {
        await foreach (var entry in Backend.ListAsync(tenantId.ToString("N") + "/", ct))
        {
            await Backend.RemoveAsync(entry.Key, ct);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Backend.Dispose();

    internal static string KeyOf(Guid tenantId, byte[] hash)
    {
        if (hash.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException("An object's hash has 32 bytes.", nameof(hash));
        }
        var name = Convert.ToHexStringLower(hash);
        return $"{tenantId:N}/{name[..2]}/{name}";
    }
}

/// <summary>The content is larger than allowed.</summary>
public sealed class ObjectTooLargeException(long maxBytes) : Exception("The content is larger than the limit.")
{
    /// <summary>The limit in bytes.</summary>
    public long MaxBytes { get; } = maxBytes;
}
