using System.Numerics;
using System.Runtime.InteropServices;
using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Review;

/// <summary>A passage to be compared.</summary>
internal readonly record struct ReviewPassage(Guid Id, Guid DocumentId, string Text);

/// <summary>Two passages of different documents.</summary>
/// <param name="Similarity">Jaccard over word triples, 0 to 1.</param>
internal sealed record PassagePair(Guid First, Guid Second, double Similarity);

/// <summary>
/// Finds passages of different documents that say nearly the same: MinHash signatures of their word triples, banded so that only likely pairs
/// are compared (Broder 1997; Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, ch. 3), then the exact Jaccard of each. A pair of
/// similarity s becomes a candidate with probability 1 − (1 − s^4)^20: .85 → 1 − 10⁻⁶. Memory: 320 bytes a passage.
/// </summary>
internal sealed class PassageComparison
{
    /// <summary>values.md: duplicates above .85.</summary>
    internal const double Duplicate = 0.85;

    internal const int MaxPairs = 1000;

    /// <summary>Shorter passages are headings, buttons and boilerplate.</summary>
    private const int MinWords = 20;

    private const int Bands = 20;
    private const int Rows = 4;
    private const int Hashes = Bands * Rows;

    /// <summary>A band that more passages share is boilerplate of a whole site; comparing all with all would take for ever.</summary>
    private const int MaxBucket = 50;

    private static readonly ulong[] Factors = [.. Enumerable.Range(0, Hashes).Select(i => WordHash.Mix((ulong)i * 2 + 1) | 1)];
    private static readonly ulong[] Offsets = [.. Enumerable.Range(0, Hashes).Select(i => WordHash.Mix((ulong)i + 0x9E3779B97F4A7C15))];

    private readonly List<(Guid Id, Guid DocumentId)> _passages = [];
    private readonly Dictionary<ulong, List<int>>[] _buckets = [.. Enumerable.Range(0, Bands).Select(_ => new Dictionary<ulong, List<int>>())];

    /// <summary>Takes a passage in; its text is not kept.</summary>
    internal void Add(ReviewPassage passage)
    {
        var triples = Triples(passage.Text);
        if (triples.Count < MinWords - 2)
            return;
        Span<uint> signature = stackalloc uint[Hashes];
        Sign(triples, signature);
        var index = _passages.Count;
        _passages.Add((passage.Id, passage.DocumentId));
        for (var band = 0; band < Bands; band++)
        {
            var key = WordHash.Start;
            foreach (var value in signature.Slice(band * Rows, Rows))
                key = WordHash.Mix(key ^ value);
            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets[band], key, out _);
            (bucket ??= new List<int>(1)).Add(index);
        }
    }

    /// <summary>Likely pairs, each once.</summary>
    internal IReadOnlyList<(Guid First, Guid Second)> Candidates()
    {
        var pairs = new HashSet<(int, int)>();
        foreach (var bucket in _buckets.SelectMany(b => b.Values).Where(b => b.Count is > 1 and <= MaxBucket))
        {
            for (var i = 0; i < bucket.Count; i++)
            {
                for (var j = i + 1; j < bucket.Count && pairs.Count < MaxPairs * 20; j++)
                {
                    if (_passages[bucket[i]].DocumentId != _passages[bucket[j]].DocumentId)
                        pairs.Add((bucket[i], bucket[j]));
                }
            }
        }
        return [.. pairs.Select(p => (_passages[p.Item1].Id, _passages[p.Item2].Id))];
    }

    /// <summary>Jaccard over the word triples of two texts.</summary>
    internal static double Similarity(string first, string second)
    {
        var (a, b) = (Triples(first), Triples(second));
        if (a.Count == 0 || b.Count == 0)
            return 0;
        var common = a.Count(b.Contains);
        return (double)common / (a.Count + b.Count - common);
    }

    private static HashSet<ulong> Triples(string text)
    {
        var words = new List<ulong>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
            words.Add(WordHash.Of(reader.Word));
        var triples = new HashSet<ulong>();
        for (var i = 0; i + 2 < words.Count; i++)
            triples.Add(WordHash.Mix(words[i] ^ BitOperations.RotateLeft(words[i + 1], 21) ^ BitOperations.RotateLeft(words[i + 2], 42)));
        return triples;
    }

    private static void Sign(HashSet<ulong> triples, Span<uint> signature)
    {
        signature.Fill(uint.MaxValue);
        foreach (var triple in triples)
        {
            for (var i = 0; i < Hashes; i++)
                signature[i] = Math.Min(signature[i], (uint)((triple * Factors[i] + Offsets[i]) >> 32));
        }
    }
}
