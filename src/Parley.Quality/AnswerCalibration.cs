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
    private const int Iterations = 100;
    private const double Prior = .001;

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
        var curve = Fit([.. references.SelectMany(r => r.Asked)]);
        return [.. asked.Select(a => (Probability(curve, a), IsRight(a)))];
    }

    /// <summary>The probability that the answer is right, for each question from a curve fitted on the other folds.</summary>
    internal static IReadOnlyList<(double Probability, bool Happened)> Forecasts(IReadOnlyList<AskedQuestion> asked)
    {
        var curves = Enumerable.Range(0, Folds).Select(fold => Fit([.. asked.Where(a => FoldOf(a.Id) != fold)])).ToArray();
        return [.. asked.Select(a => (Probability(curves[FoldOf(a.Id)], a), IsRight(a)))];
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

    /// <summary>
    /// Logistic regression on the confidence's log odds (J. Platt 1999), by Newton's method with step halving; a weak prior keeps a set in
    /// which all answers are right finite.
    /// </summary>
    internal static (double Intercept, double Slope) Fit(IReadOnlyList<AskedQuestion> asked)
    {
        var points = asked.Select(q => (X: LogOdds(q), Right: IsRight(q))).ToList();
        var (a, b) = (0d, 0d);
        for (var i = 0; i < Iterations; i++)
        {
            var (ga, gb, haa, hab, hbb) = (-Prior * a, -Prior * b, Prior, 0d, Prior);
            foreach (var (x, right) in points)
            {
                var p = 1 / (1 + Math.Exp(-(a + (b * x))));
                var (error, weight) = ((right ? 1 : 0) - p, p * (1 - p));
                (ga, gb) = (ga + error, gb + (error * x));
                (haa, hab, hbb) = (haa + weight, hab + (weight * x), hbb + (weight * x * x));
            }
            var determinant = (haa * hbb) - (hab * hab);
            var (da, db) = (((hbb * ga) - (hab * gb)) / determinant, ((haa * gb) - (hab * ga)) / determinant);
            var (loss, step) = (Loss(points, a, b), 1d);
            while (step > 1e-6 && Loss(points, a + (step * da), b + (step * db)) > loss)
                step /= 2;
            (a, b) = (a + (step * da), b + (step * db));
            if (Math.Abs(step * da) + Math.Abs(step * db) < 1e-8)
                break;
        }
        return (a, b);
    }

    private static double Loss(List<(double X, bool Right)> points, double a, double b)
    {
        var loss = Prior * ((a * a) + (b * b)) / 2;
        foreach (var (x, right) in points)
        {
            var z = a + (b * x);
            // ln(1 + e^z) without overflow.
            loss += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (right ? z : 0);
        }
        return loss;
    }

    private static double Probability((double Intercept, double Slope) curve, AskedQuestion asked) =>
        1 / (1 + Math.Exp(-Math.Clamp(curve.Intercept + (curve.Slope * LogOdds(asked)), -30, 30)));

    private static double LogOdds(AskedQuestion asked)
    {
        var p = Math.Clamp(asked.HasAnswer ? asked.Confidence : 0, .001, .999);
        return Math.Log(p / (1 - p));
    }
}
