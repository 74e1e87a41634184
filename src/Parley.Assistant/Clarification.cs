using Parley.Assistant.Composer;
using Parley.Escalations;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant;

/// <summary>What a question may be about, said in few words.</summary>
/// <param name="DocumentId">The document behind it.</param>
/// <param name="Label">Its title, shortened; with a heading where two documents have the same.</param>
internal sealed record ClarifyOption(Guid DocumentId, string Label);

/// <summary>A question back, with the documents that compete for it; and which of them the customer's next message takes. Pure.</summary>
internal static class Clarification
{
    private const int MostOptions = 4;

    /// <summary>A question of more words says what it is about; what it does not find is not there.</summary>
    private const int MostTerms = 4;

    /// <summary>A document competes from this share of the best one's score on …</summary>
    private const double AboutEqual = .8;

    /// <summary>… when its passages hold nearly all of the question.</summary>
    private const double Covers = .75;

    private const int LabelLength = 60;

    /// <summary>Documents that fit a short question about equally and are about different things; fewer than two: it is not ambiguous.</summary>
    internal static IReadOnlyList<ClarifyOption> Options(RetrievalResult found, IReadOnlyList<Composer.Evidence> evidence)
    {
        if (found.Documents.Count < 2 || found.Terms.Count is 0 or > MostTerms)
            return [];
        var matcher = new TermMatcher(found.Terms);
        var from = AboutEqual * found.Documents[0].Score;
        var asked = found.Terms.Select(t => t.Stem).ToHashSet(StringComparer.Ordinal);
        var options = new List<ClarifyOption>();
        foreach (var document in found.Documents.Where(d => d.Score >= from && d.Title.Length > 0))
        {
            var passages = evidence.Where(e => e.DocumentId == document.Id).ToList();
            if (passages.Count == 0 || Coverage(passages, found.Terms, matcher) < Covers)
                continue;
            var label = Label(document.Title, passages[0], options);
            if (label is not null && IsDistinct(label, options))
                options.Add(new ClarifyOption(document.Id, label));
        }
        return options.Count < 2 ? [] : [.. options.Take(MostOptions)];
    }

    /// <summary>The option, if any, that a message takes: by its number, or by words that only one of them has.</summary>
    internal static string? Chosen(string message, string language, IReadOnlyList<string> labels)
    {
        var said = PhraseSet.Words(message);
        if (said.Count is 0 or > 8 || labels.Count < 2)
            return null;
        var joined = string.Join(' ', said);
        if (labels.FirstOrDefault(l => string.Join(' ', PhraseSet.Words(l)) == joined) is { } same)
            return same;
        if (Ordinal(joined, language) is { } ordinal)
            return ordinal < labels.Count ? labels[ordinal] : null;
        var courtesies = Analysis.AnalysisLexicon.For(language).ToList();
        var subject = said.Where(w => Analysis.QuestionParts.HasSubject(w) && !courtesies.Exists(c => c.CourtesyWords.Contains(w))).ToList();
        var holding = labels.Where(l => PhraseSet.Words(l) is var words && subject.TrueForAll(words.Contains)).ToList();
        return subject.Count > 0 && holding.Count == 1 ? holding[0] : null;
    }

    /// <summary>The options of the assistant's last message: the list it ends with.</summary>
    internal static IReadOnlyList<string> Offered(string message)
    {
        var lines = message.TrimEnd().Split('\n');
        return [.. lines.Reverse().TakeWhile(l => l.StartsWith("- ", StringComparison.Ordinal)).Reverse().Select(l => l[2..].Trim())];
    }

    /// <summary>Does a document stand behind this label?</summary>
    internal static bool IsOf(string label, string title) => label == Shorten(title) || label.StartsWith(Shorten(title) + Dash, StringComparison.Ordinal);

    private const string Dash = " – ";

    private static int? Ordinal(string said, string language)
    {
        foreach (var tag in new[] { AssistantTexts.All.LanguageOf(language), "en" })
        {
            var groups = AssistantTexts.All.Get(tag, AssistantTexts.Ordinals).Split('/');
            for (var i = 0; i < groups.Length; i++)
            {
                if (groups[i].Split('|').Any(o => string.Join(' ', PhraseSet.Words(o)) == said))
                    return i;
            }
        }
        return null;
    }

    /// <summary>Two documents of the same title are told apart by where in them the passage is.</summary>
    private static string? Label(string title, Composer.Evidence best, List<ClarifyOption> options)
    {
        var label = Shorten(title);
        return !options.Exists(o => o.Label == label) ? label : best.HeadingPath.Count > 0 ? label + Dash + Shorten(best.HeadingPath[^1]) : null;
    }

    private static bool IsDistinct(string label, List<ClarifyOption> options)
    {
        var words = PhraseSet.Words(label).ToHashSet(StringComparer.Ordinal);
        return words.Count > 0 && !options.Exists(o => words.SetEquals(PhraseSet.Words(o.Label)));
    }

    private static string Shorten(string text)
    {
        text = text.ReplaceLineEndings(" ").Trim();
        if (text.Length <= LabelLength)
            return text;
        var end = text.LastIndexOf(' ', LabelLength - 1);
        return text[..(end > LabelLength / 2 ? end : LabelLength - 1)].TrimEnd() + "…";
    }

    private static double Coverage(List<Composer.Evidence> passages, IReadOnlyList<QueryTerm> terms, TermMatcher matcher)
    {
        var matches = new float[matcher.Count];
        foreach (var passage in passages)
        {
            matcher.Match(passage.Title, matches);
            foreach (var heading in passage.HeadingPath)
                matcher.Match(heading, matches);
            matcher.Match(passage.Text, matches);
        }
        return terms.Select((t, i) => t.Weight * matches[i]).Sum();
    }
}
