using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Platform.Data;

namespace Parley.Platform.Telemetry;

/// <summary>
/// What the whole installation has to do, as gauges: jobs by kind and state, the age of the oldest that could run, nodes. Every node reports
/// the same numbers: take the maximum over nodes, not the sum.
/// </summary>
internal sealed class InstallationGauges : BackgroundService
{
    internal const string JobsSql = "select kind, state, count, oldest from jobs_counts()";
    internal const string NodesSql = "select count(*)::int from nodes_alive()";
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly SystemDb _system;
    private readonly TimeProvider _time;
    private readonly ILogger<InstallationGauges> _log;
    private readonly Meter _meter = new(ParleyTelemetry.Name);
    private volatile IReadOnlyDictionary<(string Kind, string State), Row> _jobs = new Dictionary<(string, string), Row>();
    private volatile int _nodes;

    public InstallationGauges(SystemDb system, TimeProvider time, ILogger<InstallationGauges> log)
    {
        (_system, _time, _log) = (system, time, log);
        _meter.CreateObservableGauge("parley.jobs.count", () => _jobs.Values.Select(row => new Measurement<long>(row.Count, new("kind", row.Kind), new("state", row.State))), "{job}",
            "Jobs of the whole installation by kind and state; state dead: given up, waits for a person.");
        _meter.CreateObservableGauge("parley.jobs.oldest_age", () => _jobs.Values.Where(row => row.State == "queued")
            .Select(row => new Measurement<double>(row.Oldest is { } at ? Math.Max(0, (_time.GetUtcNow() - at).TotalSeconds) : 0, new KeyValuePair<string, object?>("kind", row.Kind))), "s",
            "Age of the oldest job that could run and does not yet, in the whole installation.");
        _meter.CreateObservableGauge("parley.nodes.alive", () => _nodes, "{node}", "Nodes of the installation that were seen within 30 seconds.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    internal async Task ReadAsync(CancellationToken ct)
    {
        var rows = await _system.QueryAsync<Row>(JobsSql, null, ct);
        // What has gone is zero from now on, rather than what it was last.
        var next = _jobs.Keys.ToDictionary(key => key, key => new Row { Kind = key.Kind, State = key.State });
        foreach (var row in rows)
        {
            next[(row.Kind, row.State)] = row;
        }
        _jobs = next;
        _nodes = await _system.QuerySingleOrDefaultAsync<int>(NodesSql, null, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Every, _time);
        try
        {
            do
            {
                try
                {
                    await ReadAsync(stoppingToken);
                }
                catch (NpgsqlException e)
                {
                    _log.GaugesFailed(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    internal sealed record Row
    {
        public string Kind { get; init; } = "";

        public string State { get; init; } = "";

        public long Count { get; init; }

        public DateTimeOffset? Oldest { get; init; }
    }
}
