using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>Turns asked questions into figures.</summary>
internal static class AnswerStatistics
{
    internal static AnswersReport Report(IReadOnlyList<AskedQuestion> asked, double shippedThreshold, double grounded, IReadOnlyList<ReferenceSet>? references = null)
    {
        var thresholds = AnswerCalibration.Thresholds(asked);
        bool Answers(AskedQuestion a) => a.Answers(thresholds?[AnswerCalibration.FoldOf(a.Id)] ?? shippedThreshold);
        List<AskedQuestion> answerable = [.. asked.Where(a => a.IsAnswerable)], unanswerable = [.. asked.Where(a => !a.IsAnswerable)];
        double Auroc(IEnumerable<AskedQuestion> negatives) => Discrimination.Auroc(answerable.ConvertAll(a => a.Confidence), [.. negatives.Select(a => a.Confidence)]);
        var forecasts = AnswerCalibration.Forecasts(asked);
        var given = answerable.FindAll(Answers);
        List<int> words = [.. given.Select(a => a.Words).Order()];
        List<double> f1 = [.. given.Select(a => a.F1).OfType<double>()];
        var intervals = new Dictionary<string, double[]>
        {
            ["ece"] = EceInterval.Of(forecasts),
            ["answered"] = Interval(answerable.ConvertAll(a => Answers(a) ? 1d : 0)),
            ["answerHit"] = Interval(answerable.ConvertAll(a => Answers(a) && a.IsHit ? 1d : 0)),
        };
        if (unanswerable.Count > 0)
        {
            intervals["abstainRecall"] = Interval(unanswerable.ConvertAll(a => Answers(a) ? 0d : 1));
            intervals["abstainPrecision"] = Interval([.. asked.Where(a => !Answers(a)).Select(a => a.IsAnswerable ? 0d : 1)]);
            intervals["auroc"] = AurocInterval.Of(asked);
        }
        return new AnswersReport
        {
            Answerable = answerable.Count,
            Unanswerable = unanswerable.Count,
            Answered = Share(answerable, Answers),
            AnswerHit = Share(answerable, a => Answers(a) && a.IsHit),
            AbstainRecall = Share(unanswerable, a => !Answers(a)),
            AbstainPrecision = Share([.. asked.Where(a => !Answers(a))], a => !a.IsAnswerable),
            Auroc = Rounded(Auroc(unanswerable)),
            ByType = unanswerable.GroupBy(a => a.Type!).ToDictionary(g => g.Key, g => new TypeReport(g.Count(), Rounded(Auroc(g)), Share([.. g], a => !Answers(a)))),
            Grounded = Round(grounded),
            Ece = Round(Discrimination.ExpectedCalibrationError(forecasts)),
            Threshold = thresholds is null ? null : Round(thresholds.Average()),
            WordsP50 = words.Count == 0 ? 0 : words[words.Count / 2],
            WordsP90 = words.Count == 0 ? 0 : words[words.Count * 9 / 10],
            TokenF1 = f1.Count == 0 ? null : Round(f1.Average()),
            Misread = answerable.Count(a => a.IsMisread),
            Ci95 = intervals,
            LeaveOneSetOut = references is { Count: > 0 }
                ? At(AnswerCalibration.Threshold(references), asked, answerable, unanswerable, AnswerCalibration.Forecasts(asked, references)) with { Sets = [.. references.Select(r => r.Name)] }
                : null,
            Shipped = At(shippedThreshold, asked, answerable, unanswerable, [.. asked.Select(a => (a.Confidence, AnswerCalibration.IsRight(a)))]),
        };
    }

    private static ThresholdReport At(
        double threshold, IReadOnlyList<AskedQuestion> asked, List<AskedQuestion> answerable, List<AskedQuestion> unanswerable, IReadOnlyList<(double, bool)> forecasts) => new(
        Round(threshold),
        Share(answerable, a => a.Answers(threshold)),
        Share(answerable, a => a.Answers(threshold) && a.IsHit),
        Share(unanswerable, a => !a.Answers(threshold)),
        Share([.. asked.Where(a => !a.Answers(threshold))], a => !a.IsAnswerable),
        Round(Discrimination.ExpectedCalibrationError(forecasts)));

    private static double Share(List<AskedQuestion> questions, Func<AskedQuestion, bool> holds) =>
        questions.Count == 0 ? 0 : Round((double)questions.Count(holds) / questions.Count);

    private static double[] Interval(List<double> values)
    {
        var interval = Bootstrap.MeanInterval(values);
        return [Round(interval.Low), Round(interval.High)];
    }

    private static double? Rounded(double value) => double.IsNaN(value) ? null : Round(value);

    private static double Round(double value) => Math.Round(value, 4);
}

/// <summary>The interval of an AUROC by resampling questions (10,000 times, fixed seed).</summary>
internal static class AurocInterval
{
    private const int Seed = 20_250_101;

    internal static double[] Of(IReadOnlyList<AskedQuestion> asked)
    {
        // Sorted once: a resample is a count for each question, and the statistic one pass over them.
        var sorted = asked.OrderBy(a => a.Confidence).ToArray();
        var values = new List<double>(Bootstrap.Resamples);
        var random = new Random(Seed);
        var counts = new int[sorted.Length];
        for (var r = 0; r < Bootstrap.Resamples; r++)
        {
            Array.Clear(counts);
            for (var i = 0; i < sorted.Length; i++)
                counts[random.Next(sorted.Length)]++;
            if (Statistic(sorted, counts) is { } value)
                values.Add(value);
        }
        values.Sort();
        return values.Count == 0 ? [0, 0] : [Math.Round(values[(int)(values.Count * .025)], 4), Math.Round(values[Math.Max(0, (int)(values.Count * .975) - 1)], 4)];
    }

    private static double? Statistic(AskedQuestion[] sorted, int[] counts)
    {
        var (pairs, negativesBelow, positives, negatives) = (0d, 0L, 0L, 0L);
        for (var i = 0; i < sorted.Length;)
        {
            var (tiedPositives, tiedNegatives, j) = (0L, 0L, i);
            for (; j < sorted.Length && sorted[j].Confidence.Equals(sorted[i].Confidence); j++)
            {
                tiedPositives += sorted[j].IsAnswerable ? counts[j] : 0;
                tiedNegatives += sorted[j].IsAnswerable ? 0 : counts[j];
            }
            pairs += (tiedPositives * negativesBelow) + (tiedPositives * tiedNegatives / 2d);
            (negativesBelow, positives, negatives, i) = (negativesBelow + tiedNegatives, positives + tiedPositives, negatives + tiedNegatives, j);
        }
        return positives == 0 || negatives == 0 ? null : pairs / ((double)positives * negatives);
    }
}

/// <summary>The interval of a calibration error by resampling forecasts (1,000 times, fixed seed).</summary>
internal static class EceInterval
{
    private const int Seed = 20_250_101;
    private const int Resamples = 1_000;

    internal static double[] Of(IReadOnlyList<(double Probability, bool Happened)> forecasts)
    {
        if (forecasts.Count == 0)
            return [0, 0];
        var random = new Random(Seed);
        var values = new double[Resamples];
        var drawn = new (double Probability, bool Happened)[forecasts.Count];
        for (var r = 0; r < Resamples; r++)
        {
            for (var i = 0; i < drawn.Length; i++)
                drawn[i] = forecasts[random.Next(forecasts.Count)];
            values[r] = Discrimination.ExpectedCalibrationError(drawn);
        }
        Array.Sort(values);
        return [Math.Round(values[(int)(Resamples * .025)], 4), Math.Round(values[(int)(Resamples * .975) - 1], 4)];
    }
}
