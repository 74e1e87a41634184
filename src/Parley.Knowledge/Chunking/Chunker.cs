using Parley.Inference;
using Parley.Knowledge.Readers;

namespace Parley.Knowledge.Chunking;

/// <summary>
/// Cuts a document into sections and chunks. Nothing is lost and nothing is invented: the chunks in order are the document's blocks,
/// white space and repeated table heads aside. Only a code block, a table row or a sentence-long word may exceed a cap.
/// </summary>
internal static class Chunker
{
    internal const int SectionTokens = 512;
    internal const int ChunkTokens = 256;
    internal const int FlatTokens = 350;
    internal const int FlatOverlap = 60;

    internal static IReadOnlyList<DocumentSection> Cut(ReadDocument document, ChunkingMode mode) =>
        mode == ChunkingMode.Flat ? Flat(document) : [.. Hierarchical(document)];

    private static IEnumerable<DocumentSection> Hierarchical(ReadDocument document)
    {
        for (var first = 0; first < document.Blocks.Count;)
        {
            var last = first;
            while (last < document.Blocks.Count && document.Blocks[last].Heading == document.Blocks[first].Heading)
                last++;
            var heading = document.Headings[document.Blocks[first].Heading];
            var atoms = document.Blocks.Skip(first).Take(last - first).SelectMany(b => Atom.Of(b, ChunkTokens)).ToList();
            foreach (var run in Packer.Pack(atoms, SectionTokens))
                yield return Section(heading, atoms[run]);
            first = last;
        }
    }

    private static DocumentSection Section(ReadHeading heading, List<Atom> atoms)
    {
        var chunks = Packer.Pack(atoms, ChunkTokens).ConvertAll(run => Chunk(heading, atoms, run));
        var text = Packer.Join(atoms, ..);
        return new DocumentSection(heading.Path, heading.Anchor, text, TokenEstimate.Count(text), chunks);
    }

    private static DocumentChunk Chunk(ReadHeading heading, List<Atom> atoms, Range run)
    {
        var text = Packer.Join(atoms, run);
        var (start, length) = run.GetOffsetAndLength(atoms.Count);
        var kind = atoms.GetRange(start, length).TrueForAll(a => a.Kind == atoms[start].Kind) ? atoms[start].Kind : BlockKind.Text;
        return new DocumentChunk(kind, heading.Path, heading.Anchor, text, TokenEstimate.Count(text));
    }

    /// <summary>Headings are lines of the text here, because a chunk may reach over several.</summary>
    private static List<DocumentSection> Flat(ReadDocument document)
    {
        var atoms = new List<Atom>();
        var headings = new List<ReadHeading>();
        var heading = -1;
        foreach (var block in document.Blocks)
        {
            if (block.Heading != heading)
                AddHeading(atoms, heading < 0 ? ReadHeading.Top : document.Headings[heading], document.Headings[block.Heading]);
            heading = block.Heading;
            atoms.AddRange(Atom.Of(block, FlatTokens, bySentence: true));
            while (headings.Count < atoms.Count)
                headings.Add(document.Headings[heading]);
        }
        var sections = new List<DocumentSection>();
        foreach (var run in Packer.Pack(atoms, FlatTokens - FlatOverlap))
        {
            var at = headings[run.Start.Value];
            var chunk = Chunk(at, atoms, Overlap(atoms, run.Start.Value)..run.End.Value);
            sections.Add(new DocumentSection(at.Path, at.Anchor, chunk.Text, chunk.Tokens, [chunk]));
        }
        return sections;
    }

    private static void AddHeading(List<Atom> atoms, ReadHeading from, ReadHeading to)
    {
        var same = 0;
        while (same < from.Path.Count && same < to.Path.Count && from.Path[same] == to.Path[same])
            same++;
        // The same path twice is a second heading of the same text.
        for (var i = same == to.Path.Count ? Math.Max(0, same - 1) : same; i < to.Path.Count; i++)
            atoms.Add(new Atom(new string('#', Math.Min(6, i + 2)) + " " + to.Path[i], "\n\n", BlockKind.Text, Atom.BetweenBlocks));
    }

    /// <summary>Where the chunk that begins with <paramref name="start"/> begins to repeat the one before: whole sentences, never code or rows.</summary>
    private static int Overlap(List<Atom> atoms, int start)
    {
        var tokens = 0;
        var first = start;
        while (first > 0 && atoms[first - 1].Kind is BlockKind.Text or BlockKind.List && (tokens += atoms[first - 1].Tokens + 1) <= FlatOverlap)
            first--;
        return first;
    }
}
