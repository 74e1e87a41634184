using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;

namespace Parley.Platform.Feed;

/// <summary>
/// Looks each second for commits that nobody told this node of. It reads only below <c>pg_snapshot_xmin</c>: what commits later than
/// its number suggests is never skipped.
/// </summary>
internal sealed class FeedPoller(FeedHub hub, IEnumerable<FeedChangeLog> logs, SystemDb system, TimeProvider time, ILogger<FeedPoller> log) : BackgroundService
{
    private const int Limit = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await Task.WhenAll(logs.Select(changes => PollAsync(changes, stoppingToken)));
    }

    private async Task PollAsync(FeedChangeLog changes, CancellationToken ct)
    {
        Mark? at = null;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    at = at is null
                        ? await system.QuerySingleOrDefaultAsync<Mark>(changes.HeadSql, null, ct)
                        : await ReadOnAsync(changes, at, ct);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.PollFailed(e);
                }
            }
            while (await timer.WaitForNextTickAsync(ct));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    private async Task<Mark> ReadOnAsync(FeedChangeLog changes, Mark at, CancellationToken ct)
    {
        while (true)
        {
            var rows = await system.QueryAsync<Change>(changes.SinceSql, new { xid = at.Xid, position = at.Position, limit = Limit }, ct);
            foreach (var row in rows)
            {
                var topic = new FeedTopic(row.TenantId, row.Kind, row.Id);
                if (!hub.Knows(topic, row.Version))
                {
                    hub.Deliver(topic, row.Version, null);
                }
                at = new Mark { Xid = row.Xid, Position = row.Position };
            }
            if (rows.Count < Limit)
            {
                return at;
            }
        }
    }

    private sealed record Mark
    {
        public string Xid { get; init; } = "0";

        public long Position { get; init; }
    }

    private sealed record Change
    {
        public Guid TenantId { get; init; }

        public string Kind { get; init; } = "";

        public Guid Id { get; init; }

        public long Version { get; init; }

        public string Xid { get; init; } = "0";

        public long Position { get; init; }
    }
}
