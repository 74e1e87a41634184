using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Platform.Data;

namespace Parley.Platform;

/// <summary>Tells the database each few seconds that this node lives, so that <c>doctor</c> and a node that starts know who else does.</summary>
internal sealed class NodeHeartbeat(SystemDb system, NodeIdentity node, TimeProvider time, ILogger<NodeHeartbeat> log) : BackgroundService
{
    internal const string SeenSql = "select node_seen(@id, @version)";
    internal const string LeftSql = "select node_left(@id)";

    /// <summary>A node that was not seen for 30 seconds counts as gone (<c>nodes_alive</c>).</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // Short, and also when the patience for stopping is used up.
        await TryAsync(LeftSql, CancellationToken.None);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await TryAsync(SeenSql, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task TryAsync(string sql, CancellationToken ct)
    {
        try
        {
            await system.ExecuteAsync(sql, new { id = node.Id, version = node.Version }, ct);
        }
        catch (NpgsqlException e)
        {
            // The database is away; the next beat comes.
            log.HeartbeatFailed(e);
        }
    }
}
