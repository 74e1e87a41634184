using System.Text;

namespace Parley.Quality;

/// <summary>One question after it was asked.</summary>
/// <param name="Id">Assigns it to a fold.</param>
/// <param name="Type">Of an unanswerable question; null: answerable.</param>
/// <param name="Confidence">Of the answer as composed, in [0, 1].</param>
/// <param name="HasAnswer">There was something to quote, whatever the confidence.</param>
/// <param name="IsHit">That was right.</param>
internal sealed record AskedQuestion(string Id, string? Type, double Confidence, bool HasAnswer, bool IsHit)
{
    internal bool IsAnswerable => Type is null;

    internal bool Answers(double threshold) => HasAnswer && Confidence >= threshold;
}

/// <summary>Fits threshold and calibration by cross-validation within a set: no question judges itself.</summary>
internal static class AnswerCalibration
{
    private const int Folds = 5;
    private const int Iterations = 100;
    private const double Prior = .001;

    /// <summary>FNV-1a: the same folds on every machine.</summary>
    internal static int FoldOf(string id)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(id))
            hash = (hash ^ b) * 16777619u;
        return (int)((hash >> 8) % Folds);
    }

    /// <summary>For each fold the threshold that was best on the others; null where there is nothing to tell apart.</summary>
    internal static double[]? Thresholds(IReadOnlyList<AskedQuestion> asked)
    {
        if (asked.All(a => a.IsAnswerable) || !asked.Any(a => a.IsAnswerable))
            return null;
        return [.. Enumerable.Range(0, Folds).Select(fold => Best([.. asked.Where(a => FoldOf(a.Id) != fold)]))];
    }

    /// <summary>The probability that the answer is right, for each question from a curve fitted on the other folds.</summary>
    internal static IReadOnlyList<(double Probability, bool Happened)> Forecasts(IReadOnlyList<AskedQuestion> asked)
    {
        var curves = Enumerable.Range(0, Folds).Select(fold => Fit([.. asked.Where(a => FoldOf(a.Id) != fold)])).ToArray();
        return [.. asked.Select(a => (Probability(curves[FoldOf(a.Id)], a), IsRight(a)))];
    }

    internal static bool IsRight(AskedQuestion asked) => asked is { IsAnswerable: true, HasAnswer: true, IsHit: true };

    /// <summary>Balances both sides: the mean of "answered where answerable" and "declined where not" is largest.</summary>
    private static double Best(IReadOnlyList<AskedQuestion> asked)
    {
        var (positives, negatives) = (asked.Count(a => a.IsAnswerable), asked.Count(a => !a.IsAnswerable));
        if (positives == 0 || negatives == 0)
            return .5;
        var (above, wrong) = (0, 0);
        var (best, bestValue) = (1d, double.MinValue);
        var ordered = asked.OrderByDescending(a => a.HasAnswer ? a.Confidence : -1).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            above += ordered[i].IsAnswerable ? 1 : 0;
            wrong += ordered[i].IsAnswerable ? 0 : 1;
            var next = i + 1 < ordered.Count ? ordered[i + 1].Confidence : 0;
            if (next.Equals(ordered[i].Confidence))
                continue;
            var value = ((double)above / positives) - ((double)wrong / negatives);
            if (value > bestValue)
                (best, bestValue) = ((ordered[i].Confidence + next) / 2, value);
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
