using Parley.Platform.Data;

namespace Parley.Platform.Jobs;

/// <summary>A job that was given up.</summary>
public sealed record DeadJob
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>What kind of work, e.g. <c>knowledge.import</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was given up.</summary>
    public DateTimeOffset DeadAt { get; init; }
}

/// <summary>A tenant's dead letters: what failed on its last attempt waits here for a person.</summary>
public sealed class DeadJobs(TimeProvider time, JobSignal signal)
{
    internal const string PageSql = """
        select id, kind, attempts, last_error as error, created_at, coalesce(dead_at, created_at) as dead_at from jobs
         where tenant_id = @tenantId and state = 'dead' and (@at::timestamptz is null or (dead_at, id) < (@at, @id::uuid))
         order by dead_at desc, id desc limit @take
        """;

    internal const string RetrySql = "select job_retry(@tenantId, @id, @now)";
    internal const string DiscardSql = "select job_discard(@tenantId, @id)";

    /// <summary>The newest first, after a position.</summary>
    public static Task<IReadOnlyList<DeadJob>> ListAsync(TenantSession session, DateTimeOffset? at, Guid? id, int take) =>
        session.QueryAsync<DeadJob>(PageSql, new { tenantId = session.TenantId, at, id, take });

    /// <summary>Gives it all its attempts again. False: there is no such dead job.</summary>
    public async Task<bool> RetryAsync(TenantSession session, Guid id)
    {
        var found = await session.QuerySingleAsync<bool>(RetrySql, new { tenantId = session.TenantId, id, now = time.GetUtcNow() });
        session.OnCommitted(signal.Set);
        return found;
    }

    /// <summary>Forgets it. False: there is no such dead job.</summary>
    public static Task<bool> DiscardAsync(TenantSession session, Guid id) =>
        session.QuerySingleAsync<bool>(DiscardSql, new { tenantId = session.TenantId, id });
}
