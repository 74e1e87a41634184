using System.Runtime.InteropServices;

namespace Parley.Knowledge.Retrieval;

/// <summary>Collects the terms of documents one after the other and turns them into a <see cref="PostingList"/>.</summary>
internal sealed class PostingListBuilder
{
    private readonly Dictionary<ulong, int> _terms = [];
    private readonly List<ulong> _keys = [];
    private readonly List<int> _lastPosting = [];
    private readonly List<int> _termOf = [];
    private readonly List<uint> _postings = [];
    private readonly List<int> _lengths = [];

    /// <summary>All terms added from here on belong to the next document.</summary>
    internal void BeginDocument()
    {
        if (_lengths.Count == PostingList.MaxDocuments)
            throw new InvalidOperationException($"An in-process index holds at most {PostingList.MaxDocuments} documents.");
        _lengths.Add(0);
    }

    /// <summary>The term's number in this builder, which stays the same: callers keep it instead of looking the key up again.</summary>
    internal int TermOf(ulong key)
    {
        ref var term = ref CollectionsMarshal.GetValueRefOrAddDefault(_terms, key, out var known);
        if (!known)
        {
            term = _keys.Count;
            _keys.Add(key);
            _lastPosting.Add(-1);
        }
        return term;
    }

    /// <summary>Counts one occurrence in the current document.</summary>
    internal void Count(int term)
    {
        var document = _lengths.Count - 1;
        CollectionsMarshal.AsSpan(_lengths)[document]++;
        ref var last = ref CollectionsMarshal.AsSpan(_lastPosting)[term];
        if (last >= 0)
        {
            ref var posting = ref CollectionsMarshal.AsSpan(_postings)[last];
            if (posting >> PostingList.FrequencyBits == (uint)document)
            {
                posting += (posting & PostingList.FrequencyMask) < PostingList.FrequencyMask ? 1u : 0u;
                return;
            }
        }
        last = _postings.Count;
        _termOf.Add(term);
        _postings.Add(((uint)document << PostingList.FrequencyBits) | 1);
    }

    internal void Add(ulong key) => Count(TermOf(key));

    /// <summary>The same for what is no word: the document grows no longer by it.</summary>
    internal void Mark(ulong key)
    {
        Add(key);
        CollectionsMarshal.AsSpan(_lengths)[^1]--;
    }

    /// <summary>Sorts the postings by key and document. The builder must not be used afterwards.</summary>
    internal PostingList Build()
    {
        var keys = _keys.ToArray();
        var order = new int[keys.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(keys, order);

        var frequency = new int[keys.Length];
        foreach (var term in _termOf)
            frequency[term]++;
        var starts = new int[keys.Length + 1];
        var next = new int[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            next[order[i]] = starts[i];
            starts[i + 1] = starts[i] + frequency[order[i]];
        }

        // Documents were added in ascending order, so each term's postings stay ascending.
        var postings = new uint[_postings.Count];
        for (var i = 0; i < postings.Length; i++)
            postings[next[_termOf[i]]++] = _postings[i];
        return new PostingList(keys, starts, postings, [.. _lengths]);
    }
}
