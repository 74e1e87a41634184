using System.Buffers;
using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// Acronyms as the documents themselves introduce them: "point-in-time recovery (PITR)". Whoever asks for the one finds what is written
/// with the other.
/// </summary>
/// <remarks>
/// The words before the bracket are taken whose initials are the acronym's letters (A. S. Schwartz and M. A. Hearst, PSB 2003, in its
/// strict form: every letter is an initial; small words may be skipped).
/// </remarks>
internal sealed class Acronyms
{
    private const int Shortest = 2, Longest = 6;

    /// <summary>What is lent weighs a quarter: more than that, and the words that were not asked for drown the others (scifact .714, .705 at half).</summary>
    private const float Share = .25f;

    private static readonly SearchValues<char> Marks = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private readonly Dictionary<string, string> _phrases = new(StringComparer.Ordinal);

    /// <param name="documents">In any order: of several meanings the most frequent one counts, then the first in the alphabet.</param>
    internal Acronyms(IReadOnlyCollection<IndexedDocument> documents)
    {
        var meanings = documents.SelectMany(d => d.Acronyms).CountBy(a => a).GroupBy(a => a.Key.Name, StringComparer.Ordinal);
        foreach (var meaning in meanings)
            _phrases[meaning.Key] = meaning.OrderByDescending(m => m.Value).ThenBy(m => m.Key.Phrase, StringComparer.Ordinal).First().Key.Phrase;
    }

    /// <summary>Lends a question the long form of its acronyms and the acronyms of its long forms.</summary>
    internal void Extend(QueryTerms terms, string question)
    {
        if (_phrases.Count == 0)
            return;
        var words = WordsOf(question);
        var text = " " + string.Join(' ', words) + " ";
        foreach (var (name, phrase) in _phrases)
        {
            if (words.Contains(name))
                terms.Add(phrase, Share);
            else if (text.Contains(" " + phrase + " ", StringComparison.Ordinal))
                terms.Add(name, Share);
        }
    }

    /// <summary>Those that a text introduces: the acronym and its words, as they are indexed.</summary>
    internal static IEnumerable<(string Name, string Phrase)> In(string text)
    {
        for (var open = text.IndexOf('('); open >= 0; open = text.IndexOf('(', open + 1))
        {
            var length = text.AsSpan(open + 1).IndexOfAnyExcept(Marks);
            if (length is < Shortest or > Longest || text[open + 1 + length] != ')')
                continue;
            var name = text.Substring(open + 1, length).ToLowerInvariant();
            var start = Math.Max(0, open - (Longest * 24));
            if (PhraseOf(WordsOf(text[start..open]), name) is { } phrase)
                yield return (name, phrase);
        }
    }

    /// <summary>The last words whose initials are the name's letters; null: there are none.</summary>
    private static string? PhraseOf(List<string> words, string name)
    {
        var (word, letter) = (words.Count - 1, name.Length - 1);
        for (; word >= 0 && letter >= 0; word--)
        {
            if (words[word][0] == name[letter])
                letter--;
            else if (letter == name.Length - 1 || !StopWords.IsFunctionWord(words[word]))
                return null;
        }
        return letter < 0 ? string.Join(' ', words.Skip(word + 1)) : null;
    }

    private static List<string> WordsOf(string text)
    {
        var words = new List<string>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
            words.Add(reader.Word.ToString());
        return words;
    }
}
