using System.Text.Json;
using Parley.Platform.Data;

namespace Parley.Platform.Jobs;

/// <summary>One attempt at a job.</summary>
public sealed class JobContext
{
    internal const string CompleteSql = "select job_complete(@tenantId, @id, @fence, @node, @aggregateKey)";
    private readonly ClaimedJob _job;
    private readonly string _node;

    internal JobContext(ClaimedJob job, string node)
    {
        _job = job;
        _node = node;
    }

    /// <summary>The tenant whose work it is.</summary>
    public Guid TenantId => _job.TenantId;

    /// <summary>The job's id.</summary>
    public Guid Id => _job.Id;

    /// <summary>The kind's name.</summary>
    public string Kind => _job.Kind;

    /// <summary>1 for the first attempt. An attempt that a graceful shutdown cut short does not count.</summary>
    public int Attempt => _job.Attempts;

    /// <summary>True on the last attempt: a failure now makes a dead letter.</summary>
    public bool IsLastAttempt => _job.Attempts >= _job.MaxAttempts;

    internal bool Completed { get; private set; }

    /// <summary>The payload as it was enqueued.</summary>
    public T Payload<T>() => JsonSerializer.Deserialize<T>(_job.Payload, JobQueue.Json) ?? throw new JsonException("The payload is null.");

    /// <summary>
    /// Ends the job in the handler's own transaction. Throws <see cref="LeaseLostException"/> when another node has taken the job
    /// over, which rolls the transaction back: two nodes can never both commit. The dispatcher completes a job that did not.
    /// </summary>
    public async Task CompleteAsync(TenantSession session)
    {
        if (!await session.QuerySingleAsync<bool>(CompleteSql, new { tenantId = TenantId, id = Id, fence = _job.Fence, node = _node, aggregateKey = _job.AggregateKey }))
        {
            throw new LeaseLostException();
        }
        session.OnCommitted(() => Completed = true);
    }

    /// <summary>The job went with what it deleted, its own row included: there is nothing left to end.</summary>
    public void Gone() => Completed = true;
}

/// <summary>A row of <c>jobs_claim</c>.</summary>
internal sealed record ClaimedJob
{
    public Guid TenantId { get; init; }

    public Guid Id { get; init; }

    public string Kind { get; init; } = "";

    public string? AggregateKey { get; init; }

    public int Attempts { get; init; }

    public int MaxAttempts { get; init; }

    public int Fence { get; init; }

    public string Payload { get; init; } = "{}";
}
