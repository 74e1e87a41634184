using Microsoft.Extensions.Logging;
using Parley.Knowledge.Imports;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Websites;

/// <summary>Ends a crawl: a preview is done; an import's pages become its files, and its import goes on.</summary>
internal sealed class CrawlEnd(TenantDb db, JobQueue jobs, StoredFiles files, FeedHub hub, TimeProvider time, ILogger<CrawlEnd> log)
{
    /// <summary>A crawl that would take away more than half of a source is held: most often the site is broken, not empty.</summary>
    private const int FewDocuments = 10;

    internal const string TotalsSql = """
        select (count(*) filter (where p.state in ('fetched', 'unchanged')))::int as pages, (count(*) filter (where p.state = 'failed'))::int as failed,
               (count(*) filter (where p.state = 'gone'))::int as gone,
               (select reason from crawl_pages f where f.tenant_id = @tenantId and f.crawl_id = @crawlId and f.state = 'failed' order by f.depth, f.place limit 1) as first_failure,
               (select coalesce(reason, 'It leads to no page.') from crawl_pages f where f.tenant_id = @tenantId and f.crawl_id = @crawlId and f.kind = 'page' order by f.depth, f.place limit 1) as start
          from crawl_pages p where p.tenant_id = @tenantId and p.crawl_id = @crawlId and p.kind = 'page'
        """;

    internal const string VanishingSql = """
        select count(*)::int as known, (count(*) filter (where p.url is null))::int as gone
          from documents d left join crawl_pages p on p.tenant_id = d.tenant_id and p.crawl_id = @crawlId and p.url = d.path and p.state in ('fetched', 'unchanged', 'failed')
         where d.tenant_id = @tenantId and d.source_id = @sourceId
        """;

    // A page that failed stays as the document that was made of it before; one that is gone or stays out is not among the files.
    internal const string FilesSql = """
        insert into import_files (tenant_id, import_id, path, object_hash, size, state, reason)
        select tenant_id, crawl_id, url, object_hash, coalesce(size, 0), case when state = 'failed' then 'failed' else 'pending' end, case when state = 'failed' then reason end
          from crawl_pages where tenant_id = @tenantId and crawl_id = @crawlId and kind = 'page' and state in ('fetched', 'unchanged', 'failed')
        on conflict (tenant_id, import_id, path) do nothing
        """;

    internal const string QueueSql = """
        update imports set state = 'queued', total = @total, failed = @failed, active_at = @now where tenant_id = @tenantId and id = @crawlId and state = 'crawling'
        """;

    internal const string FailImportSql = """
        update imports set state = 'failed', error = @error, finished_at = @now where tenant_id = @tenantId and id = @crawlId and state in ('crawling', 'queued', 'running')
        """;

    // A page that was never there is a broken link of the site, not a page that is gone.
    internal const string RememberSql = """
        insert into web_pages as w (tenant_id, source_id, url, etag, last_modified, first_seen_at, checked_at, failing_since, failure)
        select @tenantId, @sourceId, p.url, p.etag, p.last_modified, @now, @now, case when p.state = 'failed' then @now::timestamptz end, case when p.state = 'failed' then p.reason end
          from crawl_pages p where p.tenant_id = @tenantId and p.crawl_id = @crawlId and p.kind = 'page' and p.state in ('fetched', 'unchanged', 'failed')
        on conflict (tenant_id, source_id, url) do update
           set etag = case when excluded.failure is null then excluded.etag else w.etag end,
               last_modified = case when excluded.failure is null then excluded.last_modified else w.last_modified end, checked_at = excluded.checked_at,
               failing_since = case when excluded.failure is not null then coalesce(w.failing_since, excluded.failing_since) end, failure = excluded.failure, gone_at = null
        """;

    internal const string MissingSql = """
        update web_pages w set gone_at = coalesce(w.gone_at, @now), checked_at = @now, failing_since = null, failure = null
         where w.tenant_id = @tenantId and w.source_id = @sourceId
           and not exists (select 1 from crawl_pages p where p.tenant_id = w.tenant_id and p.crawl_id = @crawlId and p.url = w.url and p.state in ('fetched', 'unchanged', 'failed'))
        """;

    internal const string FailSourceSql = """
        update knowledge_sources set failing_since = coalesce(failing_since, @now), failure = @error, updated_at = @now where tenant_id = @tenantId and id = @sourceId
        """;

    internal const string HashesSql = "select distinct object_hash from crawl_pages where tenant_id = @tenantId and crawl_id = @crawlId and object_hash is not null";

    private sealed record Totals
    {
        public int Pages { get; init; }
        public int Failed { get; init; }
        public int Gone { get; init; }
        public string? FirstFailure { get; init; }
        public string? Start { get; init; }
    }

    private sealed record Vanishing
    {
        public int Known { get; init; }
        public int Gone { get; init; }
    }

    internal async Task FinishAsync(JobContext job, Crawl crawl, CancellationToken ct)
    {
        var imports = await db.InTransactionAsync(job.TenantId, async session =>
        {
            var args = new { tenantId = session.TenantId, crawlId = crawl.Id, sourceId = crawl.SourceId, now = time.GetUtcNow() };
            if (await session.QuerySingleOrDefaultAsync<Crawl>(CrawlStore.LockSql, args) is not { State: "running" })
                return false;
            var totals = await session.QuerySingleAsync<Totals>(TotalsSql, args);
            if (await RefusalAsync(session, crawl, totals, args) is { } error)
            {
                await FailAsync(session, crawl, error, args.now);
                await job.CompleteAsync(session);
                return false;
            }
            await session.ExecuteAsync(CrawlStore.EndSql, new { args.tenantId, args.crawlId, args.now, state = "done", error = (string?)null });
            log.CrawlEnded(crawl.Id, totals.Pages, totals.Failed, totals.Gone);
            if (crawl.IsPreview)
            {
                await job.CompleteAsync(session);
                return false;
            }
            await session.ExecuteAsync(FilesSql, args);
            await session.ExecuteAsync(RememberSql, args);
            await session.ExecuteAsync(MissingSql, args);
            await session.ExecuteAsync(QueueSql, new { args.tenantId, args.crawlId, args.now, total = totals.Pages + totals.Failed, failed = totals.Failed });
            Publish(session, crawl.Id);
            await jobs.EnqueueAsync(session, ImportJob.JobKind, new ImportJob.Payload(crawl.Id), aggregateKey: "source:" + crawl.SourceId!.Value.ToString("N"));
            await job.CompleteAsync(session);
            return true;
        }, ct);
        // Cancelled meanwhile, held back, or only looked at: its files are nobody's.
        if (!imports)
            await SweepAsync(job.TenantId, crawl.Id, ct);
    }

    internal async Task FailAsync(JobContext job, Crawl crawl, string error, CancellationToken ct)
    {
        await db.InTransactionAsync(job.TenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Crawl>(CrawlStore.LockSql, new { tenantId = session.TenantId, crawlId = crawl.Id }) is { State: "running" })
                await FailAsync(session, crawl, error, time.GetUtcNow());
            await job.CompleteAsync(session);
        }, ct);
        await SweepAsync(job.TenantId, crawl.Id, ct);
    }

    /// <summary>Removes the files of a crawl that became no import.</summary>
    internal async Task SweepAsync(Guid tenantId, Guid crawlId, CancellationToken ct)
    {
        var hashes = await db.InTransactionAsync(tenantId, s => s.QueryAsync<byte[]>(HashesSql, new { tenantId, crawlId }), ct);
        await files.SweepAsync(tenantId, hashes, ct);
    }

    private static async Task<string?> RefusalAsync(TenantSession session, Crawl crawl, Totals totals, object args)
    {
        if (totals.Pages == 0)
            return $"No page could be read. {totals.FirstFailure ?? totals.Start}";
        if (crawl.IsPreview || crawl.AcceptRemovals)
            return null;
        var documents = await session.QuerySingleAsync<Vanishing>(VanishingSql, args);
        return documents.Gone > FewDocuments && documents.Gone > documents.Known / 2
            ? $"The site shows {documents.Known - documents.Gone} of the {documents.Known} pages that are here. Nothing was removed. If they are meant to be gone, run it again and accept the removals."
            : null;
    }

    private async Task FailAsync(TenantSession session, Crawl crawl, string error, DateTimeOffset now)
    {
        var args = new { tenantId = session.TenantId, crawlId = crawl.Id, sourceId = crawl.SourceId, state = "failed", error, now };
        await session.ExecuteAsync(CrawlStore.EndSql, args);
        if (crawl.IsPreview)
            return;
        await session.ExecuteAsync(FailImportSql, args);
        await session.ExecuteAsync(FailSourceSql, args);
        Publish(session, crawl.Id);
    }

    private void Publish(TenantSession session, Guid importId)
    {
        var topic = new FeedTopic(session.TenantId, ImportFeed.Topic, importId);
        session.OnCommitted(() => hub.Publish(topic));
    }
}
