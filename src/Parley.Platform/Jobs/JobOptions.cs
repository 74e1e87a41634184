namespace Parley.Platform.Jobs;

/// <summary>How much work a node does at once.</summary>
public sealed record JobOptions
{
    /// <summary>Parallel jobs of the interactive lane (priority above 0: turns). They mostly wait for the database or a model.</summary>
    public int InteractiveSlots { get; init; } = 16;

    /// <summary>Parallel jobs of the background lane (imports). They use processors, so that half of them stay free for turns.</summary>
    public int BackgroundSlots { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How long a shutdown waits for interactive jobs; background jobs are handed back at once.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a node looks for work that nobody told it of, and renews its leases.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>When a failed job is tried again.</summary>
internal static class Backoff
{
    private const double MaxSeconds = 32;

    /// <summary>2^(attempt − 1) seconds plus up to a quarter of it, at most 32 seconds.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="jitter">0 to 1.</param>
    internal static TimeSpan DelayAfter(int attempt, double jitter) =>
        TimeSpan.FromSeconds(Math.Min(MaxSeconds, Math.Pow(2, Math.Clamp(attempt - 1, 0, 10)) * (1 + (jitter / 4))));
}
