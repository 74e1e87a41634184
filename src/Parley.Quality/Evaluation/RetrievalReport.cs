using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Parley.Quality.Evaluation;

/// <summary>What `eval retrieval` prints.</summary>
public sealed record RetrievalReport
{
    [JsonPropertyName("queries")]
    public required int Queries { get; init; }

    [JsonPropertyName("recall@5")]
    public required double RecallAt5 { get; init; }

    [JsonPropertyName("recall@10")]
    public required double RecallAt10 { get; init; }

    [JsonPropertyName("mrr@10")]
    public required double MrrAt10 { get; init; }

    [JsonPropertyName("ndcg@10")]
    public required double NdcgAt10 { get; init; }

    [JsonPropertyName("precision@5")]
    public required double PrecisionAt5 { get; init; }

    /// <summary>Metric → [low, high].</summary>
    [JsonPropertyName("ci95")]
    public required IReadOnlyDictionary<string, double[]> Ci95 { get; init; }

    [JsonPropertyName("latencyMs")]
    public required Latency LatencyMs { get; init; }

    [JsonPropertyName("indexSeconds")]
    public required double IndexSeconds { get; init; }

    [JsonPropertyName("peakMemoryMb")]
    public required double PeakMemoryMb { get; init; }
}

/// <summary>Percentiles in milliseconds.</summary>
public sealed record Latency(
    [property: JsonPropertyName("p50")] double P50, [property: JsonPropertyName("p95")] double P95, [property: JsonPropertyName("p99")] double P99)
{
    public static Latency Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return new Latency(At(.5), At(.95), At(.99));

        double At(double share) => sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))], 4);
    }
}

/// <summary>One run of a ranker over the questions of a dataset.</summary>
internal sealed class RetrievalRun
{
    private readonly List<RankingMetrics> _metrics = [];
    private readonly List<double> _milliseconds = [];

    public IReadOnlyList<RankingMetrics> Metrics => _metrics;

    /// <summary>nDCG@10 of every question, in order: what two runs are compared by.</summary>
    public IReadOnlyList<double> Ndcg => _metrics.ConvertAll(m => m.NdcgAt10);

    public Latency Latency => Latency.Of(_milliseconds);

    /// <summary>Ranks every question and scores the ranking; only <paramref name="rank"/> is timed.</summary>
    public static RetrievalRun Over(IReadOnlyList<DatasetQuestion> questions, Func<DatasetQuestion, IReadOnlyList<string>> rank, CancellationToken ct = default)
    {
        var run = new RetrievalRun();
        foreach (var question in questions)
        {
            ct.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            var ranking = rank(question);
            run._milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            run._metrics.Add(RankingMetrics.Of(ranking, question.Relevant, question.Exclude));
        }
        return run;
    }

    /// <inheritdoc cref="Over"/>
    public static async Task<RetrievalRun> OverAsync(IReadOnlyList<DatasetQuestion> questions, Func<DatasetQuestion, Task<IReadOnlyList<string>>> rank, CancellationToken ct = default)
    {
        var run = new RetrievalRun();
        foreach (var question in questions)
        {
            ct.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            var ranking = await rank(question);
            run._milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            run._metrics.Add(RankingMetrics.Of(ranking, question.Relevant, question.Exclude));
        }
        return run;
    }

    /// <summary>Means with their intervals.</summary>
    public RetrievalReport ToReport(double indexSeconds, double peakMemoryMb)
    {
        (string Name, Func<RankingMetrics, double> Value)[] metrics =
        [
            ("recall@5", m => m.RecallAt5), ("recall@10", m => m.RecallAt10), ("mrr@10", m => m.ReciprocalRankAt10), ("ndcg@10", m => m.NdcgAt10),
            ("precision@5", m => m.PrecisionAt5),
        ];
        var intervals = metrics.ToDictionary(m => m.Name, m => Round(Bootstrap.MeanInterval(_metrics.ConvertAll(x => m.Value(x)))), StringComparer.Ordinal);
        return new RetrievalReport
        {
            Queries = _metrics.Count,
            RecallAt5 = Mean(m => m.RecallAt5),
            RecallAt10 = Mean(m => m.RecallAt10),
            MrrAt10 = Mean(m => m.ReciprocalRankAt10),
            NdcgAt10 = Mean(m => m.NdcgAt10),
            PrecisionAt5 = Mean(m => m.PrecisionAt5),
            Ci95 = intervals,
            LatencyMs = Latency,
            IndexSeconds = Math.Round(indexSeconds, 3),
            PeakMemoryMb = Math.Round(peakMemoryMb, 1),
        };
    }

    private double Mean(Func<RankingMetrics, double> value) => _metrics.Count == 0 ? 0 : Math.Round(_metrics.Average(value), 4);

    private static double[] Round(Interval interval) => [Math.Round(interval.Low, 4), Math.Round(interval.High, 4)];
}
