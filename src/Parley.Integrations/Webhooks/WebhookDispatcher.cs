using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Conversations.Contracts;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Integrations.Webhooks;

/// <summary>Tells the dispatcher of this node that there may be something to send.</summary>
internal sealed class WebhookSignal
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Ends with the next signal. Take it before looking for work, so that none is missed in between.</summary>
    internal Task Next => _next.Task;

    internal void Set() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Leases webhooks that have something to do and runs them side by side. Not among the jobs: a lane of jobs has few slots, and receivers are
/// other people's servers, of which a slow one may keep nothing waiting but itself.
/// </summary>
internal sealed class WebhookDispatcher(SystemDb system, WebhookRun runs, WebhookSignal signal, FeedHub feed, NodeIdentity node, JobOptions options, TimeProvider time, ILogger<WebhookDispatcher> log)
    : BackgroundService
{
    internal const string ClaimSql = "select * from webhooks_claim(@node, @now, @limit, @lease)";
    internal const string ExtendSql = "select * from webhooks_extend(@node, @ids, @fences, @lease)";
    internal const string ReleaseSql = "select webhooks_release(@node)";

    /// <summary>Webhooks that a node works for at once. They only wait.</summary>
    private const int Slots = 64;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<(Guid Id, int Fence), Running> _running = new();

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var all = Task.WhenAll(_running.Values.Select(run => run.Task));
        if (await Task.WhenAny(all, Task.Delay(options.Drain, time, CancellationToken.None)) != all)
        {
            await Task.WhenAll(_running.Values.Select(run => run.Cancellation.CancelAsync()));
        }
        try
        {
            await system.ExecuteAsync(ReleaseSql, new { node = node.Id }, CancellationToken.None);
        }
        catch (Exception e)
        {
            // They are free when their leases expire.
            log.WebhooksNotReleased(e);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var news = feed.Listen(topic =>
        {
            if (topic.Kind == ConversationTopic.Conversation)
            {
                signal.Set();
            }
        });
        await Task.WhenAll(ClaimAsync(stoppingToken), RenewAsync(stoppingToken));
    }

    private async Task ClaimAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var (next, claimed) = (signal.Next, 0);
            try
            {
                if (Slots - _running.Count is > 0 and var free)
                {
                    // Not cancelled by the stop: a claim whose answer is lost would stay leased until it expires.
                    var leases = await system.QueryAsync<WebhookLease>(ClaimSql, new { node = node.Id, now = time.GetUtcNow(), limit = free, lease = Lease }, CancellationToken.None);
                    claimed = leases.Count;
                    foreach (var lease in leases)
                    {
                        Start(lease, stopping);
                    }
                }
            }
            catch (Exception e)
            {
                log.WebhooksNotClaimed(e);
            }
            if (claimed == 0)
            {
                await Task.WhenAny(next, Task.Delay(Poll, time, stopping));
            }
            // Answers that are being written wake with every piece of them.
            await Task.Delay(Gather, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Start(WebhookLease lease, CancellationToken stopping)
    {
        var run = new Running(time.GetTimestamp());
        _running[(lease.WebhookId, lease.Fence)] = run;
        run.Task = Task.Run(async () =>
        {
            try
            {
                await runs.RunAsync(lease, stopping, run.Cancellation.Token);
            }
            catch (OperationCanceledException) when (run.Cancellation.IsCancellationRequested)
            {
                // The lease was lost, or the node has stopped; somebody goes on from what is written down.
            }
            catch (Exception e)
            {
                // Its lease ends by itself: what fails at once is not tried again at once.
                log.WebhookRunFailed(lease.WebhookId, e);
            }
            finally
            {
                _running.TryRemove((lease.WebhookId, lease.Fence), out _);
                signal.Set();
            }
        }, CancellationToken.None);
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(Poll, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var due = _running.Where(run => time.GetElapsedTime(run.Value.LeasedAt) > Lease / 4).ToList();
            if (due.Count == 0 || stopping.IsCancellationRequested)
            {
                continue;
            }
            var at = time.GetTimestamp();
            try
            {
                var kept = (await system.QueryAsync<(Guid, int)>(ExtendSql, new
                {
                    node = node.Id, ids = due.ConvertAll(run => run.Key.Id).ToArray(), fences = due.ConvertAll(run => run.Key.Fence).ToArray(), lease = Lease,
                }, stopping)).ToHashSet();
                foreach (var (key, run) in due)
                {
                    if (kept.Contains(key))
                    {
                        run.LeasedAt = at;
                    }
                    else
                    {
                        await run.Cancellation.CancelAsync();
                    }
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                log.WebhooksNotClaimed(e);
            }
        }
    }

    private sealed class Running(long leasedAt)
    {
        public long LeasedAt { get; set; } = leasedAt;

        public CancellationTokenSource Cancellation { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
