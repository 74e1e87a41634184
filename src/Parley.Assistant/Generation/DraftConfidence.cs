using System.Collections.Frozen;
using System.Text.Json;
using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;
using Parley.Escalations;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Generation;

/// <summary>What a draft is judged by.</summary>
/// <param name="Evidence">The confidence that the evidence answers, as it is without a model.</param>
/// <param name="Kept">Share of the model's pieces that cite.</param>
/// <param name="Coverage">Share of the question's weight that the kept pieces and the titles and headings of what they cite hold.</param>
/// <param name="Support">Share of the kept pieces' words that the cited passages hold.</param>
/// <param name="IsHedged">It says that it is not sure.</param>
/// <param name="IsPartial">It answers, and says that the passages do not.</param>
/// <param name="IsCut">It did not come to its end.</param>
internal readonly record struct DraftSignals(double Evidence, double Kept, double Coverage, double Support, bool IsHedged, bool IsPartial, bool IsCut);

/// <summary>
/// How far a draft can be trusted, from what can be seen of it without asking anybody (docs/adr/0033-answers-of-models.md):
/// (.3 evidence + .2 kept + .25 coverage + .25 support) · .5 where hedged · .7 where partial · .85 where cut. Pure.
/// </summary>
internal static class DraftConfidence
{
    private const double EvidenceWeight = .3, KeptWeight = .2, CoverageWeight = .25, SupportWeight = .25;
    private const double Hedged = .5, Partial = .7, Cut = .85;

    /// <summary>What words that cannot be compared count: the answer is in another language than its passages, or the question has no words of its own.</summary>
    private const double Unknown = .6;

    private static readonly FrozenDictionary<string, PhraseSet> Hedges = Load();

    internal static double Of(in DraftSignals s) =>
        ((EvidenceWeight * s.Evidence) + (KeptWeight * s.Kept) + (CoverageWeight * s.Coverage) + (SupportWeight * s.Support))
        * (s.IsHedged ? Hedged : 1) * (s.IsPartial ? Partial : 1) * (s.IsCut ? Cut : 1);

    /// <param name="draft">With at least one piece kept.</param>
    /// <param name="composed">What was composed without a model.</param>
    /// <param name="retrieval">Where the question's words and their weights come from.</param>
    /// <param name="passages">What the model was shown.</param>
    /// <param name="language">The question's.</param>
    /// <param name="cut">The text did not come to its end.</param>
    internal static DraftSignals Signals(GroundedDraft draft, Composition composed, RetrievalResult retrieval, IReadOnlyList<Composer.Evidence> passages, string language, bool cut)
    {
        var text = draft.Text;
        var comparable = LanguageDetector.Detect(text, language) == LanguageDetector.Detect(string.Join('\n', passages.Select(p => p.Text)), language);
        return new DraftSignals(
            composed.Confidence, draft.Pieces == 0 ? 0 : (double)draft.Kept / draft.Pieces, Coverage(draft, retrieval.Terms, text), comparable ? draft.Support : Math.Max(Unknown, draft.Support),
            IsHedged(text, language), draft.SaysNoAnswer, cut);
    }

    /// <summary>It says in its own language, or in English, that it is not sure.</summary>
    internal static bool IsHedged(string text, string language)
    {
        var words = PhraseSet.Words(text);
        return new[] { language, "en" }.Any(l => Hedges.TryGetValue(l, out var hedges) && hedges.IsIn(words));
    }

    private static double Coverage(GroundedDraft draft, IReadOnlyList<QueryTerm> terms, string text)
    {
        var whole = terms.Sum(t => t.Weight);
        if (whole <= 0)
        {
            return Unknown;
        }
        var (matcher, matches) = (new TermMatcher(terms), new float[terms.Count]);
        matcher.Match(text, matches);
        foreach (var quote in draft.Quotes)
        {
            matcher.Match(quote.Title, matches);
            foreach (var heading in quote.HeadingPath)
            {
                matcher.Match(heading, matches);
            }
        }
        return terms.Select((t, i) => t.Weight * matches[i]).Sum() / whole;
    }

    private static FrozenDictionary<string, PhraseSet> Load()
    {
        using var stream = typeof(DraftConfidence).Assembly.GetManifestResourceStream("generation/hedges.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string[]>>(stream)!.ToFrozenDictionary(l => l.Key, l => new PhraseSet(l.Value), StringComparer.Ordinal);
    }
}
