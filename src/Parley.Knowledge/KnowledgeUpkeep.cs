using Parley.Knowledge.Vectors;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Knowledge;

/// <summary>Once a day for each tenant: forgets what no index needs any more, ends uploads that nobody goes on with, lets go of files that nothing refers to.</summary>
internal sealed class KnowledgeUpkeep(TenantDb db, StoredFiles files, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("knowledge.upkeep");

    /// <summary>3:31 each day.</summary>
    internal const string Cron = "0 31 3 * * ?";

    private static readonly TimeSpan RemovalsKept = TimeSpan.FromDays(7);
    private static readonly TimeSpan UploadPatience = TimeSpan.FromDays(7);
    private static readonly TimeSpan FilesListed = TimeSpan.FromDays(30);
    private static readonly TimeSpan ObjectPatience = TimeSpan.FromDays(1);

    // Both in one statement: no index may read the removals as complete when they are not.
    internal const string ForgetSql = """
        with gone as (delete from document_removals where tenant_id = @tenantId and removed_at < @before returning change_number)
        update knowledge_state set removals_since = greatest(removals_since, (select max(change_number) from gone))
         where tenant_id = @tenantId and exists (select 1 from gone)
        """;

    internal const string AbandonSql = """
        update imports set state = 'cancelled', finished_at = @now, error = 'Nothing was added to this upload for a week. Start a new import.'
         where tenant_id = @tenantId and state = 'uploading' and active_at < @before
        """;

    // The newest import of each source keeps its list, however old it is.
    internal const string ListsSql = """
        delete from import_files f using imports i
         where f.tenant_id = @tenantId and i.tenant_id = f.tenant_id and i.id = f.import_id and i.finished_at < @before
           and exists (select 1 from imports n where n.tenant_id = i.tenant_id and n.source_id = i.source_id and n.created_at > i.created_at and n.finished_at is not null)
        """;

    internal const string UnusedSql = """
        select o.hash from objects o
         where o.tenant_id = @tenantId and o.created_at < @before
           and not exists (select 1 from documents d where d.tenant_id = o.tenant_id and d.object_hash = o.hash)
           and not exists (select 1 from message_parts p where p.tenant_id = o.tenant_id and p.object_hash = o.hash)
        """;

    /// <inheritdoc/>
    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var tenantId = job.TenantId;
        var unused = await db.InTransactionAsync(tenantId, async s =>
        {
            await s.ExecuteAsync(ForgetSql, new { tenantId, before = now - RemovalsKept });
            await s.ExecuteAsync(AbandonSql, new { tenantId, now, before = now - UploadPatience });
            await s.ExecuteAsync(ListsSql, new { tenantId, before = now - FilesListed });
            await s.ExecuteAsync(QuestionVectors.ExpireSql, new { tenantId, before = now - QuestionVectors.Kept });
            return await s.QueryAsync<byte[]>(UnusedSql, new { tenantId, before = now - ObjectPatience });
        }, ct);
        await files.SweepAsync(tenantId, unused, ct);
    }
}
