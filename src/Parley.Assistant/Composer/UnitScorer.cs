using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Composer;

/// <summary>Scores how well a unit of a passage answers the question: what it covers itself, what its headings cover, what it looks like.</summary>
internal sealed class UnitScorer
{
    private const float HeadingShare = .5f;
    private const float TitleShare = .3f;
    private const double EvidenceWeight = .35;

    /// <summary>What a passage gains whose heading is the question.</summary>
    private const double HeadingIsQuestion = .7;

    /// <summary>… and what its opening gains, which answers that heading.</summary>
    private const double OpensSection = .3;

    /// <summary>What a unit gains for a name of joined words that the question has: RAILWAY_PUBLIC_DOMAIN, ERR-1042.</summary>
    private const double HoldsName = .6;

    private const double OpeningBonus = .04;
    private const double QuestionPenalty = .5;
    private const double NoNewsPenalty = .3;
    private const int ReadableWords = 40;
    private const double PenaltyPerWord = .004;

    private readonly IReadOnlyList<QueryTerm> _terms;
    private readonly ExpectedAnswer _expected;
    private readonly IReadOnlyList<Evidence> _evidence;
    private readonly List<Context> _contexts;
    private readonly double _bestScore;
    private readonly List<string> _names;

    internal UnitScorer(string question, IReadOnlyList<QueryTerm> terms, IReadOnlyList<Evidence> evidence, TermMatcher matcher)
    {
        (_terms, _evidence, _expected) = (terms, evidence, ExpectedAnswer.Of(question));
        _contexts = evidence.Select(e => ContextOf(e, matcher)).ToList();
        _names = Identifier.In(question).ConvertAll(n => question[n.Start..n.End]);
        _bestScore = Math.Max(evidence.Count == 0 ? 1 : evidence.Max(e => e.Score), 1e-9);
    }

    /// <param name="Heading">How far the nearest heading matches each term.</param>
    /// <param name="Title">How far title and headings do.</param>
    /// <param name="Cover">How far the question and the nearest heading cover each other: 1 when they have the same words.</param>
    private sealed record Context(float[] Heading, float[] Title, double Cover);

    internal double Score(AnswerUnit unit)
    {
        var evidence = _evidence[unit.Evidence];
        var context = _contexts[unit.Evidence];
        var score = (EvidenceWeight * evidence.Score / _bestScore) + (HeadingIsQuestion * context.Cover);
        for (var i = 0; i < _terms.Count; i++)
            score += _terms[i].Weight * Math.Max(unit.Matches[i], Math.Max(HeadingShare * context.Heading[i], TitleShare * context.Title[i]));
        score += _expected.Bonus(unit, evidence.Text.AsSpan(unit.Start, unit.End - unit.Start));
        score += unit is { Block: 0, Index: 0 } ? OpeningBonus + (OpensSection * context.Cover) : 0;
        foreach (var name in _names)
            score += Named(evidence.Text.AsSpan(unit.Start, unit.End - unit.Start), name);
        score -= unit.IsQuestion ? QuestionPenalty : 0;
        score -= unit.Kind == BlockKind.Paragraph && unit.IsNoNews ? NoNewsPenalty : 0;
        return score - (PenaltyPerWord * Math.Max(0, unit.Words - ReadableWords));
    }

    /// <summary>A row or an entry that begins with the name is about it.</summary>
    private static double Named(ReadOnlySpan<char> text, string name) =>
        text.TrimStart("|-*+` ").StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 2 * HoldsName : text.Contains(name, StringComparison.OrdinalIgnoreCase) ? HoldsName : 0;

    /// <summary>Share of the question's weight that units and the headings above them cover.</summary>
    internal double Coverage(IEnumerable<AnswerUnit> units)
    {
        Span<float> best = stackalloc float[_terms.Count];
        foreach (var unit in units)
        {
            for (var i = 0; i < best.Length; i++)
                best[i] = Math.Max(best[i], Math.Max(unit.Matches[i], _contexts[unit.Evidence].Title[i]));
        }
        var coverage = 0d;
        for (var i = 0; i < best.Length; i++)
            coverage += _terms[i].Weight * best[i];
        return coverage;
    }

    private Context ContextOf(Evidence e, TermMatcher matcher)
    {
        var title = new float[matcher.Count];
        matcher.Match(e.Title, title);
        foreach (var heading in e.HeadingPath)
            matcher.Match(heading, title);
        var nearest = new float[matcher.Count];
        var (words, _) = matcher.Match(e.HeadingPath.Count > 0 ? e.HeadingPath[^1] : e.Title, nearest);
        var asked = 0d;
        for (var i = 0; i < nearest.Length; i++)
            asked += _terms[i].Weight * nearest[i];
        var said = words == 0 ? 0 : Math.Min(1, (double)nearest.Count(m => m > 0) / words);
        return new Context(e.HeadingPath.Count > 0 ? nearest : new float[matcher.Count], title, asked * said);
    }
}
