namespace Parley.Quality.Evaluation;

/// <summary>Intervals by resampling questions with replacement (B. Efron, percentile method), reproducible by a fixed seed.</summary>
internal static class Bootstrap
{
    public const int Resamples = 10_000;

    private const ulong Seed = 20_250_101;

    /// <summary>95 % interval of the mean.</summary>
    public static Interval MeanInterval(IReadOnlyList<double> values) => Resample(values);

    /// <summary>
    /// Difference of two means over the same questions, with its 95 % interval: question by question, so that hard questions cancel out.
    /// </summary>
    public static PairedDifference Compare(IReadOnlyList<double> ours, IReadOnlyList<double> baseline)
    {
        if (ours.Count != baseline.Count)
            throw new ArgumentException("Both systems must have answered the same questions.", nameof(baseline));
        var differences = ours.Zip(baseline, (a, b) => a - b).ToList();
        return new PairedDifference(differences.Count == 0 ? 0 : differences.Average(), Resample(differences));
    }

    private static Interval Resample(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return new Interval(0, 0);
        var array = values.ToArray();
        var means = new double[Resamples];
        var state = Seed;
        for (var r = 0; r < Resamples; r++)
        {
            var sum = 0d;
            for (var i = 0; i < array.Length; i++)
                sum += array[(int)(((Next(ref state) >> 32) * (ulong)array.Length) >> 32)];
            means[r] = sum / array.Length;
        }
        Array.Sort(means);
        return new Interval(means[(int)(Resamples * .025)], means[(int)(Resamples * .975) - 1]);
    }

    /// <summary>SplitMix64 (G. Steele et al., OOPSLA 2014): the same numbers on every runtime, which System.Random does not promise.</summary>
    private static ulong Next(ref ulong state)
    {
        state += 0x9e3779b97f4a7c15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
        return z ^ (z >> 31);
    }
}

/// <summary>A closed interval.</summary>
internal readonly record struct Interval(double Low, double High);

/// <summary>Mean difference and its interval; significantly worse when the interval lies wholly below 0.</summary>
internal readonly record struct PairedDifference(double Mean, Interval Interval)
{
    public bool IsSignificantlyWorse => Interval.High < 0;

    public bool IsSignificantlyBetter => Interval.Low > 0;
}
