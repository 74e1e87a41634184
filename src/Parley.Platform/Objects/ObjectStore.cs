using System.Buffers;
using System.Security.Cryptography;
using Parley.Platform.Data;

namespace Parley.Platform.Objects;

/// <summary>Bytes in the store. The same content has the same hash, and is stored once per tenant.</summary>
public sealed record StoredObject(byte[] Hash, long Size);

/// <summary>
/// Files by SHA-256 under the tenant, in a folder that every node mounts. An object is written aside, forced to disk and renamed, so that
/// its name never shows half of it; a second writer of the same content does no harm.
/// </summary>
public sealed class ObjectStore(PlatformOptions options, TimeProvider time)
{
    internal const string RecordSql = """
        insert into objects (tenant_id, hash, size, content_type, created_at) values (@tenantId, @hash, @size, @contentType, @now)
        on conflict (tenant_id, hash) do nothing
        """;

    private const int BufferSize = 128 * 1024;
    private readonly string _root = Path.GetFullPath(options.ObjectsFolder);

    /// <summary>Stores the content up to its end. Record it in the business transaction with <see cref="RecordAsync"/>; what is never recorded is garbage.</summary>
    /// <param name="tenantId">Whose.</param>
    /// <param name="content">Read once, never held in memory.</param>
    /// <param name="contentType">As claimed by the sender; it is data, never trusted when served.</param>
    /// <param name="maxBytes">More than this throws <see cref="ObjectTooLargeException"/> and stores nothing.</param>
    /// <param name="ct">Ends it; nothing is stored.</param>
    public async Task<StoredObject> PutAsync(Guid tenantId, Stream content, string contentType, CancellationToken ct, long maxBytes = long.MaxValue)
    {
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        var folder = Path.Combine(_root, tenantId.ToString("N"));
        CreateFolder(folder);
        var draft = Path.Combine(folder, "draft-" + Guid.CreateVersion7().ToString("N"));
        try
        {
            var stored = await WriteAsync(draft, content, maxBytes, ct);
            var file = FileOf(tenantId, stored.Hash);
            CreateFolder(Path.GetDirectoryName(file)!);
            File.Move(draft, file, overwrite: true);
            // The row that will point here must not outlive the name in a power failure.
            DurableFolder.Flush(Path.GetDirectoryName(file)!);
            return stored;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>The row that lets other rows refer to the object.</summary>
    public Task RecordAsync(TenantSession session, StoredObject stored, string contentType) => session.ExecuteAsync(RecordSql, new
    {
        tenantId = session.TenantId, hash = stored.Hash, size = stored.Size, contentType, now = time.GetUtcNow(),
    });

    /// <summary>The bytes; null where there is no such object. The caller disposes the stream.</summary>
    public Task<Stream?> OpenAsync(Guid tenantId, byte[] hash, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult<Stream?>(new FileStream(FileOf(tenantId, hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    /// <summary>Removes the bytes; the row is the caller's. Removing what is not there is no error.</summary>
    public Task RemoveAsync(Guid tenantId, byte[] hash, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var file = FileOf(tenantId, hash);
        if (Directory.Exists(Path.GetDirectoryName(file)))
        {
            File.Delete(file);
        }
        return Task.CompletedTask;
    }

    /// <summary>Removes every object of a tenant.</summary>
    public Task RemoveTenantAsync(Guid tenantId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var folder = Path.Combine(_root, tenantId.ToString("N"));
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        return Task.CompletedTask;
    }

    /// <summary>Can this node write here? Throws with the reason where it cannot.</summary>
    internal void Probe()
    {
        CreateFolder(_root);
        var file = Path.Combine(_root, "probe-" + Guid.CreateVersion7().ToString("N"));
        File.WriteAllText(file, "parley");
        File.Delete(file);
    }

    /// <summary>
    /// Proves that two nodes see one folder: the first one to come leaves its mark there (the installation's own random id, also kept in
    /// the database), every other must find that very mark.
    /// </summary>
    internal string ReadOrCreateMark()
    {
        CreateFolder(_root);
        var file = Path.Combine(_root, "installation");
        if (!File.Exists(file))
        {
            var draft = Path.Combine(_root, "probe-" + Guid.CreateVersion7().ToString("N"));
            File.WriteAllText(draft, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            try
            {
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(draft);
            }
        }
        return File.ReadAllText(file).Trim();
    }

    private static async Task<StoredObject> WriteAsync(string file, Stream content, long maxBytes, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            long size = 0;
            for (int read; (read = await content.ReadAsync(buffer.AsMemory(0, BufferSize), ct)) > 0;)
            {
                size += read;
                if (size > maxBytes)
                {
                    throw new ObjectTooLargeException(maxBytes);
                }
                hash.AppendData(buffer, 0, read);
                await stream.WriteAsync(buffer.AsMemory(0, read), ct);
            }
            stream.Flush(flushToDisk: true);
            return new StoredObject(hash.GetHashAndReset(), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            // Customers' files: not for other accounts of the machine.
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string FileOf(Guid tenantId, byte[] hash)
    {
        if (hash.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException("An object's hash has 32 bytes.", nameof(hash));
        }
        var name = Convert.ToHexStringLower(hash);
        return Path.Combine(_root, tenantId.ToString("N"), name[..2], name);
    }
}

/// <summary>The content is larger than allowed.</summary>
public sealed class ObjectTooLargeException(long maxBytes) : Exception("The content is larger than the limit.")
{
    /// <summary>The limit in bytes.</summary>
    public long MaxBytes { get; } = maxBytes;
}
