using Parley.Assistant.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Composer;

/// <summary>What tells whether the evidence answers the question: all that the confidence is made of.</summary>
/// <param name="Match">Best score divided by the ideal score; of a follow-up no more than its own words bring.</param>
/// <param name="Margin">How far the best document is ahead of the second, as a share of the ideal score.</param>
/// <param name="MissingName">Share of the question's weight in names and numbers that the best document's passages do not hold.</param>
/// <param name="IsNegated">The question is negated, the answer is not.</param>
/// <param name="IsOpposed">The answer holds the contrary of a word of the question instead of the word.</param>
/// <param name="Unknown">Share of the question's weight in words that no document holds as they are written ("tide", though read as "tied"); 0 where a word's forms are not folded into one.</param>
internal readonly record struct SupportSignals(double Match, double Margin, double MissingName, bool IsNegated, bool IsOpposed, double Unknown = 0)
{
    /// <summary>Languages that write every noun with a capital: there it makes no name.</summary>
    private const string CapitalNouns = "de";

    /// <summary>The stemmer's language: elsewhere an unknown word is as likely another form of a known one.</summary>
    private const string StemmedLanguage = "en";

    internal static SupportSignals Of(string question, RetrievalResult retrieval, IReadOnlyList<Evidence> evidence, TermMatcher matcher, string answer)
    {
        if (retrieval.Documents.Count == 0)
            return default;
        var language = LanguageDetector.Detect(question, "en");
        var cues = ContrastCues.For(language);
        var (asked, said) = (ContrastCues.Words(question), ContrastCues.Words(answer));
        // Where meaning has put documents into another order than their words would, the first may be behind in words: it is then not ahead at all.
        var second = retrieval.Documents.Count > 1 ? retrieval.Documents.Skip(1).Max(d => d.Score) : 0;
        return new SupportSignals(
            Math.Min(retrieval.Confidence, retrieval.OwnConfidence),
            Math.Max(0, retrieval.Documents[0].Score - second) / retrieval.IdealScore,
            language == CapitalNouns ? 0 : WeightOfMissingNames(question, retrieval, evidence, matcher),
            cues.IsNegatedOnlyIn(asked, said),
            cues.HasOpposite(asked, said),
            language == StemmedLanguage ? retrieval.UnknownShare : 0);
    }

    private static double WeightOfMissingNames(string question, RetrievalResult retrieval, IReadOnlyList<Evidence> evidence, TermMatcher matcher)
    {
        var terms = retrieval.Terms;
        // "HOW DO I DEPLOY" and "How Do I Deploy" have no names, only capitals.
        if (!terms.Any(t => char.IsLower(t.Word[0])))
            return 0;
        var best = evidence.Where(e => e.DocumentId == retrieval.Documents[0].Id).ToList();
        var matches = new float[matcher.Count];
        foreach (var passage in best.Count > 0 ? best : evidence.Take(1))
        {
            matcher.Match(passage.Title, matches);
            foreach (var heading in passage.HeadingPath)
                matcher.Match(heading, matches);
            matcher.Match(passage.Text, matches);
        }
        var opening = question.AsSpan().TrimStart();
        var missing = 0d;
        for (var i = 0; i < matches.Length; i++)
        {
            if (matches[i] == 0 && IsName(terms[i].Word, opening))
                missing += terms[i].Weight;
        }
        return missing;
    }

    /// <summary>It has a digit, or a capital although no sentence begins with it.</summary>
    private static bool IsName(string word, ReadOnlySpan<char> opening) =>
        word.AsSpan().ContainsAnyInRange('0', '9') || (char.IsUpper(word[0]) && !opening.StartsWith(word, StringComparison.Ordinal));
}
