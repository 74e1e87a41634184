namespace Parley.Assistant.Contracts;

/// <summary>A question whose answer somebody has judged.</summary>
/// <param name="Raw">The composer's own confidence, before any calibration.</param>
/// <param name="IsRight">It was answered, and rightly. False for what should have been declined.</param>
public readonly record struct CalibrationSample(double Raw, bool IsRight);

/// <summary>
/// Turns the composer's confidence into the probability that an answer is right in a tenant's own knowledge. Configuration kind
/// <see cref="Kind"/>, subject: the tenant; a version never changes. A tenant without one takes the confidence as it is.
/// </summary>
/// <remarks>
/// Logistic regression on the confidence's log odds (J. Platt 1999), never falling, by Newton's method with step halving. A prior that
/// weighs as much as a handful of questions holds it near <see cref="Shipped"/>: a few samples move it a little, many move it wholly.
/// </remarks>
public sealed record Calibration
{
    /// <summary>The configuration's kind.</summary>
    public const string Kind = "calibration";

    /// <summary>Fewer judged questions say too little: what they give should not be put in force.</summary>
    public const int LeastSamples = 30;

    private const int Iterations = 100;
    private const double InterceptPrior = .3;
    private const double SlopePrior = 2;

    /// <summary>A higher confidence must not lead to a lower probability.</summary>
    private const double LeastSlope = .05;

    /// <summary>The confidence as it is.</summary>
    public static Calibration Shipped { get; } = new();

    /// <summary>Added to the log odds.</summary>
    public double Intercept { get; init; }

    /// <summary>What the log odds are multiplied by.</summary>
    public double Slope { get; init; } = 1;

    /// <summary>How many judged questions it was fitted on.</summary>
    public int Samples { get; init; }

    /// <summary>How many of them were answered rightly.</summary>
    public int Right { get; init; }

    /// <summary>The curve that explains the samples best. Their order does not matter.</summary>
    public static Calibration Fit(IReadOnlyList<CalibrationSample> samples)
    {
        // Where there was nothing to answer with, the probability is 0 whatever the curve.
        var points = samples.Where(s => s.Raw > 0).OrderBy(s => s.Raw).ThenBy(s => s.IsRight).Select(s => (X: LogOdds(s.Raw), s.IsRight)).ToList();
        var (a, b) = (0d, 1d);
        for (var i = 0; i < Iterations; i++)
        {
            var (da, db) = NewtonStep(points, a, b);
            var (loss, step) = (Loss(points, a, b), 1d);
            while (step > 1e-6 && Loss(points, a + (step * da), b + (step * db)) > loss)
                step /= 2;
            (a, b) = (a + (step * da), b + (step * db));
            if (Math.Abs(step * da) + Math.Abs(step * db) < 1e-8)
                break;
        }
        return new Calibration { Intercept = a, Slope = Math.Max(b, LeastSlope), Samples = samples.Count, Right = samples.Count(s => s.IsRight) };
    }

    /// <summary>The probability for a confidence; 0 stays 0, for there is nothing to answer with.</summary>
    public double Apply(double raw) =>
        raw <= 0 ? 0 : this is { Intercept: 0, Slope: 1 } ? raw : 1 / (1 + Math.Exp(-Math.Clamp(Intercept + (Slope * LogOdds(raw)), -30, 30)));

    /// <summary>What is wrong, by field; empty: it can be put in force.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (!double.IsFinite(Intercept) || Math.Abs(Intercept) > 100)
            problems["intercept"] = ["Between -100 and 100."];
        if (!double.IsFinite(Slope) || Slope is < LeastSlope or > 100)
            problems["slope"] = [$"Between {LeastSlope} and 100."];
        if (Samples < 0 || Right < 0 || Right > Samples)
            problems["samples"] = ["Not negative, and at least as many as are right."];
        return problems;
    }

    private static (double A, double B) NewtonStep(List<(double X, bool IsRight)> points, double a, double b)
    {
        var (ga, gb, haa, hab, hbb) = (-InterceptPrior * a, -SlopePrior * (b - 1), InterceptPrior, 0d, SlopePrior);
        foreach (var (x, right) in points)
        {
            var p = 1 / (1 + Math.Exp(-(a + (b * x))));
            var (error, weight) = ((right ? 1 : 0) - p, p * (1 - p));
            (ga, gb) = (ga + error, gb + (error * x));
            (haa, hab, hbb) = (haa + weight, hab + (weight * x), hbb + (weight * x * x));
        }
        var determinant = (haa * hbb) - (hab * hab);
        return (((hbb * ga) - (hab * gb)) / determinant, ((haa * gb) - (hab * ga)) / determinant);
    }

    private static double Loss(List<(double X, bool IsRight)> points, double a, double b)
    {
        var loss = ((InterceptPrior * a * a) + (SlopePrior * (b - 1) * (b - 1))) / 2;
        foreach (var (x, right) in points)
        {
            var z = a + (b * x);
            // ln(1 + e^z) without overflow.
            loss += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (right ? z : 0);
        }
        return loss;
    }

    private static double LogOdds(double raw)
    {
        var p = Math.Clamp(raw, .000_1, .999_99);
        return Math.Log(p / (1 - p));
    }
}
