using System.Runtime.InteropServices;
using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>A question as weighted terms of every leg.</summary>
internal sealed class QueryTerms
{
    /// <summary>Words beyond this do not change what a question is about, but cost time.</summary>
    internal const int MaxWords = 512;

    /// <summary>What the words inside a name such as maxReplicas weigh: the name itself weighs more.</summary>
    private const float InsideName = .5f;

    private readonly Dictionary<ulong, int> _positions = [];
    private int _words;

    /// <summary>Stems without stop words.</summary>
    internal List<(ulong Key, float Weight)> Stems { get; } = [];

    /// <summary>Stems with question words, for the legs on titles.</summary>
    internal List<(ulong Key, float Weight)> TitleStems { get; } = [];

    internal List<(ulong Key, float Weight)> Grams { get; } = [];

    internal List<(ulong Key, float Weight)> Pairs { get; } = [];

    /// <summary>The distinct words behind <see cref="Stems"/>, as written and as stemmed, in the same order.</summary>
    internal List<(string Word, string Stem)> Words { get; } = [];

    /// <summary>Names of several joined words: what is asked for by its name.</summary>
    internal List<ulong> Identifiers { get; private init; } = [];

    internal static QueryTerms Of(ReadOnlySpan<char> text)
    {
        var terms = new QueryTerms { Identifiers = [.. Identifier.In(text).Select(i => i.Key).Distinct()] };
        terms.Add(text, 1);
        foreach (var name in CamelCase.In(text))
            terms.Add(name, InsideName);
        return terms;
    }

    /// <summary>Adds the terms of a text; terms that are there already gain weight.</summary>
    internal void Add(ReadOnlySpan<char> text, float weight)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        Span<char> padded = stackalloc char[WordReader.MaxWordLength + 2];
        var reader = new WordReader(text, buffer);
        var previous = 0UL;
        var asks = false;
        while (_words < MaxWords && reader.Read())
        {
            _words++;
            var word = reader.Word;
            if (StopWords.IsFunctionWord(word))
                continue;
            var stopped = StopWords.IsStopWord(word) || (asks && StopWords.IsMeasure(word));
            asks = word is "how";
            if (!stopped)
            {
                var grams = new GramReader(reader, padded);
                while (grams.Read())
                    Count(Grams, TermKey.OfGram(grams.Gram), weight, Leg.Grams);
            }
            var length = TextAnalyzer.StemInPlace(buffer[..word.Length]);
            var stem = TermKey.OfStem(buffer[..length]);
            Count(TitleStems, stem, weight, Leg.Titles);
            if (stopped)
                continue;
            if (Count(Stems, stem, weight, Leg.Stems))
                Words.Add((text[reader.Start..reader.End].ToString(), buffer[..length].ToString()));
            if (previous != 0)
                Count(Pairs, TermKey.OfPair(previous, stem), weight, Leg.Pairs);
            previous = stem;
        }
    }

    private enum Leg : ulong
    {
        Stems = 0x1111,
        Titles = 0x2222,
        Grams = 0x3333,
        Pairs = 0x4444,
    }

    /// <summary>True when the term is new.</summary>
    private bool Count(List<(ulong Key, float Weight)> terms, ulong key, float weight, Leg leg)
    {
        ref var position = ref CollectionsMarshal.GetValueRefOrAddDefault(_positions, TermKey.OfPair(key, (ulong)leg), out var known);
        if (known)
        {
            CollectionsMarshal.AsSpan(terms)[position].Weight += weight;
            return false;
        }
        position = terms.Count;
        terms.Add((key, weight));
        return true;
    }
}
