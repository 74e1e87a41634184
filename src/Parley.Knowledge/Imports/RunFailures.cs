using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Imports;

/// <summary>
/// Whether a crawl or an import that threw goes on. Kills, an absent database and a full disk are not its own failures: it waits for their
/// end as long as its job has attempts, and says what it waits for. Parley's own failures are counted, and a few are enough.
/// </summary>
internal sealed class RunFailures(TenantDb db, FeedHub hub)
{
    private const int Most = 5;

    internal const string CountImportSql = "update imports set failures = failures + 1 where tenant_id = @tenantId and id = @runId returning failures";

    internal const string CountCrawlSql = "update crawls set failures = failures + 1 where tenant_id = @tenantId and id = @runId returning failures";

    internal const string WaitingSql = """
        update imports set error = @error where tenant_id = @tenantId and id = @runId and state in ('crawling', 'queued', 'running') and error is distinct from @error
        """;

    /// <summary>Null: another attempt may help. Else what to tell whoever started it.</summary>
    /// <param name="job">The attempt that threw.</param>
    /// <param name="runId">The import, or the crawl.</param>
    /// <param name="crawl">Which of the two.</param>
    /// <param name="e">What it threw.</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<string?> AfterAsync(JobContext job, Guid runId, bool crawl, Exception e, CancellationToken ct)
    {
        if (Outages.Explain(e) is { } outage)
        {
            if (job.IsLastAttempt)
                return "It waited too long. " + outage.Message;
            // An absent database cannot be told; a full one hardly.
            if (outage.Code.StartsWith("objects", StringComparison.Ordinal))
                await TellAsync(job.TenantId, runId, outage.Message + " It goes on by itself.", ct);
            return null;
        }
        var failures = await db.InTransactionAsync(job.TenantId,
            s => s.QuerySingleOrDefaultAsync<int>(crawl ? CountCrawlSql : CountImportSql, new { tenantId = job.TenantId, runId }), ct);
        return failures >= Most || job.IsLastAttempt
            ? $"Something in Parley failed, not {(crawl ? "on the site" : "in your files")}. {(crawl ? "Run it" : "Import")} again; if it happens again, look into the server's log for this import."
            : null;
    }

    /// <summary>It is under way again.</summary>
    internal Task ResumeAsync(Guid tenantId, Guid runId, CancellationToken ct) => TellAsync(tenantId, runId, null, ct);

    private async Task TellAsync(Guid tenantId, Guid runId, string? error, CancellationToken ct)
    {
        var changed = await db.InTransactionAsync(tenantId, s => s.ExecuteAsync(WaitingSql, new { tenantId, runId, error }), ct);
        if (changed > 0)
            hub.Publish(new FeedTopic(tenantId, ImportFeed.Topic, runId));
    }
}
