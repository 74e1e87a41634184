using System.Text.Json;
using Parley.Platform.Data;

namespace Parley.Platform.Jobs;

/// <summary>Writes jobs in the business transaction.</summary>
public sealed class JobQueue(TimeProvider time, JobSignal signal)
{
    internal const string EnqueueSql =
        "select job_enqueue(@tenantId, @id, @kind, @aggregateKey, @payload::jsonb, @priority::smallint, @maxAttempts, @runAt, @now)";

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    /// <summary>Adds a job; it becomes visible with the caller's commit and wakes this node's dispatcher then.</summary>
    /// <param name="session">The business transaction.</param>
    /// <param name="kind">What to run.</param>
    /// <param name="payload">Ids, not texts; serialised as JSON.</param>
    /// <param name="aggregateKey">Jobs of a tenant with the same key run one after another in the order they were added. Held by a lock until the commit, so add the job late.</param>
    /// <param name="runAt">Not before; null: at once.</param>
    public async Task<Guid> EnqueueAsync(TenantSession session, JobKind kind, object payload, string? aggregateKey = null, DateTimeOffset? runAt = null)
    {
        var now = time.GetUtcNow();
        var id = Ids.New(time);
        await session.ExecuteAsync(EnqueueSql, new
        {
            tenantId = session.TenantId, id, kind = kind.Name, aggregateKey, payload = JsonSerializer.Serialize(payload, Json),
            priority = kind.Priority, maxAttempts = kind.MaxAttempts, runAt = runAt ?? now, now,
        });
        session.OnCommitted(signal.Set);
        return id;
    }
}
