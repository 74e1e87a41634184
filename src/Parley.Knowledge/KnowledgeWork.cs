using Parley.Knowledge.Review;
using Parley.Knowledge.Vectors;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Knowledge;

/// <summary>What follows when a tenant's documents have changed: its own review, and whatever a module above listens for.</summary>
public sealed class KnowledgeWork(JobQueue jobs, KnowledgeOptions options, TimeProvider time)
{
    /// <summary>Runs after every import, removal and publication that changed documents. Handled by a module above, if any registers it.</summary>
    public static readonly JobKind Changed = new("knowledge.changed", MaxAttempts: 5);

    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    internal const string HasVectorsSql = "select exists (select 1 from embedding_sets where tenant_id = @tenantId)";

    internal const string WaitingSql =
        "select exists (select 1 from jobs where tenant_id = @tenantId and aggregate_key = @aggregate and (state = 'waiting' or (state = 'scheduled' and run_at > @soon)))";

    /// <summary>Call it in the transaction of the change. Several changes close together become one review.</summary>
    internal async Task AfterChangeAsync(TenantSession session)
    {
        await EnqueueAsync(session, ReviewJob.JobKind, options.ReviewDelay);
        await EnqueueAsync(session, Changed, options.ChangeDelay);
        if (await session.QuerySingleAsync<bool>(HasVectorsSql, new { tenantId = session.TenantId }))
            await EnqueueAsync(session, EmbedJob.JobKind, options.ChangeDelay);
    }

    private async Task EnqueueAsync(TenantSession session, JobKind kind, TimeSpan delay)
    {
        // One that begins after this transaction has ended will see this change too.
        if (!await session.QuerySingleAsync<bool>(WaitingSql, new { tenantId = session.TenantId, aggregate = kind.Name, soon = time.GetUtcNow() + Margin }))
            await jobs.EnqueueAsync(session, kind, new { }, kind.Name, time.GetUtcNow() + delay);
    }
}
