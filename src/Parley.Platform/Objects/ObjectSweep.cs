using Microsoft.Extensions.Logging;
using Parley.Platform.Data;

namespace Parley.Platform.Objects;

/// <summary>
/// Removes what is in the object store and in no row: an upload whose request died before it was recorded, a draft of a killed process, the
/// files of a tenant that is gone.
/// </summary>
internal sealed class ObjectSweep(ObjectStore objects, TenantDb tenants, TimeProvider time, ILogger<ObjectSweep> log)
{
    internal const string KnownSql = "select hash from objects where tenant_id = @tenantId and hash = any (@hashes)";

    /// <summary>What is younger may be about to be recorded.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);
    private const int Batch = 500;

    internal async Task<long> RunAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow() - Patience;
        var waiting = new Dictionary<Guid, List<byte[]>>();
        var removed = 0L;
        await foreach (var entry in objects.Backend.ListAsync("", ct))
        {
            if (entry.ModifiedAt >= before)
            {
                continue;
            }
            if (entry.Key.StartsWith(FolderObjects.Drafts + "/", StringComparison.Ordinal))
            {
                await objects.Backend.RemoveAsync(entry.Key, ct);
                removed++;
            }
            else if (Read(entry.Key) is var (tenant, hash))
            {
                if (!waiting.TryGetValue(tenant, out var hashes))
                {
                    waiting.Add(tenant, hashes = []);
                }
                hashes.Add(hash);
                if (hashes.Count == Batch)
                {
                    removed += await RemoveUnknownAsync(tenant, hashes, ct);
                    waiting.Remove(tenant);
                }
            }
        }
        foreach (var (tenant, hashes) in waiting)
        {
            removed += await RemoveUnknownAsync(tenant, hashes, ct);
        }
        if (removed > 0)
        {
            log.ObjectsSwept(removed);
        }
        return removed;
    }

    private async Task<int> RemoveUnknownAsync(Guid tenantId, List<byte[]> hashes, CancellationToken ct)
    {
        // A tenant that is gone has no rows: everything of it goes.
        var known = (await tenants.InTransactionAsync(tenantId, s => s.QueryAsync<byte[]>(KnownSql, new { tenantId, hashes = hashes.ToArray() }), ct))
            .Select(Convert.ToHexStringLower).ToHashSet(StringComparer.Ordinal);
        var unknown = hashes.Where(hash => !known.Contains(Convert.ToHexStringLower(hash))).ToList();
        foreach (var hash in unknown)
        {
            await objects.RemoveAsync(tenantId, hash, ct);
        }
        return unknown.Count;
    }

    /// <summary>Null: not an object's key, so not ours to judge.</summary>
    private static (Guid Tenant, byte[] Hash)? Read(string key) =>
        key.Split('/') is [var tenant, _, { Length: 64 } name] && Guid.TryParseExact(tenant, "N", out var id) && name.All(char.IsAsciiHexDigitLower)
            ? (id, Convert.FromHexString(name))
            : null;
}
