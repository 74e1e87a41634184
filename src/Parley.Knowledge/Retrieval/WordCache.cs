using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Retrieval;

/// <summary>What a word form means to the lists, found once per build instead of once per occurrence.</summary>
internal sealed class WordCache(PostingListBuilder stems, PostingListBuilder grams)
{
    private readonly Dictionary<string, Entry> _words = new(StringComparer.Ordinal);

    /// <summary>A run's last pair has one gram more than the same pair elsewhere.</summary>
    private readonly Dictionary<string, Entry> _lastPairs = new(StringComparer.Ordinal);

    /// <param name="Stem">Key of the stem.</param>
    /// <param name="StemTerm">Its number in the list of stems; −1 for a stop word.</param>
    /// <param name="GramTerms">Numbers of its grams; empty for a stop word.</param>
    internal sealed record Entry(ulong Stem, int StemTerm, int[] GramTerms)
    {
        internal bool IsStopWord => StemTerm < 0;
    }

    internal Entry Of(in WordReader reader)
    {
        var lookup = (reader.EndsRun ? _lastPairs : _words).GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(reader.Word, out var entry))
            lookup[reader.Word] = entry = Make(reader);
        return entry;
    }

    private Entry Make(in WordReader reader)
    {
        Span<char> word = stackalloc char[WordReader.MaxWordLength + 2];
        var stopped = StopWords.IsStopWord(reader.Word);
        var terms = new List<int>();
        var cut = new GramReader(reader, word);
        while (!stopped && cut.Read())
            terms.Add(grams.TermOf(TermKey.OfGram(cut.Gram)));
        reader.Word.CopyTo(word);
        var stem = TermKey.OfStem(word[..TextAnalyzer.StemInPlace(word[..reader.Word.Length])]);
        return new Entry(stem, stopped ? -1 : stems.TermOf(stem), [.. terms]);
    }
}
