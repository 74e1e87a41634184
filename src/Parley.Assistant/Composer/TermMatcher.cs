using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant.Composer;

/// <summary>Finds the words of a question in a text, in any inflection, without allocating for each word read.</summary>
internal sealed class TermMatcher(IReadOnlyList<QueryTerm> terms)
{
    /// <summary>What an inflected form counts, where the stemmer does not know the language.</summary>
    private const float InflectedShare = .8f;

    private const int ShortestInflected = 4;

    internal int Count => terms.Count;

    /// <summary>Sets how far each term is matched by the text: 1 by its stem, less by a word that shares most of its letters.</summary>
    /// <returns>How many words other than stop words the text has, and how many of them the question has not.</returns>
    internal (int Words, int Others) Match(ReadOnlySpan<char> text, Span<float> matches)
    {
        var (words, others) = (0, 0);
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (StopWords.IsStopWord(reader.Word))
                continue;
            ReadOnlySpan<char> stem = buffer[..TextAnalyzer.StemInPlace(buffer[..reader.Word.Length])];
            words++;
            var known = false;
            for (var i = 0; i < terms.Count; i++)
            {
                var similarity = Similarity(terms[i].Stem, stem);
                known |= similarity == 1;
                matches[i] = Math.Max(matches[i], similarity);
            }
            others += known ? 0 : 1;
        }
        return (words, others);
    }

    private static float Similarity(string term, ReadOnlySpan<char> stem)
    {
        if (term[0] != stem[0])
            return 0;
        var shared = term.AsSpan().CommonPrefixLength(stem);
        if (shared == term.Length && shared == stem.Length)
            return 1;
        return shared >= ShortestInflected && shared * 10 >= 7 * Math.Max(term.Length, stem.Length) ? InflectedShare : 0;
    }
}
