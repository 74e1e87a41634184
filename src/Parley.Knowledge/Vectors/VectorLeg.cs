using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Vectors;

/// <summary>
/// The vectors of one state of the index, bound to its documents. Search is exact: every passage that may be seen is compared. A document is as near as its
/// nearest passage.
/// </summary>
internal sealed class VectorLeg
{
    /// <summary>Rows of passages that have gone, as a share of all, from which on the rest is copied together.</summary>
    private const double MostGone = .3;

    /// <summary>By document: where its rows begin in <see cref="_rowsOf"/>; one more at the end.</summary>
    private readonly int[] _starts;

    private readonly int[] _rowsOf;

    /// <summary>Which passage of its document a row of <see cref="_rowsOf"/> is.</summary>
    private readonly int[] _chunksOf;

    private VectorLeg(VectorRows rows, int[] starts, int[] rowsOf, int[] chunksOf) => (Rows, _starts, _rowsOf, _chunksOf) = (rows, starts, rowsOf, chunksOf);

    internal VectorRows Rows { get; }

    /// <summary>Passages that have a vector.</summary>
    internal int Count => _rowsOf.Length;

    internal long Bytes => Rows.Bytes + (4L * (_starts.Length + _rowsOf.Length + _chunksOf.Length));

    internal static VectorLeg Bind(VectorRows rows, IndexedDocument[] documents)
    {
        var places = new Dictionary<Guid, (int Document, int Chunk, int Version)>(rows.Count);
        for (var d = 0; d < documents.Length; d++)
        {
            for (var c = 0; c < documents[d].Chunks.Length; c++)
            {
                places[documents[d].Chunks[c].Id] = (d, c, documents[d].Chunks[c].Version);
            }
        }
        var found = new List<(int Document, int Chunk, int Row)>(rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            if (places.TryGetValue(rows.ChunkOf(row), out var place) && place.Version == rows.VersionOf(row))
            {
                found.Add((place.Document, place.Chunk, row));
            }
        }
        if (rows.Count - found.Count > MostGone * rows.Count)
        {
            return Bind(rows.Only(found.Select(each => each.Row)), documents);
        }
        found.Sort();
        var starts = new int[documents.Length + 1];
        foreach (var (document, _, _) in found)
        {
            starts[document + 1]++;
        }
        for (var d = 0; d < documents.Length; d++)
        {
            starts[d + 1] += starts[d];
        }
        return new VectorLeg(rows, starts, [.. found.Select(each => each.Row)], [.. found.Select(each => each.Chunk)]);
    }

    /// <summary>Some passage of it has a vector.</summary>
    internal bool Covers(int document) => _starts[document + 1] > _starts[document];

    /// <summary>The nearest documents that pass the filter, nearest first, equal ones by id.</summary>
    internal List<(int Document, float Score)> Nearest(in QuantizedVector question, IndexedDocument[] documents, RetrievalFilter filter, int count)
    {
        var best = new List<(int Document, float Score)>(count + 1);
        var all = filter.IsNone;
        for (var document = 0; document < documents.Length; document++)
        {
            if (!Covers(document) || !(all || filter.Allows(documents[document])))
            {
                continue;
            }
            var similarity = Similarity(document, question);
            if (best.Count < count || similarity >= best[^1].Score)
            {
                TopDocuments.Insert(best, (document, similarity), documents);
                if (best.Count > count)
                {
                    best.RemoveAt(count);
                }
            }
        }
        return best;
    }

    /// <summary>Of its nearest passage; −1 where it has no vector.</summary>
    internal float Similarity(int document, in QuantizedVector question)
    {
        var best = -1f;
        for (var i = _starts[document]; i < _starts[document + 1]; i++)
        {
            best = Math.Max(best, Rows.Similarity(_rowsOf[i], question));
        }
        return best;
    }

    /// <summary>Of one passage; null where it has no vector.</summary>
    internal float? Similarity(int document, int chunk, in QuantizedVector question)
    {
        for (var i = _starts[document]; i < _starts[document + 1]; i++)
        {
            if (_chunksOf[i] == chunk)
            {
                return Rows.Similarity(_rowsOf[i], question);
            }
        }
        return null;
    }
}
