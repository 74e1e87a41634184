using Microsoft.Extensions.Logging;
using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Imports;

/// <summary>Ends an import whose files are all done: removes what vanished, lets this node's index catch up, then says so.</summary>
internal sealed class ImportEnd(
    TenantDb db, KnowledgeChanges changes, KnowledgeWork work, StoredFiles files, KnowledgeSearch search, FeedHub hub, TimeProvider time, ILogger<ImportEnd> log)
{
    private const int RemoveBatch = 500;

    // A file that could not be read is still there: the document that was made from an earlier version of it stays, and so do the
    // documents of an archive that could not be opened.
    internal const string VanishedSql = """
        select d.id from documents d
         where d.tenant_id = @tenantId and d.source_id = @sourceId
           and not exists (select 1 from import_files f where f.tenant_id = d.tenant_id and f.import_id = @importId and f.path = d.path)
           and not exists (select 1 from import_files f where f.tenant_id = d.tenant_id and f.import_id = @importId and f.archive and f.state = 'failed'
                              and starts_with(d.path, f.path || '/'))
         order by d.id limit @take
        """;

    internal const string CountRemovedSql = "update imports set removed = removed + @removed where tenant_id = @tenantId and id = @importId";

    internal const string EndSql = """
        update imports set state = @state, error = @error, finished_at = @now
         where tenant_id = @tenantId and id = @importId and state in ('uploading', 'crawling', 'queued', 'running')
        """;

    internal const string SourceSql = """
        update knowledge_sources s
           set last_run_at = case when @error::text is null then @now else s.last_run_at end,
               failing_since = case when @error::text is not null then coalesce(s.failing_since, @now) end, failure = @error
          from imports i
         where i.tenant_id = @tenantId and i.id = @importId and s.tenant_id = i.tenant_id and s.id = i.source_id
        """;

    internal const string HashesSql = "select distinct object_hash from import_files where tenant_id = @tenantId and import_id = @importId and object_hash is not null";

    internal async Task FinishAsync(JobContext job, Guid importId, CancellationToken ct)
    {
        var (tenantId, gone) = (job.TenantId, new List<byte[]>());
        if (await db.InTransactionAsync(tenantId, s => ImportRows.ReadAsync(s, importId), ct) is not { State: "running" } import)
            return;
        // A source of which nothing at all could be read was not emptied: something is wrong with the upload.
        var nothingRead = import.Failed == import.Total;
        while (import.Mode == "complete" && !nothingRead && await RemoveVanishedAsync(tenantId, importId, gone, ct))
        {
        }
        if (search.Holds(tenantId))
            await search.RefreshAsync(tenantId, ct);
        var ended = await db.InTransactionAsync(tenantId, async session =>
        {
            if (await ImportRows.LockAsync(session, importId) is not { State: "running" } last)
                return null;
            gone.AddRange(await session.QueryAsync<byte[]>(HashesSql, new { tenantId, importId }));
            await EndAsync(session, importId, nothingRead ? "failed" : "succeeded", nothingRead ? "None of the files could be read. The source is as it was." : null);
            if (last.Added + last.Changed + last.Removed > 0)
                await work.AfterChangeAsync(session);
            await job.CompleteAsync(session);
            return last;
        }, ct);
        if (ended is not null)
            log.ImportFinished(importId, ended.Added, ended.Changed, ended.Unchanged, ended.Removed, ended.Failed, time.GetUtcNow() - (ended.StartedAt ?? ended.CreatedAt));
        await files.SweepAsync(tenantId, gone, ct);
    }

    internal Task FailAsync(Guid tenantId, Guid importId, string error, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, session => EndAsync(session, importId, "failed", error), ct);

    private async Task EndAsync(TenantSession session, Guid importId, string state, string? error)
    {
        await session.ExecuteAsync(EndSql, new { tenantId = session.TenantId, importId, state, error, now = time.GetUtcNow() });
        await session.ExecuteAsync(SourceSql, new { tenantId = session.TenantId, importId, error, now = time.GetUtcNow() });
        var topic = new FeedTopic(session.TenantId, ImportFeed.Topic, importId);
        session.OnCommitted(() => hub.Publish(topic));
    }

    private Task<bool> RemoveVanishedAsync(Guid tenantId, Guid importId, List<byte[]> gone, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, async session =>
        {
            if (await ImportRows.LockAsync(session, importId) is not { State: "running" } import)
                return false;
            var ids = await session.QueryAsync<Guid>(VanishedSql, new { tenantId, sourceId = import.SourceId, importId, take = RemoveBatch });
            if (ids.Count == 0)
                return false;
            gone.AddRange(await changes.RemoveAsync(session, [.. ids]));
            await session.ExecuteAsync(CountRemovedSql, new { tenantId, importId, removed = ids.Count });
            session.OnCommitted(() => hub.Publish(new FeedTopic(tenantId, ImportFeed.Topic, importId)));
            return true;
        }, ct);
}
