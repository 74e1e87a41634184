using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Data;

namespace Parley.Platform.Jobs;

/// <summary>A kind of job and how it is treated.</summary>
/// <param name="Name">As stored, e.g. <c>knowledge.import</c>.</param>
/// <param name="Priority">Higher first: turns 10, imports 0.</param>
/// <param name="MaxAttempts">Then it is a dead letter.</param>
/// <param name="LeaseSeconds">Extended while the handler runs; a dead node's jobs are free after it.</param>
public sealed record JobKind(string Name, short Priority = 0, int MaxAttempts = 5, int LeaseSeconds = 30);

/// <summary>Does the work of one kind. Runs at least once; effects inside the database become exactly-once by <see cref="JobContext.CompleteAsync"/>.</summary>
public interface IJobHandler
{
    /// <summary>Throw to be retried with backoff. The token ends when the lease is lost or the node stops.</summary>
    Task HandleAsync(JobContext job, CancellationToken ct);
}

/// <summary>One attempt at a job.</summary>
public sealed class JobContext(Guid tenantId, Guid id, string kind, int attempt, int maxAttempts, string payload, string node)
{
    private const string CompleteSql = """
        with finished as (delete from jobs where tenant_id = @tenantId and id = @id and attempts = @attempt and state = 'running' and leased_by = @node returning *)
        insert into job_history (tenant_id, id, kind, outcome, attempts, created_at, finished_at)
        select tenant_id, id, kind, 'done', attempts, created_at, now() from finished
        """;

    /// <summary>The tenant whose work it is.</summary>
    public Guid TenantId { get; } = tenantId;

    /// <summary>The job's id.</summary>
    public Guid Id { get; } = id;

    /// <summary>The kind's name.</summary>
    public string Kind { get; } = kind;

    /// <summary>1 for the first attempt.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>True on the last attempt: a failure now makes a dead letter.</summary>
    public bool IsLastAttempt => Attempt >= maxAttempts;

    internal bool Completed { get; private set; }

    /// <summary>The payload as it was enqueued.</summary>
    public T Payload<T>() => JsonSerializer.Deserialize<T>(payload, JobQueue.Json) ?? throw new JsonException("The payload is null.");

    /// <summary>
    /// Ends the job in the handler's own transaction. Throws <see cref="LeaseLostException"/> when another node has taken the job
    /// over, which rolls the transaction back: two nodes can never both commit. The dispatcher completes a job that did not.
    /// </summary>
    public async Task CompleteAsync(TenantSession session)
    {
        if (await session.ExecuteAsync(CompleteSql, new { tenantId = TenantId, id = Id, attempt = Attempt, node }) == 0)
        {
            throw new LeaseLostException();
        }
        session.OnCommitted(() => Completed = true);
    }
}

/// <summary>Another node has taken the job over.</summary>
public sealed class LeaseLostException() : Exception("The lease of this job was lost to another attempt.");

/// <summary>Writes jobs in the business transaction.</summary>
public sealed class JobQueue(TimeProvider time, JobSignal signal)
{
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    private const string InsertSql = """
        insert into jobs (tenant_id, id, kind, aggregate_key, payload, priority, run_at, max_attempts, created_at)
        values (@tenantId, @id, @kind, @aggregateKey, @payload::jsonb, @priority, @runAt, @maxAttempts, @now)
        """;

    /// <summary>Adds a job; it becomes visible with the caller's commit and wakes this node's dispatcher then.</summary>
    /// <param name="session">The business transaction.</param>
    /// <param name="kind">What to run.</param>
    /// <param name="payload">Ids, not texts; serialised as JSON.</param>
    /// <param name="aggregateKey">Jobs with the same key run one after another in the order they were added.</param>
    /// <param name="runAt">Not before; null: at once.</param>
    public async Task<Guid> EnqueueAsync(TenantSession session, JobKind kind, object payload, string? aggregateKey = null, DateTimeOffset? runAt = null)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await session.ExecuteAsync(InsertSql, new
        {
            tenantId = session.TenantId, id, kind = kind.Name, aggregateKey, payload = JsonSerializer.Serialize(payload, Json),
            priority = kind.Priority, runAt = runAt ?? now, maxAttempts = kind.MaxAttempts, now,
        });
        session.OnCommitted(signal.Set);
        return id;
    }
}

/// <summary>Wakes the dispatcher of this process.</summary>
public sealed class JobSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    /// <summary>There may be work.</summary>
    public void Set()
    {
        try
        {
            _semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _semaphore.Dispose();

    /// <summary>Waits for work or for <paramref name="timeout"/>.</summary>
    public Task<bool> WaitAsync(TimeSpan timeout, CancellationToken ct) => _semaphore.WaitAsync(timeout, ct);
}

/// <summary>A registered kind with its handler.</summary>
public sealed record JobRegistration(JobKind Kind, Type Handler);

/// <summary>Registration.</summary>
public static class JobRegistrations
{
    /// <summary>Lets this process run jobs of a kind. The handler is created in a scope of its own for each attempt.</summary>
    public static IServiceCollection AddJob<THandler>(this IServiceCollection services, JobKind kind)
        where THandler : class, IJobHandler
    {
        services.AddScoped<THandler>();
        return services.AddSingleton(new JobRegistration(kind, typeof(THandler)));
    }
}
