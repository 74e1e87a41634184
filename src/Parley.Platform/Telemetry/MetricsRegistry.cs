using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Parley.Platform.Telemetry;

/// <summary>
/// Sums up what the process's instruments report, for <c>/metrics</c>. Only instruments of known meters: a library's new one must not bring
/// labels without bound.
/// </summary>
internal sealed class MetricsRegistry : IDisposable
{
    /// <summary>Series of one instrument; more are left out and counted.</summary>
    internal const int MaxSeries = 500;

    private static readonly string[] Meters = [ParleyTelemetry.Name, "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private readonly ConcurrentDictionary<Instrument, Family> _families = new();
    private readonly MeterListener _listener;

    public MetricsRegistry()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (Meters.Contains(instrument.Meter.Name))
                {
                    listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, static i => new Family(i, BoundsOf(i))));
                }
            },
        };
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, family) => ((Family)family!).Add((double)value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>The state now, families by name.</summary>
    internal IReadOnlyList<Family> Collect()
    {
        _listener.RecordObservableInstruments();
        return [.. _families.Values.OrderBy(family => family.Instrument.Name, StringComparer.Ordinal)];
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => Seconds,
    };
}

/// <summary>One instrument with its series.</summary>
internal sealed class Family(Instrument instrument, double[] bounds)
{
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);

    internal Instrument Instrument { get; } = instrument;

    internal double[] Bounds { get; } = bounds;

    internal bool IsHistogram { get; } = instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal);

    /// <summary>Only grows?</summary>
    internal bool IsCounter { get; } = instrument.GetType().Name is var type
        && (type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("ObservableCounter", StringComparison.Ordinal));

    /// <summary>Reports what is, not what was added.</summary>
    private readonly bool _absolute = instrument.IsObservable || instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);

    internal IEnumerable<Series> Series => _series.Values;

    internal void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        if (!_series.TryGetValue(labels, out var series))
        {
            if (_series.Count >= MetricsRegistry.MaxSeries)
            {
                return;
            }
            series = _series.GetOrAdd(labels, static (text, buckets) => new Series(text, buckets), IsHistogram ? Bounds.Length + 1 : 0);
        }
        series.Record(value, _absolute, IsHistogram ? Bounds : null);
    }
}

/// <summary>One set of labels.</summary>
internal sealed class Series(string labels, int buckets)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[buckets];
    private double _value;
    private long _count;

    internal string Labels { get; } = labels;

    internal (double Value, long Count, long[] Buckets) Read()
    {
        lock (_gate)
        {
            return (_value, _count, [.. _buckets]);
        }
    }

    internal void Record(double value, bool absolute, double[]? bounds)
    {
        lock (_gate)
        {
            _value = absolute ? value : _value + value;
            _count++;
            if (bounds is not null)
            {
                var bucket = Array.FindIndex(bounds, bound => value <= bound);
                _buckets[bucket < 0 ? bounds.Length : bucket]++;
            }
        }
    }
}
