namespace Parley.Quality.Evaluation;

/// <summary>How well a score tells answerable from unanswerable, and how honest a probability is.</summary>
internal static class Discrimination
{
    /// <summary>Bins of <see cref="ExpectedCalibrationError"/>.</summary>
    public const int Bins = 10;

    /// <summary>Probability that a positive scores above a negative, ties counted half (Mann–Whitney U); NaN when a side is empty.</summary>
    public static double Auroc(IReadOnlyList<double> positives, IReadOnlyList<double> negatives)
    {
        if (positives.Count == 0 || negatives.Count == 0)
            return double.NaN;
        var all = positives.Select(v => (Value: v, Positive: true)).Concat(negatives.Select(v => (Value: v, Positive: false))).OrderBy(x => x.Value).ToList();
        var rankSum = 0d;
        for (var i = 0; i < all.Count;)
        {
            var j = i;
            while (j < all.Count && all[j].Value.Equals(all[i].Value))
                j++;
            rankSum += all[i..j].Count(x => x.Positive) * (i + 1 + j) / 2d;
            i = j;
        }
        var p = (double)positives.Count;
        return (rankSum - (p * (p + 1) / 2)) / (p * negatives.Count);
    }

    /// <summary>
    /// Mean distance between stated probability and observed frequency over ten bins of equal mass (ordered by probability; ties in the
    /// given order, so that equal input gives equal output).
    /// </summary>
    public static double ExpectedCalibrationError(IReadOnlyList<(double Probability, bool Happened)> forecasts) =>
        forecasts.Count == 0 ? 0 : Reliability(forecasts, Bins).Sum(b => Math.Abs(b.Stated - b.Observed) * b.Questions / forecasts.Count);

    /// <summary>Bins of equal mass, lowest probability first; none is empty.</summary>
    public static IReadOnlyList<ReliabilityBin> Reliability(IReadOnlyList<(double Probability, bool Happened)> forecasts, int count)
    {
        var ordered = forecasts.OrderBy(f => f.Probability).ToList();
        var bins = new List<ReliabilityBin>(count);
        for (var bin = 0; bin < count; bin++)
        {
            var from = (int)((long)ordered.Count * bin / count);
            var to = (int)((long)ordered.Count * (bin + 1) / count);
            if (from == to)
                continue;
            var members = ordered[from..to];
            bins.Add(new ReliabilityBin(members.Average(m => m.Probability), members.Average(m => m.Happened ? 1d : 0d), members.Count));
        }
        return bins;
    }
}

/// <summary>Forecasts of about the same probability.</summary>
/// <param name="Stated">Their mean probability.</param>
/// <param name="Observed">The share that came true.</param>
/// <param name="Questions">How many they are.</param>
internal sealed record ReliabilityBin(double Stated, double Observed, int Questions);
