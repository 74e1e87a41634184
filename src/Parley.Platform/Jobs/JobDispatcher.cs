using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;

namespace Parley.Platform.Jobs;

/// <summary>
/// Claims jobs for this node and runs them. Two lanes with slots of their own; in each, tenants take turns. A job is claimed by
/// one short statement and no lock is held while it runs; its lease is renewed until it ends, and a lease that could not be
/// renewed cancels the handler.
/// </summary>
internal sealed class JobDispatcher(
    SystemDb system, JobRunner runner, JobSignal signal, IEnumerable<JobRegistration> registrations, JobOptions options, NodeIdentity node, TimeProvider time, ILogger<JobDispatcher> log)
    : BackgroundService
{
    internal const string ClaimSql = "select * from jobs_claim(@node, @interactive, @kinds, @after, @limit, @lease)";
    internal const string TickSql = "select jobs_tick(@now)";
    internal const string ExtendSql = "select * from jobs_extend(@node, @ids, @fences, @lease)";
    internal const string ReleaseSql = "select jobs_release(@node)";

    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<(Guid Id, int Fence), RunningJob> _running = new();

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await DrainAsync();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var kinds = registrations.Select(r => r.Kind).ToList();
        await Task.WhenAll(
            ClaimAsync(true, kinds, options.InteractiveSlots, stoppingToken),
            ClaimAsync(false, kinds, options.BackgroundSlots, stoppingToken),
            TickAsync(stoppingToken));
    }

    private async Task ClaimAsync(bool interactive, List<JobKind> all, int slots, CancellationToken stopping)
    {
        var kinds = all.Where(kind => kind.Interactive == interactive).Select(kind => kind.Name).ToArray();
        if (kinds.Length == 0)
        {
            return;
        }
        var lease = TimeSpan.FromSeconds(all.Where(kind => kind.Interactive == interactive).Min(kind => kind.LeaseSeconds));
        using var free = new SemaphoreSlim(slots, slots);
        var after = Guid.Empty;
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var held = 0;
            try
            {
                await free.WaitAsync(stopping);
                for (held = 1; held < slots && free.Wait(0, CancellationToken.None); held++)
                {
                }
                var news = signal.Next;
                var deadline = time.GetTimestamp();
                // Not cancelled by the stop: a claim whose answer is lost would stay leased until it expires.
                var claimed = await system.QueryAsync<ClaimedJob>(ClaimSql, new { node = node.Id, interactive, kinds, after, limit = held, lease }, CancellationToken.None);
                failures = 0;
                foreach (var job in claimed)
                {
                    after = job.TenantId;
                    held--;
                    Start(job, lease, interactive, deadline, free);
                }
                if (held > 0)
                {
                    free.Release(held);
                    held = 0;
                    await Task.WhenAny(news, Task.Delay(options.Poll, time, stopping));
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.ClaimFailed(e);
                if (held > 0)
                {
                    free.Release(held);
                }
                await PauseAsync(++failures, stopping);
            }
        }
    }

    private void Start(ClaimedJob job, TimeSpan lease, bool interactive, long claimedAt, SemaphoreSlim free)
    {
        var running = new RunningJob(job, lease, interactive, claimedAt);
        _running[(job.Id, job.Fence)] = running;
        running.Task = Task.Run(async () =>
        {
            try
            {
                await runner.RunAsync(job, running.Cancellation.Token);
            }
            finally
            {
                _running.TryRemove((job.Id, job.Fence), out _);
                try
                {
                    free.Release();
                }
                catch (ObjectDisposedException)
                {
                    // The lane has stopped.
                }
                if (job.AggregateKey is not null)
                {
                    // The next of its aggregate may be runnable now.
                    signal.Wake();
                }
            }
        });
    }

    private async Task TickAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Poll, time);
        try
        {
            do
            {
                try
                {
                    if (await system.QuerySingleOrDefaultAsync<int>(TickSql, new { now = time.GetUtcNow() }, stopping) > 0)
                    {
                        signal.Wake();
                    }
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.TickFailed(e);
                }
                await RenewAsync(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        foreach (var group in _running.Values.Where(job => time.GetElapsedTime(job.LeasedAt) > job.Lease / 3).GroupBy(job => job.Lease))
        {
            var jobs = group.ToList();
            var at = time.GetTimestamp();
            try
            {
                var kept = (await system.QueryAsync<(Guid Id, int Fence)>(ExtendSql, new
                {
                    node = node.Id, ids = jobs.ConvertAll(job => job.Job.Id).ToArray(), fences = jobs.ConvertAll(job => job.Job.Fence).ToArray(), lease = group.Key,
                }, ct)).ToHashSet();
                foreach (var job in jobs)
                {
                    // By fence: this node itself may have taken the job over from its own lost lease.
                    if (kept.Contains((job.Job.Id, job.Job.Fence)))
                    {
                        job.LeasedAt = at;
                    }
                    else if (_running.ContainsKey((job.Job.Id, job.Job.Fence)))
                    {
                        log.LeaseLost(job.Job.Kind, job.Job.Id);
                        await job.Cancellation.CancelAsync();
                    }
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.TickFailed(e);
                foreach (var job in jobs.Where(job => time.GetElapsedTime(job.LeasedAt) > job.Lease))
                {
                    // Nobody can be told that we still work on it: somebody else may have begun.
                    log.LeaseLost(job.Job.Kind, job.Job.Id);
                    await job.Cancellation.CancelAsync();
                }
            }
        }
    }

    private async Task DrainAsync()
    {
        foreach (var job in _running.Values.Where(job => !job.Interactive))
        {
            await job.Cancellation.CancelAsync();
        }
        using var patience = new CancellationTokenSource(options.Drain, time);
        while (!_running.IsEmpty && !patience.IsCancellationRequested)
        {
            await Task.WhenAny(Task.WhenAll(_running.Values.Select(job => job.Task)), Task.Delay(options.Poll, time, CancellationToken.None));
            await RenewAsync(CancellationToken.None);
        }
        foreach (var job in _running.Values)
        {
            await job.Cancellation.CancelAsync();
        }
        await Task.WhenAny(Task.WhenAll(_running.Values.Select(job => job.Task)), Task.Delay(CancelPatience, time, CancellationToken.None));
        try
        {
            await system.ExecuteAsync(ReleaseSql, new { node = node.Id }, CancellationToken.None);
        }
        catch (Exception e)
        {
            // They are free when their leases expire.
            log.ReleaseFailed(e);
        }
    }

    private async Task PauseAsync(int failures, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(1000, 50 << Math.Min(failures, 6))), time, stopping);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private sealed class RunningJob(ClaimedJob job, TimeSpan lease, bool interactive, long leasedAt)
    {
        public ClaimedJob Job { get; } = job;

        public TimeSpan Lease { get; } = lease;

        public bool Interactive { get; } = interactive;

        public long LeasedAt { get; set; } = leasedAt;

        public CancellationTokenSource Cancellation { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
