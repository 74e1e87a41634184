using Npgsql;
using Parley.Platform.Data;
using Parley.Platform.Objects;

namespace Parley.Knowledge;

/// <summary>
/// Removes files from the object store to which nothing refers any more. The same content may be uploaded at that very moment: its row is
/// locked by both, and who records it looks afterwards whether its bytes are still there.
/// </summary>
internal sealed class StoredFiles(TenantDb db, ObjectStore objects)
{
    private const int Batch = 100;

    // In a statement of its own, before: whoever records one of these has it locked until the reference can be seen.
    internal const string LockSql = "select hash from objects where tenant_id = @tenantId and hash = any(@hashes) order by hash for update";

    internal const string ReleaseSql = """
        delete from objects o
         where o.tenant_id = @tenantId and o.hash = any(@hashes)
           and not exists (select 1 from documents d where d.tenant_id = o.tenant_id and d.object_hash = o.hash)
           and not exists (select 1 from import_files f join imports i on i.tenant_id = f.tenant_id and i.id = f.import_id
                            where f.tenant_id = o.tenant_id and f.object_hash = o.hash and i.state in ('uploading', 'crawling', 'queued', 'running'))
           and not exists (select 1 from crawl_pages p join crawls c on c.tenant_id = p.tenant_id and c.id = p.crawl_id
                            where p.tenant_id = o.tenant_id and p.object_hash = o.hash and c.state = 'running')
        returning o.hash
        """;

    internal async Task SweepAsync(Guid tenantId, IReadOnlyCollection<byte[]> candidates, CancellationToken ct)
    {
        foreach (var hashes in candidates.DistinctBy(Convert.ToHexString).Chunk(Batch))
        {
            if (await TryReleaseAsync(tenantId, hashes, ct))
                continue;
            // One of them is an attachment of a conversation as well: the others can go.
            foreach (var hash in hashes)
                await TryReleaseAsync(tenantId, [hash], ct);
        }
    }

    private async Task<bool> TryReleaseAsync(Guid tenantId, byte[][] hashes, CancellationToken ct)
    {
        try
        {
            await db.InTransactionAsync(tenantId, async session =>
            {
                await session.QueryAsync<byte[]>(LockSql, new { tenantId, hashes });
                // The bytes go before the commit: an upload of the same content waits for it, and then sees that they are gone.
                foreach (var hash in await session.QueryAsync<byte[]>(ReleaseSql, new { tenantId, hashes }))
                    await objects.RemoveAsync(tenantId, hash, ct);
            }, ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }
}
