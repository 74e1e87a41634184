using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Parley.Platform.Telemetry;

/// <summary>The names under which Parley's spans and metrics are published. No metric carries a tenant.</summary>
public static class ParleyTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Parley";

    /// <summary>Spans of all modules.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Instruments of all modules; their names begin with <c>parley.</c> and their units are UCUM.</summary>
    public static Meter Meter { get; } = new(Name);

    internal static UpDownCounter<long> FeedsOpen { get; } = Meter.CreateUpDownCounter<long>("parley.feed.open", "{feed}", "Open feeds of this node.");

    private static readonly Counter<long> Jobs = Meter.CreateCounter<long>("parley.jobs.finished", "{job}", "Attempts at jobs by kind and outcome.");
    private static readonly Histogram<double> JobDuration = Meter.CreateHistogram<double>("parley.jobs.duration", "s", "Duration of attempts at jobs.");

    internal static void JobFinished(string kind, string outcome, TimeSpan duration)
    {
        Jobs.Add(1, new("kind", kind), new("outcome", outcome));
        JobDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
    }
}
