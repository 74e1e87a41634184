using Microsoft.Extensions.Logging;
using Parley.Identity;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Conversations.Retention;

/// <summary>
/// Deletes what the workspace keeps no longer. In batches, each a transaction that also holds its audit entry: a job that was killed goes on
/// where it was, because what is gone is not found again.
/// </summary>
internal sealed class RetentionJob(TenantDb db, SystemDb system, ConfigurationStore configuration, Erasure erasure, TimeProvider time, ILogger<RetentionJob> log) : IJobHandler
{
    internal static readonly JobKind Kind = new("conversations.retain");

    /// <summary>Each night.</summary>
    internal const string Cron = "0 53 2 * * ?";

    internal const int Batch = 100;
    private const int RowBatch = 5_000;

    private const string DueSql = """
        select id from conversations where tenant_id = @tenantId and status = 'closed' and closed_at < @before order by closed_at limit @take
        """;
    private const string VisitorsSql = "select end_users_expire(@tenantId, @before, @take)";
    private const string TracesSql = "select traces_expire(@tenantId, @before, @take)";
    private const string DetailsSql = "select audit_details_expire(@tenantId, @before, @take)";

    public Task HandleAsync(JobContext job, CancellationToken ct) => ApplyAsync(job.TenantId, ct);

    /// <summary>Returns how many conversations were deleted.</summary>
    internal async Task<int> ApplyAsync(Guid tenantId, CancellationToken ct)
    {
        var settings = (await db.InTransactionAsync(tenantId, s => configuration.PublishedAsync<RetentionSettings>(s, RetentionSettings.Kind, tenantId), ct))?.Body ?? new RetentionSettings();
        var now = time.GetUtcNow();
        var deleted = 0;
        if (RetentionApi.Before(now, settings.ConversationDays) is { } conversations)
        {
            deleted = await EraseAsync(tenantId, conversations, ct);
            await AllAsync(VisitorsSql, tenantId, conversations, ct);
        }
        if (RetentionApi.Before(now, settings.TraceDays) is { } traces)
        {
            await AllAsync(TracesSql, tenantId, traces, ct);
        }
        if (RetentionApi.Before(now, settings.AuditDays) is { } details)
        {
            await AllAsync(DetailsSql, tenantId, details, ct);
        }
        if (deleted > 0)
        {
            log.Retained(deleted);
        }
        return deleted;
    }

    private async Task<int> EraseAsync(Guid tenantId, DateTimeOffset before, CancellationToken ct)
    {
        for (var deleted = 0; ;)
        {
            var due = await db.InTransactionAsync(tenantId, s => s.QueryAsync<Guid>(DueSql, new { tenantId, before, take = Batch }), ct);
            // None of them is left that may go: what was opened again meanwhile is for another night.
            if (due.Count == 0 || await erasure.EraseAsync(new ErasedConversations(tenantId, [.. due], "retention.applied") { ClosedBefore = before }, AuditActor.System, ct) is not (> 0 and var erased))
            {
                return deleted;
            }
            deleted += erased;
        }
    }

    /// <summary>Until a batch finds nothing: one row may count in two places, so a batch that is not full does not tell that it was the last.</summary>
    private async Task AllAsync(string sql, Guid tenantId, DateTimeOffset before, CancellationToken ct)
    {
        while (await system.QuerySingleOrDefaultAsync<int>(sql, new { tenantId, before, take = RowBatch }, ct) > 0)
        {
            ct.ThrowIfCancellationRequested();
        }
    }
}
