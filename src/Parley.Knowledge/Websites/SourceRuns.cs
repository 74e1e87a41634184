using Microsoft.Extensions.Logging;
using Parley.Knowledge.Imports;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Websites;

/// <summary>Starts crawls: when somebody asks, and when a source is due.</summary>
internal sealed class SourceRuns(TenantDb db, SystemDb system, JobQueue jobs, FeedHub hub, TimeProvider time, ILogger<SourceRuns> log)
{
    internal const string Schedule = "knowledge.due_sources";
    internal const string Cron = "20 * * * * ?";

    /// <summary>Sources that one moment of the schedule starts; more than that are due again a minute later.</summary>
    private const int AtOnce = 200;

    internal const string DueSql = "select tenant_id, source_id from sources_due(@now, @limit)";

    internal const string LockSql = """
        select id, kind, state, settings::text as settings, schedule_hours, next_run_at from knowledge_sources
         where tenant_id = @tenantId and id = @sourceId and state <> 'deleting' for no key update
        """;

    internal const string NextSql = "update knowledge_sources set next_run_at = @next where tenant_id = @tenantId and id = @sourceId";

    internal const string InsertImportSql = """
        insert into imports (tenant_id, id, source_id, state, mode, requested_by, created_at, active_at)
        values (@tenantId, @id, @sourceId, 'crawling', 'complete', @requestedBy, @now, @now)
        on conflict (tenant_id, source_id) where state in ('uploading', 'crawling', 'queued', 'running') do nothing
        """;

    internal const string InsertCrawlSql = """
        insert into crawls (tenant_id, id, source_id, purpose, settings, accept_removals, created_at)
        values (@tenantId, @id, @sourceId, @purpose, @settings::jsonb, @acceptRemovals, @now)
        """;

    // What came of older crawls is in the documents and pages; the lists are kept for a week.
    internal const string PruneSql = "delete from crawls where tenant_id = @tenantId and created_at < @before and state <> 'running'";

    private static readonly TimeSpan KeepCrawls = TimeSpan.FromDays(7);

    internal sealed record Row
    {
        public Guid Id { get; init; }
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public string Settings { get; init; } = "{}";
        public int? ScheduleHours { get; init; }
        public DateTimeOffset? NextRunAt { get; init; }
    }

    private sealed record DueRow
    {
        public Guid TenantId { get; init; }
        public Guid SourceId { get; init; }
    }

    internal static Task<Row?> LockAsync(TenantSession session, Guid sourceId) =>
        session.QuerySingleOrDefaultAsync<Row>(LockSql, new { tenantId = session.TenantId, sourceId });

    /// <summary>Starts every source whose time has come. Two nodes at once start each source once: the row's lock and its next time decide.</summary>
    internal async Task StartDueAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var due in await system.QueryAsync<DueRow>(DueSql, new { now, limit = AtOnce }, ct))
        {
            try
            {
                await db.InTransactionAsync(due.TenantId, session => StartDueAsync(session, due.SourceId, now), ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // It is due again in a minute, behind no other: one that cannot be started must not keep the rest from starting.
                log.SourceNotStarted(due.SourceId, e);
            }
        }
    }

    private async Task StartDueAsync(TenantSession session, Guid sourceId, DateTimeOffset now)
    {
        if (await LockAsync(session, sourceId) is not { State: "active", NextRunAt: { } at } source || at > now)
            return;
        await ScheduleAsync(session, sourceId, source.ScheduleHours);
        if (source.Kind == "website")
            await StartAsync(session, source, acceptRemovals: false, requestedBy: null);
    }

    /// <summary>Sets when it runs next, from now.</summary>
    internal Task ScheduleAsync(TenantSession session, Guid sourceId, int? hours) => session.ExecuteAsync(NextSql, new
    {
        tenantId = session.TenantId, sourceId, next = hours is { } h ? time.GetUtcNow().AddHours(h) : (DateTimeOffset?)null,
    });

    /// <summary>An import of the source that begins with a crawl. The caller holds the source's row.</summary>
    internal async Task<Result<ImportView>> StartAsync(TenantSession session, Row source, bool acceptRemovals, Guid? requestedBy)
    {
        var (id, now) = (Ids.New(time), time.GetUtcNow());
        await session.ExecuteAsync(PruneSql, new { tenantId = session.TenantId, before = now - KeepCrawls });
        if (await session.ExecuteAsync(InsertImportSql, new { tenantId = session.TenantId, id, sourceId = source.Id, requestedBy, now }) == 0)
        {
            var active = await session.QuerySingleOrDefaultAsync<ImportView>(CreateImport.ActiveSql, new { tenantId = session.TenantId, sourceId = source.Id });
            return active is null ? Error.Conflict("import.running", "An import of this source has just ended. Try again.") : KnowledgeErrors.ImportRunning(active.Id, active.State);
        }
        await session.ExecuteAsync(InsertCrawlSql, new { tenantId = session.TenantId, id, sourceId = source.Id, purpose = "import", settings = source.Settings, acceptRemovals, now });
        await jobs.EnqueueAsync(session, CrawlJob.JobKind, new CrawlJob.Payload(id), aggregateKey: "source:" + source.Id.ToString("N"));
        session.OnCommitted(() => hub.Publish(new FeedTopic(session.TenantId, ImportFeed.Topic, id)));
        return (await ImportRows.ReadAsync(session, id))!;
    }

    /// <summary>A crawl that only lists.</summary>
    internal async Task<Guid> PreviewAsync(TenantSession session, CrawlSettings settings)
    {
        var (id, now) = (Ids.New(time), time.GetUtcNow());
        await session.ExecuteAsync(PruneSql, new { tenantId = session.TenantId, before = now - KeepCrawls });
        await session.ExecuteAsync(InsertCrawlSql, new
        {
            tenantId = session.TenantId, id, sourceId = (Guid?)null, purpose = "preview", settings = settings.ToJson(), acceptRemovals = false, now,
        });
        await jobs.EnqueueAsync(session, CrawlJob.JobKind, new CrawlJob.Payload(id));
        return id;
    }

    internal static Guid? UserOf(Caller caller) => caller.Kind == CallerKind.User ? caller.Id : null;
}
