using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Composer;

/// <summary>Scores how well a unit of a passage answers the question: what it covers itself, what its headings cover, what it looks like.</summary>
internal sealed class UnitScorer
{
    private const double HeadingShare = .5;
    private const double TitleShare = .3;
    private const double InflectedShare = .8;
    private const double EvidenceWeight = .35;

    /// <summary>What a passage gains whose heading is the question.</summary>
    private const double HeadingIsQuestion = .7;

    /// <summary>… and what its opening gains, which answers that heading.</summary>
    private const double OpensSection = .3;
    private const double OpeningBonus = .04;
    private const double QuestionPenalty = .5;
    private const double NoNewsPenalty = .3;
    private const int ReadableWords = 40;
    private const double PenaltyPerWord = .004;

    private readonly IReadOnlyList<QueryTerm> _terms;
    private readonly ExpectedAnswer _expected;
    private readonly IReadOnlyList<Evidence> _evidence;
    private readonly List<(HashSet<string> Heading, HashSet<string> Title)> _contexts;
    private readonly List<double> _headingCover;
    private readonly double _bestScore;

    internal UnitScorer(string question, IReadOnlyList<QueryTerm> terms, IReadOnlyList<Evidence> evidence)
    {
        (_terms, _evidence, _expected) = (terms, evidence, ExpectedAnswer.Of(question));
        _contexts = evidence.Select(e => (Stems(e.HeadingPath.Count > 0 ? e.HeadingPath[^1] : ""), Stems(e.Title + "\n" + string.Join('\n', e.HeadingPath)))).ToList();
        _headingCover = evidence.Select((e, i) => HeadingCover(e.HeadingPath.Count == 0 ? Stems(e.Title) : _contexts[i].Heading)).ToList();
        _bestScore = Math.Max(evidence.Count == 0 ? 1 : evidence.Max(e => e.Score), 1e-9);
    }

    internal bool WantsSteps => _expected.Steps;

    internal double Score(AnswerUnit unit)
    {
        var evidence = _evidence[unit.Evidence];
        var text = evidence.Text.AsSpan(unit.Start, unit.End - unit.Start);
        var heading = _headingCover[unit.Evidence];
        var score = (EvidenceWeight * evidence.Score / _bestScore) + (HeadingIsQuestion * heading);
        score += unit.Block == 0 && unit.Index == 0 ? OpensSection * heading : 0;
        for (var i = 0; i < _terms.Count; i++)
            score += _terms[i].Weight * Match(i, unit);
        score += _expected.Bonus(unit, text);
        score += unit is { Block: 0, Index: 0 } ? OpeningBonus : 0;
        score -= unit.IsQuestion ? QuestionPenalty : 0;
        score -= unit.Kind == BlockKind.Paragraph && IsNoNews(unit) ? NoNewsPenalty : 0;
        return score - (PenaltyPerWord * Math.Max(0, unit.Words - ReadableWords));
    }

    /// <summary>How far a unit and its context cover one word of the question.</summary>
    internal double Match(int term, AnswerUnit unit)
    {
        var own = Match(_terms[term].Stem, unit.Stems);
        if (own == 1)
            return 1;
        var (heading, title) = _contexts[unit.Evidence];
        return Math.Max(own, Math.Max(HeadingShare * Match(_terms[term].Stem, heading), TitleShare * Match(_terms[term].Stem, title)));
    }

    /// <summary>How far the question and the nearest heading cover each other: 1 when they have the same words.</summary>
    private double HeadingCover(HashSet<string> heading)
    {
        if (heading.Count == 0)
            return 0;
        var asked = _terms.Sum(t => t.Weight * Match(t.Stem, heading));
        var said = (double)_terms.Count(t => Match(t.Stem, heading) > 0) / heading.Count;
        return asked * Math.Min(1, said);
    }

    /// <summary>Share of the question's weight that units and the headings above them cover.</summary>
    internal double Coverage(IEnumerable<AnswerUnit> units)
    {
        var coverage = 0d;
        for (var i = 0; i < _terms.Count; i++)
        {
            var term = _terms[i].Stem;
            coverage += _terms[i].Weight * units.Select(u => Math.Max(Match(term, u.Stems), Match(term, _contexts[u.Evidence].Title))).DefaultIfEmpty(0).Max();
        }
        return coverage;
    }

    /// <summary>1 for the same stem, less for one that shares most of its letters (inflection in languages without a stemmer).</summary>
    private static double Match(string stem, HashSet<string> stems)
    {
        if (stems.Contains(stem))
            return 1;
        if (stem.Length < 4)
            return 0;
        foreach (var other in stems)
        {
            var shared = stem.AsSpan().CommonPrefixLength(other);
            if (shared >= 4 && shared * 10 >= 7 * Math.Max(stem.Length, other.Length))
                return InflectedShare;
        }
        return 0;
    }

    /// <summary>The sentence only repeats the question.</summary>
    private bool IsNoNews(AnswerUnit unit) => unit.Stems.Count < 3 || unit.Stems.All(s => _terms.Any(t => t.Stem == s));

    private static HashSet<string> Stems(string text) => TextAnalyzer.Stems(text).ToHashSet(StringComparer.Ordinal);
}
