using Parley.Assistant.Contracts;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>One question after it was asked.</summary>
/// <param name="Id">Assigns it to a fold.</param>
/// <param name="Type">Of an unanswerable question; null: answerable.</param>
/// <param name="Confidence">Of the answer as composed, in [0, 1].</param>
/// <param name="HasAnswer">There was something to quote, whatever the confidence.</param>
/// <param name="IsHit">That was right.</param>
internal sealed record AskedQuestion(string Id, string? Type, double Confidence, bool HasAnswer, bool IsHit)
{
    /// <summary>Words of what was quoted.</summary>
    internal int Words { get; init; }

    /// <summary>Token F1 of what was quoted against the accepted texts; null: there are none.</summary>
    internal double? F1 { get; init; }

    /// <summary>It was taken for a greeting, thanks or chat.</summary>
    internal bool IsMisread { get; init; }

    internal bool IsAnswerable => Type is null;

    internal bool Answers(double threshold) => HasAnswer && Confidence >= threshold;
}

/// <summary>A set whose questions fit the threshold that another set is judged by.</summary>
internal sealed record ReferenceSet(string Name, IReadOnlyList<AskedQuestion> Asked);

/// <summary>Fits threshold and calibration by cross-validation within a set, or on other sets: no question judges itself.</summary>
internal static class AnswerCalibration
{
    private const int Folds = 5;

    internal static int FoldOf(string id) => (int)((StableHash.Of(id) >> 8) % Folds);

    /// <summary>For each fold the threshold that was best on the others; null where there is nothing to tell apart.</summary>
    internal static double[]? Thresholds(IReadOnlyList<AskedQuestion> asked)
    {
        if (asked.All(a => a.IsAnswerable) || !asked.Any(a => a.IsAnswerable))
            return null;
        return [.. Enumerable.Range(0, Folds).Select(fold => Best([[.. asked.Where(a => FoldOf(a.Id) != fold)]]))];
    }

    /// <summary>The threshold that is best on other sets, each counting the same however large it is.</summary>
    internal static double Threshold(IReadOnlyList<ReferenceSet> references) => Best([.. references.Select(r => r.Asked)]);

    /// <summary>The probability that the answer is right, from a curve fitted on other sets.</summary>
    internal static IReadOnlyList<(double Probability, bool Happened)> Forecasts(IReadOnlyList<AskedQuestion> asked, IReadOnlyList<ReferenceSet> references)
    {
        var curve = Fit(references.SelectMany(r => r.Asked));
        return [.. asked.Select(a => (curve.Apply(Raw(a)), IsRight(a)))];
    }

    /// <summary>The probability that the answer is right, for each question from a curve fitted on the other folds.</summary>
    internal static IReadOnlyList<(double Probability, bool Happened)> Forecasts(IReadOnlyList<AskedQuestion> asked)
    {
        var curves = Enumerable.Range(0, Folds).Select(fold => Fit(asked.Where(a => FoldOf(a.Id) != fold))).ToArray();
        return [.. asked.Select(a => (curves[FoldOf(a.Id)].Apply(Raw(a)), IsRight(a)))];
    }

    internal static bool IsRight(AskedQuestion asked) => asked is { IsAnswerable: true, HasAnswer: true, IsHit: true };

    /// <summary>Balances both sides: the mean of "answered where answerable" and "declined where not", averaged over the sets, is largest.</summary>
    private static double Best(IReadOnlyList<IReadOnlyList<AskedQuestion>> sets)
    {
        var weighed = new List<(double Confidence, double Gain)>();
        foreach (var set in sets)
        {
            var (positives, negatives) = (set.Count(a => a.IsAnswerable), set.Count(a => !a.IsAnswerable));
            if (positives > 0 && negatives > 0)
                weighed.AddRange(set.Select(a => (a.HasAnswer ? a.Confidence : -1, a.IsAnswerable ? 1d / positives : -1d / negatives)));
        }
        if (weighed.Count == 0)
            return .5;
        var (best, bestValue, value) = (1d, double.MinValue, 0d);
        weighed.Sort((a, b) => b.Confidence.CompareTo(a.Confidence));
        for (var i = 0; i < weighed.Count && weighed[i].Confidence >= 0; i++)
        {
            value += weighed[i].Gain;
            var next = i + 1 < weighed.Count ? Math.Max(0, weighed[i + 1].Confidence) : 0;
            if (!next.Equals(weighed[i].Confidence) && value > bestValue)
                (best, bestValue) = ((weighed[i].Confidence + next) / 2, value);
        }
        return best;
    }

    private static Calibration Fit(IEnumerable<AskedQuestion> asked) => Calibration.Fit([.. asked.Select(a => new CalibrationSample(Raw(a), IsRight(a)))]);

    private static double Raw(AskedQuestion asked) => asked.HasAnswer ? asked.Confidence : 0;
}
