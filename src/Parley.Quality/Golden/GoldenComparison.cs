using Parley.Quality.Evaluation;

namespace Parley.Quality.Golden;

/// <summary>Two versions over the same questions.</summary>
/// <param name="Questions">How many.</param>
/// <param name="Base">Share that the version in force has right.</param>
/// <param name="Candidate">Share that the other has right.</param>
/// <param name="Difference">Candidate minus base.</param>
/// <param name="Low">Of the difference's 95 % interval: paired bootstrap over questions, 10,000 resamples, fixed seed.</param>
/// <param name="High">Its other end.</param>
/// <param name="Better">Questions that only the candidate has right.</param>
/// <param name="Worse">Questions that only the base has right.</param>
internal sealed record GoldenDifference(int Questions, double Base, double Candidate, double Difference, double Low, double High, int Better, int Worse)
{
    internal static GoldenDifference Of(IReadOnlyCollection<(bool Base, bool Candidate)> pairs)
    {
        double[] ours = [.. pairs.Select(p => p.Candidate ? 1d : 0)], baseline = [.. pairs.Select(p => p.Base ? 1d : 0)];
        var paired = Bootstrap.Compare(ours, baseline);
        return new(pairs.Count, Mean(baseline), Mean(ours), paired.Mean, paired.Interval.Low, paired.Interval.High, pairs.Count(p => p is (false, true)), pairs.Count(p => p is (true, false)));
    }

    private static double Mean(double[] values) => values.Length == 0 ? 0 : values.Average();
}

/// <summary>A part of the questions.</summary>
internal sealed record GoldenGroup(string Name, GoldenDifference Result);

/// <summary>The comparison as a whole, by category and by language, and how the expected articles' ranks moved.</summary>
/// <param name="Verdict">better or worse where the interval leaves 0 out; else even.</param>
/// <param name="ReciprocalRank">Of the expected article (0 where it was not found), where one is expected; null: nowhere.</param>
internal sealed record GoldenSummary(string Verdict, GoldenDifference All, IReadOnlyList<GoldenGroup> ByCategory, IReadOnlyList<GoldenGroup> ByLanguage, GoldenRanks? ReciprocalRank);

/// <summary>Mean reciprocal rank on either side and the difference's 95 % interval.</summary>
internal sealed record GoldenRanks(int Questions, double Base, double Candidate, double Difference, double Low, double High);

internal static class GoldenComparison
{
    /// <param name="questions">All that were asked.</param>
    /// <param name="verdicts">Of both sides; a question without both is left out.</param>
    internal static GoldenSummary Of(IReadOnlyList<GoldenExpectation> questions, IReadOnlyList<GoldenVerdict> verdicts)
    {
        var bySide = verdicts.ToLookup(v => v.Side);
        var (baseline, candidate) = (bySide["base"].ToDictionary(v => v.QuestionId), bySide["candidate"].ToDictionary(v => v.QuestionId));
        var judged = questions.Where(q => baseline.ContainsKey(q.Id) && candidate.ContainsKey(q.Id)).OrderBy(q => q.Id).ToList();
        (bool, bool) Pair(GoldenExpectation q) => (baseline[q.Id].Correct, candidate[q.Id].Correct);
        IReadOnlyList<GoldenGroup> Groups(Func<GoldenExpectation, string> keyOf) =>
            [.. judged.GroupBy(keyOf).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new GoldenGroup(g.Key, GoldenDifference.Of([.. g.Select(Pair)])))];

        var all = GoldenDifference.Of([.. judged.Select(Pair)]);
        return new(all.Low > 0 ? "better" : all.High < 0 ? "worse" : "even", all, Groups(q => q.Category), Groups(q => q.Language ?? "unknown"), Ranks(judged.Where(q => q.ExpectedDocumentId is not null)));

        GoldenRanks? Ranks(IEnumerable<GoldenExpectation> withArticle)
        {
            var ids = withArticle.Select(q => q.Id).ToList();
            if (ids.Count == 0)
                return null;
            double[] before = [.. ids.Select(id => Reciprocal(baseline[id].Rank))], after = [.. ids.Select(id => Reciprocal(candidate[id].Rank))];
            var paired = Bootstrap.Compare(after, before);
            return new(ids.Count, before.Average(), after.Average(), paired.Mean, paired.Interval.Low, paired.Interval.High);
        }
    }

    private static double Reciprocal(int? rank) => rank is { } at ? 1d / at : 0;
}
