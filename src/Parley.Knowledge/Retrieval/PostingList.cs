namespace Parley.Knowledge.Retrieval;

/// <summary>
/// One inverted list: for every term the documents that hold it, in ascending order, with the term's frequency. Immutable.
/// </summary>
/// <remarks>
/// A posting packs the document's ordinal and the frequency into 32 bits. Frequencies, not impacts, are stored: an impact would have to
/// be rewritten for all documents whenever one changes the mean length, and a division by a cached length norm costs about a nanosecond.
/// </remarks>
internal sealed class PostingList
{
    /// <summary>Bits of a posting that hold the frequency.</summary>
    internal const int FrequencyBits = 10;

    internal const uint FrequencyMask = (1u << FrequencyBits) - 1;

    /// <summary>A process holds larger corpora in PostgreSQL, not in memory.</summary>
    internal const int MaxDocuments = 1 << (32 - FrequencyBits);

    private readonly ulong[] _keys;
    private readonly int[] _starts;
    private readonly uint[] _postings;

    internal static readonly PostingList Empty = new([], [0], [], []);

    internal PostingList(ulong[] keys, int[] starts, uint[] postings, int[] lengths)
    {
        (_keys, _starts, _postings, Lengths) = (keys, starts, postings, lengths);
        TotalLength = lengths.Sum(l => (long)l);
    }

    /// <summary>Number of terms of each document, repetitions counted.</summary>
    internal int[] Lengths { get; }

    internal long TotalLength { get; }

    internal int TermCount => _keys.Length;

    internal int PostingCount => _postings.Length;

    internal long Bytes => ((long)_keys.Length * 12) + ((long)_postings.Length * 4) + ((long)Lengths.Length * 4);

    /// <summary>The ordinal of a term, or a negative number.</summary>
    internal int Find(ulong key) => Array.BinarySearch(_keys, key);

    internal ReadOnlySpan<uint> Postings(int term) => _postings.AsSpan(_starts[term], _starts[term + 1] - _starts[term]);

    internal int Start(int term) => _starts[term];

    internal int DocumentFrequency(int term) => _starts[term + 1] - _starts[term];

    internal ulong Key(int term) => _keys[term];

    /// <summary>Frequency of a term in one document; 0 when it is not there.</summary>
    internal int Frequency(int term, int document)
    {
        var postings = Postings(term);
        var (low, high) = (0, postings.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = (int)(postings[middle] >> FrequencyBits);
            if (found == document)
                return (int)(postings[middle] & FrequencyMask);
            (low, high) = found < document ? (middle + 1, high) : (low, middle - 1);
        }
        return 0;
    }

    /// <summary>
    /// The list without some of its documents and with those of another list behind the rest: what a clean build of the same documents
    /// in the same order gives.
    /// </summary>
    /// <param name="remap">New ordinal of each old document, ascending; −1 for a document that goes.</param>
    /// <param name="kept">Number of documents that stay.</param>
    /// <param name="added">The new documents, numbered from 0.</param>
    internal PostingList Merge(int[] remap, int kept, PostingList added)
    {
        var keys = new List<ulong>(_keys.Length + added._keys.Length);
        var starts = new List<int>(_keys.Length + added._keys.Length + 1) { 0 };
        var postings = new uint[_postings.Length + added._postings.Length];
        var count = 0;
        for (int i = 0, j = 0; i < _keys.Length || j < added._keys.Length;)
        {
            var takeOld = j == added._keys.Length || (i < _keys.Length && _keys[i] <= added._keys[j]);
            var takeNew = i == _keys.Length || (j < added._keys.Length && added._keys[j] <= _keys[i]);
            var key = takeOld ? _keys[i] : added._keys[j];
            var before = count;
            if (takeOld)
                CopyKept(Postings(i++), remap, postings, ref count);
            if (takeNew)
            {
                foreach (var posting in added.Postings(j++))
                    postings[count++] = posting + ((uint)kept << FrequencyBits);
            }
            if (count == before)
                continue;
            keys.Add(key);
            starts.Add(count);
        }
        return new PostingList([.. keys], [.. starts], postings[..count], MergeLengths(remap, kept, added));
    }

    private static void CopyKept(ReadOnlySpan<uint> source, int[] remap, uint[] target, ref int count)
    {
        foreach (var posting in source)
        {
            var document = remap[posting >> FrequencyBits];
            if (document >= 0)
                target[count++] = ((uint)document << FrequencyBits) | (posting & FrequencyMask);
        }
    }

    private int[] MergeLengths(int[] remap, int kept, PostingList added)
    {
        var lengths = new int[kept + added.Lengths.Length];
        for (var i = 0; i < remap.Length; i++)
        {
            if (remap[i] >= 0)
                lengths[remap[i]] = Lengths[i];
        }
        added.Lengths.CopyTo(lengths, kept);
        return lengths;
    }
}
