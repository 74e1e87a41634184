using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// A phrase as hashed features: stems and neighbouring stems, stop words among them ("how do i" and "why is my" tell intents apart), and
/// the three to five characters inside each word.
/// </summary>
internal static class PhraseFeatures
{
    /// <summary>Set in features of words, clear in those of characters: each kind has a norm of its own.</summary>
    internal const uint WordBit = 1u << 31;

    private const int ShortestGram = 3;
    private const int LongestGram = 5;

    /// <summary>In ascending order, repeated as often as they occur.</summary>
    internal static uint[] Of(ReadOnlySpan<char> phrase)
    {
        var features = new List<uint>(128);
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        Span<char> padded = stackalloc char[WordReader.MaxWordLength + 2];
        var reader = new WordReader(phrase, buffer);
        var previous = 0UL;
        while (reader.Read())
        {
            var word = reader.Word;
            padded[0] = '_';
            word.CopyTo(padded[1..]);
            padded[word.Length + 1] = '_';
            AddGrams(padded[..(word.Length + 2)], features);
            var stem = TermKey.OfStem(buffer[..TextAnalyzer.StemInPlace(buffer[..word.Length])]);
            features.Add(Hash(stem) | WordBit);
            if (previous != 0)
                features.Add(Hash(TermKey.OfPair(previous, stem)) | WordBit);
            previous = stem;
        }
        features.Sort();
        return [.. features];
    }

    private static void AddGrams(ReadOnlySpan<char> word, List<uint> features)
    {
        for (var size = ShortestGram; size <= LongestGram; size++)
        {
            for (var start = 0; start + size <= word.Length; start++)
                features.Add(Hash(TermKey.OfStem(word.Slice(start, size))) & ~WordBit);
        }
    }

    private static uint Hash(ulong key) => (uint)(key >> 32);
}
