namespace Parley.Quality.Evaluation;

/// <summary>How good one ranking is. Relevance is binary.</summary>
/// <param name="PrecisionAt5">Hits among the first five, divided by five: its maximum is min(relevant, 5)/5.</param>
internal readonly record struct RankingMetrics(
    double RecallAt5, double RecallAt10, double ReciprocalRankAt10, double NdcgAt10, double PrecisionAt5)
{
    /// <summary>Scores a ranking, best first, without repeated ids. A question without relevant documents cannot be scored.</summary>
    public static RankingMetrics Of(IEnumerable<string> ranking, IReadOnlySet<string> relevant, IReadOnlySet<string>? exclude = null)
    {
        if (relevant.Count == 0)
            throw new ArgumentException("A question needs at least one relevant document.", nameof(relevant));
        var (hits5, hits10, reciprocal, gain, rank) = (0, 0, 0d, 0d, 0);
        foreach (var id in ranking)
        {
            if (exclude?.Contains(id) == true)
                continue;
            if (++rank > 10)
                break;
            if (!relevant.Contains(id))
                continue;
            hits10++;
            hits5 += rank <= 5 ? 1 : 0;
            reciprocal = reciprocal == 0 ? 1d / rank : reciprocal;
            gain += Discount(rank);
        }
        var ideal = Enumerable.Range(1, Math.Min(relevant.Count, 10)).Sum(Discount);
        return new RankingMetrics((double)hits5 / relevant.Count, (double)hits10 / relevant.Count, reciprocal, gain / ideal, hits5 / 5d);
    }

    private static double Discount(int rank) => 1 / Math.Log2(rank + 1);
}
