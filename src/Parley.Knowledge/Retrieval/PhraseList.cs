using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// The phrases of a document that is nothing but example phrasings of one thing: an intent's utterances, the variants of a question.
/// </summary>
/// <remarks>
/// The rule, on the content alone: no heading, table, code or link; at least <see cref="LeastPhrases"/> phrases (lines, or sentences where
/// lines were joined), half of them of at most <see cref="ShortWords"/> words; and they resemble each other: a word of one phrase occurs in
/// at least <see cref="LeastResemblance"/> of the others. Prose of any kind fails one of these; a source counts as such lists when four in
/// five of its documents pass (<see cref="PhraseClassifier"/>).
/// </remarks>
internal static class PhraseList
{
    internal const int LeastPhrases = 8;

    /// <summary>More phrases of one document cost time and tell nothing new.</summary>
    internal const int MostPhrases = 300;

    internal const int ShortWords = 15;
    internal const double LeastResemblance = .07;

    /// <summary>A passage with so many lines is one phrase per line.</summary>
    private const int LeastLines = 5;

    /// <summary>Each phrase's features; null: the document is no such list.</summary>
    internal static uint[][]? Of(IndexDocument document)
    {
        if (document.Chunks.Any(c => c.HeadingPath.Count > 0 || HasStructure(c.Text)))
            return null;
        var phrases = new List<string>();
        foreach (var chunk in document.Chunks)
            phrases.AddRange(Phrases(chunk.Text));
        if (phrases.Count < LeastPhrases || !AreShort(phrases))
            return null;
        var stems = phrases.ConvertAll(p => TextAnalyzer.Stems(p).ToHashSet(StringComparer.Ordinal));
        return Resemblance(stems) < LeastResemblance ? null : [.. phrases.Take(MostPhrases).Select(p => PhraseFeatures.Of(p))];
    }

    /// <summary>Mean share of the other phrases in which a word of a phrase occurs.</summary>
    internal static double Resemblance(List<HashSet<string>> phrases)
    {
        var frequency = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in phrases.SelectMany(p => p))
            frequency[word] = frequency.GetValueOrDefault(word) + 1;
        var filled = phrases.Where(p => p.Count > 0).ToList();
        return filled.Count < 2 ? 0 : filled.Average(p => p.Average(w => (frequency[w] - 1d) / (phrases.Count - 1)));
    }

    private static bool AreShort(List<string> phrases) => phrases.Count(p => TextAnalyzer.CountWords(p) <= ShortWords) * 2 >= phrases.Count;

    private static bool HasStructure(string text) =>
        text.Contains("](", StringComparison.Ordinal) || text.Contains("```", StringComparison.Ordinal)
        || text.AsSpan().TrimStart().StartsWith("#") || text.Contains("\n#", StringComparison.Ordinal)
        || text.AsSpan().TrimStart().StartsWith("|") || text.Contains("\n|", StringComparison.Ordinal);

    private static IEnumerable<string> Phrases(string text)
    {
        if (text.AsSpan().Count('\n') + 1 >= LeastLines)
            return text.Split('\n').Select(WithoutMark).Where(l => l.Length > 0);
        return Sentences(text).Where(s => s.Length > 0);
    }

    /// <summary>Simpler than for prose: who lists phrasings writes them in lower case and without abbreviations.</summary>
    private static IEnumerable<string> Sentences(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '。' or '？' or '！' || (text[i] is '.' or '?' or '!' or '؟' or '।' && i + 1 < text.Length && char.IsWhiteSpace(text[i + 1])))
            {
                yield return WithoutMark(text[start..(i + 1)]);
                start = i + 1;
            }
        }
        yield return WithoutMark(text[start..]);
    }

    private static string WithoutMark(string line)
    {
        var trimmed = line.AsSpan().Trim();
        return (trimmed is ['-' or '*' or '+' or '•', ' ', ..] ? trimmed[2..].Trim() : trimmed).ToString();
    }
}
