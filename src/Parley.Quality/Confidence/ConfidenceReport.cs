using Parley.Assistant.Contracts;
using Parley.Quality.Evaluation;

namespace Parley.Quality.Confidence;

/// <summary>A question whose answer somebody can tell right from wrong.</summary>
/// <param name="Id">Of the golden question or the turn: assigns it to a fold.</param>
/// <param name="Raw">Confidence of what could be quoted, before any calibration.</param>
/// <param name="IsRight">That was right.</param>
/// <param name="IsGolden">It stands for the questions that customers ask; judged answers are only those that were given.</param>
internal readonly record struct ConfidenceSample(Guid Id, double Raw, bool IsRight, bool IsGolden);

/// <summary>A calibration and how honest it is on the tenant's own questions.</summary>
/// <param name="Version">0: as shipped. Null: not yet published.</param>
/// <param name="Curve">What it turns the confidence into.</param>
/// <param name="Error">Expected calibration error, 0 to 1; of a proposal by cross-validation: no question judges itself.</param>
/// <param name="ErrorLow">Of its 95 % interval.</param>
/// <param name="ErrorHigh">Its other end.</param>
/// <param name="Bins">Stated probability beside what came true: up to ten bins of a dozen questions and more.</param>
/// <param name="Thresholds">What each threshold would bring on the golden questions.</param>
internal sealed record CalibrationView(
    int? Version, Calibration Curve, double Error, double ErrorLow, double ErrorHigh, IReadOnlyList<ReliabilityBin> Bins, IReadOnlyList<ThresholdOutcome> Thresholds)
{
    /// <summary>A share of fewer questions would be an accident.</summary>
    private const int QuestionsPerBin = 12;

    internal static CalibrationView Of(int? version, Calibration curve, IReadOnlyList<ConfidenceSample> samples, IReadOnlyList<(double, bool)> forecasts)
    {
        var interval = EceInterval.Of(forecasts);
        return new(version, curve, Math.Round(Discrimination.ExpectedCalibrationError(forecasts), 4), interval[0], interval[1], Discrimination.Reliability(forecasts, Math.Clamp(forecasts.Count / QuestionsPerBin, 2, Discrimination.Bins)),
            [.. Enumerable.Range(0, 21).Select(i => ThresholdOutcome.Of(i / 20d, curve, samples))]);
    }
}

/// <summary>The golden questions under one threshold.</summary>
/// <param name="Threshold">Probability from which on it answers.</param>
/// <param name="Right">Answered, rightly.</param>
/// <param name="Wrong">Answered, wrongly: also what should have been declined.</param>
/// <param name="Missed">Declined although the answer was right.</param>
/// <param name="Declined">Declined, rightly.</param>
internal sealed record ThresholdOutcome(double Threshold, int Right, int Wrong, int Missed, int Declined)
{
    internal static ThresholdOutcome Of(double threshold, Calibration curve, IReadOnlyList<ConfidenceSample> samples)
    {
        var golden = samples.Where(s => s.IsGolden).ToLookup(s => (Answered: s.Raw > 0 && curve.Apply(s.Raw) >= threshold, s.IsRight));
        return new(threshold, golden[(true, true)].Count(), golden[(true, false)].Count(), golden[(false, true)].Count(), golden[(false, false)].Count());
    }
}

/// <summary>What the confidence is worth in this tenant's knowledge, and what would become of it.</summary>
internal sealed record ConfidenceReport
{
    /// <summary>Judged questions without which nothing is proposed.</summary>
    public int Needed { get; init; } = Calibration.LeastSamples;

    /// <summary>Golden questions that could be judged when they were last asked.</summary>
    public required int Golden { get; init; }

    /// <summary>Answers that a person called right or wrong.</summary>
    public required int Judged { get; init; }

    /// <summary>How many of both were right.</summary>
    public required int Right { get; init; }

    /// <summary>From which on the default assistant answers now.</summary>
    public required double Threshold { get; init; }

    /// <summary>The golden questions under that threshold, now.</summary>
    public required ThresholdOutcome Now { get; init; }

    public required CalibrationView InForce { get; init; }

    /// <summary>What the judged questions say; null: there are too few, or all or none of them right.</summary>
    public CalibrationView? Proposal { get; init; }

    /// <summary>The golden questions under the same threshold once the proposal is in force.</summary>
    public ThresholdOutcome? Then { get; init; }

    /// <summary>Names what was judged: a proposal is published only as it was seen.</summary>
    public required string Evidence { get; init; }

    internal static ConfidenceReport Of(IReadOnlyList<ConfidenceSample> samples, int version, Calibration inForce, double threshold)
    {
        // The order of rows must not matter.
        samples = [.. samples.OrderBy(s => s.Id)];
        var right = samples.Count(s => s.IsRight);
        var fitted = samples.Count >= Calibration.LeastSamples && right > 0 && right < samples.Count ? Fit(samples) : null;
        return new ConfidenceReport
        {
            Golden = samples.Count(s => s.IsGolden), Judged = samples.Count(s => !s.IsGolden), Right = right, Threshold = threshold, Evidence = EvidenceOf(samples),
            Now = ThresholdOutcome.Of(threshold, inForce, samples),
            InForce = CalibrationView.Of(version, inForce, samples, [.. samples.Select(s => (inForce.Apply(s.Raw), s.IsRight))]),
            Proposal = fitted is null ? null
                : CalibrationView.Of(null, fitted, samples, AnswerCalibration.Forecasts([.. samples.Select(s => new AskedQuestion(s.Id.ToString("N"), null, s.Raw, HasAnswer: true, s.IsRight))])),
            Then = fitted is null ? null : ThresholdOutcome.Of(threshold, fitted, samples),
        };
    }

    private static Calibration Fit(IReadOnlyList<ConfidenceSample> samples)
    {
        var exact = Calibration.Fit([.. samples.Select(s => new CalibrationSample(s.Raw, s.IsRight))]);
        return exact with { Intercept = Math.Round(exact.Intercept, 6), Slope = Math.Round(exact.Slope, 6) };
    }

    private static string EvidenceOf(IEnumerable<ConfidenceSample> samples) =>
        StableHash.Of(string.Join(';', samples.Select(s => FormattableString.Invariant($"{s.Id:N}{s.Raw:R}{s.IsRight}")))).ToString("x8", null);
}
