using Parley.Assistant.Contracts;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Composer;

/// <summary>
/// Answers with sentences of the sources, unchanged and cited, or abstains. Pure: the same evidence gives the same answer.
/// </summary>
internal static class ExtractiveComposer
{
    /// <summary>Probability from which on the composer answers, as shipped.</summary>
    public const double AnswerThreshold = SupportModel.AnswerThreshold;

    /// <summary>
    /// Words of prose that an answer stays within; steps, tables and code are kept whole beyond it. Few answers come near it, because
    /// <see cref="FurtherShare"/> ends them earlier: where one sentence says it, one is quoted.
    /// </summary>
    public const int ProseWords = 100;

    /// <summary>Passages that are read.</summary>
    public const int EvidenceRead = 8;

    /// <summary>Lists and tables up to this are quoted whole; of longer ones only the entry that answers.</summary>
    private const int WholeBlockWords = 160;

    /// <summary>A further sentence must be this good compared with the best.</summary>
    private const double FurtherShare = .7;

    /// <param name="question">As asked.</param>
    /// <param name="retrieval">The result the evidence comes from.</param>
    /// <param name="evidence">Passages re-read, best first.</param>
    /// <param name="threshold">Probability from which on to answer; null: <see cref="SupportModel.AnswerThreshold"/>.</param>
    /// <param name="calibration">The tenant's; null: <see cref="Calibration.Shipped"/>.</param>
    /// <param name="proseWords">Words of prose to stay within.</param>
    public static Composition Compose(
        string question, RetrievalResult retrieval, IReadOnlyList<Evidence> evidence, double? threshold = null, Calibration? calibration = null, int proseWords = ProseWords)
    {
        evidence = [.. evidence.Take(EvidenceRead)];
        if (evidence.Count == 0)
            return new Composition { Abstained = AbstainReason.NoEvidence, Confidence = 0 };
        var passages = evidence.Select(e => PassageBlocks.Parse(e.Text)).ToList();
        var matcher = new TermMatcher(retrieval.Terms);
        var scorer = new UnitScorer(question, retrieval.Terms, evidence, matcher);
        var units = new List<AnswerUnit>();
        for (var i = 0; i < evidence.Count; i++)
            units.AddRange(AnswerUnit.Of(i, evidence[i].Text, passages[i], matcher).Where(u => !IsTableHead(u)));
        foreach (var unit in units)
            unit.Score = scorer.Score(unit);
        if (units.Count == 0)
            return Judged(new Composition { Abstained = AbstainReason.NothingToQuote });

        var selection = new AnswerSelection(evidence, passages, units, WholeBlockWords);
        var best = Select(selection, units, scorer, proseWords);
        var expected = ExpectedAnswer.Of(question);
        var yesOrNo = expected.IsWhether ? units.Find(u => (u.Evidence, u.Block, u.Index, u.Words) == (best.Evidence, best.Block, best.Index - 1, 1)) : null;
        if (yesOrNo is not null)
            selection.Add(yesOrNo);
        var composed = Judged(selection.ToComposition(scorer.Coverage(selection.Chosen), expected.IsDirect && yesOrNo is null ? best : null));
        return composed.Confidence < (threshold ?? SupportModel.AnswerThreshold)
            ? composed with { Abstained = AbstainReason.WeakSupport, Blocks = [], Quotes = [] }
            : composed;

        Composition Judged(Composition draft)
        {
            var signals = SupportSignals.Of(question, retrieval, evidence, matcher, draft.Text);
            var raw = SupportModel.Confidence(signals);
            return draft with { Signals = signals, RawConfidence = raw, Confidence = (calibration ?? Calibration.Shipped).Apply(raw) };
        }
    }

    private static bool IsTableHead(AnswerUnit unit) => unit is { Kind: BlockKind.Table, Index: < 2 };

    /// <summary>The best unit with what belongs to it, then the next best while they are nearly as good and the answer stays short.</summary>
    /// <returns>The best.</returns>
    private static AnswerUnit Select(AnswerSelection selection, List<AnswerUnit> units, UnitScorer scorer, int words)
    {
        var ranked = units.OrderByDescending(u => u.Score).ThenBy(u => u.Evidence).ThenBy(u => u.Start).ToList();
        var best = ranked[0];
        selection.Add(best);
        foreach (var unit in ranked.Skip(1))
        {
            if (unit.Score < FurtherShare * best.Score || selection.Words >= words)
                break;
            if (unit.Evidence == best.Evidence || AddsCoverage(selection, unit, scorer))
                selection.TryAdd(unit, words);
        }
        return best;
    }

    /// <summary>Another passage is quoted only for what the first does not say.</summary>
    private static bool AddsCoverage(AnswerSelection selection, AnswerUnit unit, UnitScorer scorer) =>
        scorer.Coverage([.. selection.Chosen, unit]) > scorer.Coverage(selection.Chosen) + .08;
}
