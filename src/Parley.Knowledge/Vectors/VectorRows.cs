namespace Parley.Knowledge.Vectors;

/// <summary>One stored vector.</summary>
internal readonly record struct StoredVector(Guid ChunkId, int Version, QuantizedVector Vector);

/// <summary>
/// The vectors of the set that serves a tenant, in blocks: what is added later goes behind, so that a successor shares everything with its
/// predecessor. Readers see only the first <see cref="Count"/>; one successor at a time is made.
/// </summary>
internal sealed class VectorRows
{
    private const int BlockRows = 4096;

    private readonly List<Block> _blocks;

    private VectorRows(Guid setId, int dimensions, long number, List<Block> blocks, int count) => (SetId, Dimensions, Number, _blocks, Count) = (setId, dimensions, number, blocks, count);

    /// <summary>Of which set.</summary>
    internal Guid SetId { get; }

    /// <summary>Numbers in each vector.</summary>
    internal int Dimensions { get; }

    /// <summary>Everything up to this number is here.</summary>
    internal long Number { get; }

    /// <summary>Passages that have gone since are among them.</summary>
    internal int Count { get; }

    internal long Bytes => _blocks.Sum(block => (long)block.Values.Length + (24L * BlockRows));

    internal static VectorRows None(Guid setId, int dimensions) => new(setId, dimensions, 0, [], 0);

    internal Guid ChunkOf(int row) => _blocks[row / BlockRows].Ids[row % BlockRows];

    internal int VersionOf(int row) => _blocks[row / BlockRows].Versions[row % BlockRows];

    /// <summary>Cosine of a row and a question.</summary>
    internal float Similarity(int row, in QuantizedVector question)
    {
        var (block, at) = (_blocks[row / BlockRows], row % BlockRows);
        return QuantizedVector.Dot(question.Values, block.Values.AsSpan(at * Dimensions, Dimensions)) * block.Scales[at] * question.Scale;
    }

    /// <summary>With more rows, up to a later number.</summary>
    internal VectorRows With(IEnumerable<StoredVector> more, long number)
    {
        var (blocks, count) = (_blocks.ToList(), Count);
        foreach (var row in more)
        {
            Put(blocks, count++, row);
        }
        return new VectorRows(SetId, Dimensions, number, blocks, count);
    }

    /// <summary>Only certain rows: without those of passages that have gone.</summary>
    internal VectorRows Only(IEnumerable<int> rows)
    {
        var (blocks, count) = (new List<Block>(), 0);
        foreach (var row in rows)
        {
            var (block, at) = (_blocks[row / BlockRows], row % BlockRows);
            Put(blocks, count++, new StoredVector(block.Ids[at], block.Versions[at], new QuantizedVector(block.Scales[at], block.Values.AsSpan(at * Dimensions, Dimensions).ToArray())));
        }
        return new VectorRows(SetId, Dimensions, Number, blocks, count);
    }

    private void Put(List<Block> blocks, int row, StoredVector stored)
    {
        if (row / BlockRows == blocks.Count)
        {
            blocks.Add(new Block(Dimensions));
        }
        var (block, at) = (blocks[row / BlockRows], row % BlockRows);
        (block.Ids[at], block.Versions[at], block.Scales[at]) = (stored.ChunkId, stored.Version, stored.Vector.Scale);
        stored.Vector.Values.CopyTo(block.Values.AsSpan(at * Dimensions, Dimensions));
    }

    private sealed class Block(int dimensions)
    {
        internal Guid[] Ids { get; } = new Guid[BlockRows];

        internal int[] Versions { get; } = new int[BlockRows];

        internal float[] Scales { get; } = new float[BlockRows];

        internal sbyte[] Values { get; } = new sbyte[BlockRows * dimensions];
    }
}
