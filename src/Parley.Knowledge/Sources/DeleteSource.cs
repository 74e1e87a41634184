using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Sources;

/// <summary>
/// Deletes a source. From the commit on nothing of it is shown or quoted anywhere: its state hides its documents from every reader while
/// a job removes the rows in batches (a large source holds hundreds of thousands).
/// </summary>
internal sealed class DeleteSource(TenantDb db, JobQueue jobs, AuditLog audit, TimeProvider time)
{
    // The name is free again at once: the canonical form moves away.
    internal const string MarkSql = """
        update knowledge_sources set state = 'deleting', canonical = canonical || ' (deleted ' || id || ')', updated_at = @now
         where tenant_id = @tenantId and id = @sourceId and state <> 'deleting'
        """;

    internal const string KindSql = "select kind from knowledge_sources where tenant_id = @tenantId and id = @sourceId and state <> 'deleting'";

    internal const string CancelImportsSql = """
        update imports set state = 'cancelled', error = 'The source was deleted.', finished_at = @now
         where tenant_id = @tenantId and source_id = @sourceId and state in ('uploading', 'crawling', 'queued', 'running')
        """;

    internal const string CancelCrawlsSql = "update crawls set state = 'cancelled', finished_at = @now where tenant_id = @tenantId and source_id = @sourceId and state = 'running'";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapDelete("/sources/{sourceId:guid}", async (Guid sourceId, Caller caller, DeleteSource handler, CancellationToken ct) =>
                (await handler.HandleAsync(sourceId, caller, ct)).ToNoContent())
            .WithName("DeleteSource").RequirePermission(Permission.KnowledgeWrite);

    private Task<Result<bool>> HandleAsync(Guid sourceId, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
        {
            var args = new { tenantId = session.TenantId, sourceId, now = time.GetUtcNow() };
            await session.ExecuteAsync(CancelCrawlsSql, args);
            if (await session.QuerySingleOrDefaultAsync<string?>(KindSql, args) == "articles")
                return KnowledgeErrors.HoldsArticles;
            // Imports first: a batch holds its import's row and then asks for the source's.
            await session.ExecuteAsync(CancelImportsSql, args);
            if (await session.ExecuteAsync(MarkSql, args) == 0)
                return KnowledgeErrors.NoSource;
            KnowledgeChanges.Publish(session);
            await audit.WriteAsync(session, caller, "knowledge.source.deleted", "knowledge_source", sourceId.ToString("D"));
            await jobs.EnqueueAsync(session, RemoveSourceJob.JobKind, new RemoveSourceJob.Payload(sourceId), aggregateKey: "source:" + sourceId.ToString("N"));
            return true;
        }, ct);
}

/// <summary>Removes the rows and files of a source that is being deleted.</summary>
internal sealed class RemoveSourceJob(TenantDb db, KnowledgeChanges changes, KnowledgeWork work, StoredFiles files) : IJobHandler
{
    internal static readonly JobKind JobKind = new("knowledge.remove_source");

    private const int Batch = 500;

    internal const string SomeSql = "select id from documents where tenant_id = @tenantId and source_id = @sourceId order by id limit @take";

    internal const string HashesSql = """
        select distinct f.object_hash from import_files f join imports i on i.tenant_id = f.tenant_id and i.id = f.import_id
         where i.tenant_id = @tenantId and i.source_id = @sourceId and f.object_hash is not null
        """;

    internal const string RemoveSql = "delete from knowledge_sources where tenant_id = @tenantId and id = @sourceId and state = 'deleting'";

    internal sealed record Payload(Guid SourceId);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var (tenantId, sourceId) = (job.TenantId, job.Payload<Payload>().SourceId);
        var gone = new List<byte[]>();
        while (await db.InTransactionAsync(tenantId, async session =>
        {
            var ids = await session.QueryAsync<Guid>(SomeSql, new { tenantId, sourceId, take = Batch });
            gone.AddRange(await changes.RemoveAsync(session, [.. ids]));
            return ids.Count > 0;
        }, ct))
        {
        }
        await db.InTransactionAsync(tenantId, async session =>
        {
            gone.AddRange(await session.QueryAsync<byte[]>(HashesSql, new { tenantId, sourceId }));
            await session.ExecuteAsync(RemoveSql, new { tenantId, sourceId });
            await work.AfterChangeAsync(session);
            await job.CompleteAsync(session);
        }, ct);
        await files.SweepAsync(tenantId, gone, ct);
    }
}
