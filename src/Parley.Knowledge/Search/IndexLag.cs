using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Platform.Telemetry;

namespace Parley.Knowledge.Search;

/// <summary>
/// For how long this node's indexes have been behind their tenants' last change: 0 where none is. A moment of it is usual while documents are
/// imported; minutes mean that an index cannot be brought up to date. Quotations are right all the same, because evidence is read again.
/// </summary>
internal sealed class IndexLag : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private readonly KnowledgeSearch _search;
    private readonly IndexLoader _loader;
    private readonly TimeProvider _time;
    private readonly ILogger<IndexLag> _log;
    private readonly Meter _meter = new(ParleyTelemetry.Name);
    private readonly Dictionary<Guid, (long Change, long Since)> _behind = [];
    private double _seconds;

    public IndexLag(KnowledgeSearch search, IndexLoader loader, TimeProvider time, ILogger<IndexLag> log)
    {
        (_search, _loader, _time, _log) = (search, loader, time, log);
        _meter.CreateObservableGauge("parley.knowledge.index_lag", () => Volatile.Read(ref _seconds), "s", "For how long the index that is furthest behind has been behind its tenant's last change.");
        _meter.CreateObservableGauge("parley.knowledge.indexes", () => _search.Held.Count(), "{index}", "Tenants' indexes in this node's memory.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <summary>Looks once; returns the seconds.</summary>
    internal async Task<double> ReadAsync(CancellationToken ct)
    {
        var longest = TimeSpan.Zero;
        var held = _search.Held.ToDictionary();
        foreach (var gone in _behind.Keys.Where(tenant => !held.ContainsKey(tenant)).ToList())
        {
            _behind.Remove(gone);
        }
        foreach (var (tenantId, change) in held)
        {
            var last = await _loader.ChangeNumberAsync(tenantId, ct);
            if (change >= last)
            {
                _behind.Remove(tenantId);
                continue;
            }
            // One that moves is being brought up to date, however many changes come meanwhile.
            if (!_behind.TryGetValue(tenantId, out var since) || since.Change != change)
            {
                _behind[tenantId] = since = (change, _time.GetTimestamp());
            }
            var lag = _time.GetElapsedTime(since.Since);
            longest = lag > longest ? lag : longest;
        }
        Volatile.Write(ref _seconds, longest.TotalSeconds);
        return longest.TotalSeconds;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ReadAsync(stoppingToken);
                }
                catch (NpgsqlException e)
                {
                    _log.IndexLagUnknown(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }
}
