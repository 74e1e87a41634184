using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Telemetry;

namespace Parley.Platform.Jobs;

/// <summary>Runs one attempt of one job to its end: completed, to be tried again, or given up.</summary>
internal sealed class JobRunner(
    TenantDb db, SystemDb system, IServiceScopeFactory scopes, IEnumerable<JobRegistration> registrations, NodeIdentity node, TimeProvider time, ILogger<JobRunner> log)
{
    internal const string FailedSql = "select job_failed(@tenantId, @id, @fence, @node, @error, @retryAt)";
    private const int MaxErrorLength = 500;
    private static readonly TimeSpan TellAgain = TimeSpan.FromMilliseconds(250);
    private readonly Dictionary<string, Type> _handlers = registrations.ToDictionary(r => r.Kind.Name, r => r.Handler, StringComparer.Ordinal);

    internal async Task RunAsync(ClaimedJob job, CancellationToken ct)
    {
        using var activity = ParleyTelemetry.Source.StartActivity("job " + job.Kind);
        activity?.SetTag("parley.job.id", job.Id).SetTag("parley.job.attempt", job.Attempts);
        var started = time.GetTimestamp();
        var outcome = "done";
        try
        {
            var context = new JobContext(job, node.Id);
            await using (var scope = scopes.CreateAsyncScope())
            {
                await ((IJobHandler)scope.ServiceProvider.GetRequiredService(_handlers[job.Kind])).HandleAsync(context, ct);
            }
            if (!context.Completed)
            {
                await db.InTransactionAsync(job.TenantId, context.CompleteAsync, ct);
            }
        }
        catch (LeaseLostException)
        {
            outcome = "lost";
            log.LeaseLost(job.Kind, job.Id);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The lease was lost, or the node stops and hands its jobs back.
            outcome = "cancelled";
        }
        catch (Exception e)
        {
            outcome = await FailAsync(job, e, ct);
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
        }
        ParleyTelemetry.JobFinished(job.Kind, outcome, time.GetElapsedTime(started));
    }

    private async Task<string> FailAsync(ClaimedJob job, Exception e, CancellationToken ct)
    {
        var final = e is JobAbandonedException || job.Attempts >= job.MaxAttempts;
        DateTimeOffset? retryAt = final ? null : time.GetUtcNow() + Backoff.DelayAfter(job.Attempts, Random.Shared.NextDouble());
        var error = e.GetType().Name + ": " + e.Message;
        log.JobFailed(job.Kind, job.Id, job.Attempts, final, e);
        // What made the job fail may be the database itself. It is told when it is back: the job need not rest until its lease expires.
        while (!await TryTellAsync(job, error, retryAt) && !ct.IsCancellationRequested)
        {
            await Task.Delay(TellAgain, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return final ? "dead" : "failed";
    }

    private async Task<bool> TryTellAsync(ClaimedJob job, string error, DateTimeOffset? retryAt)
    {
        try
        {
            await system.ExecuteAsync(FailedSql, new
            {
                tenantId = job.TenantId, id = job.Id, fence = job.Fence, node = node.Id,
                // PostgreSQL's text holds no NUL.
                error = (error.Length > MaxErrorLength ? error[..MaxErrorLength] : error).Replace('\0', ' '), retryAt,
            }, CancellationToken.None);
            return true;
        }
        catch (Exception database)
        {
            log.TickFailed(database);
            // Only the database's absence, or its lack of room, passes; for anything else the lease is what ends it.
            return Outages.Explain(database) is null;
        }
    }
}
