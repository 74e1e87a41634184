namespace Parley.Knowledge.Readers;

/// <summary>What a reader made of a file: plain values, so that a reader may run in another process.</summary>
internal sealed record ReadDocument
{
    /// <summary>Front matter, else the first level-one heading, else the file's name.</summary>
    public required string Title { get; init; }

    /// <summary>BCP 47 as the document states it; null when it states none.</summary>
    public string? Language { get; init; }

    /// <summary>The address at which the document says it can be read (http or https); null when it says none.</summary>
    public string? Url { get; init; }

    /// <summary>Scalars of the front matter or of the page's meta elements.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The headings under which blocks stand, in reading order; <see cref="ReadBlock.Heading"/> counts in it.</summary>
    public required IReadOnlyList<ReadHeading> Headings { get; init; }

    /// <summary>The content in reading order.</summary>
    public required IReadOnlyList<ReadBlock> Blocks { get; init; }
}

/// <summary>Where a block stands.</summary>
/// <param name="Path">Headings above it, outermost first, the document's title left out.</param>
/// <param name="Anchor">Fragment that leads to the nearest of them which has one.</param>
internal sealed record ReadHeading(IReadOnlyList<string> Path, string? Anchor)
{
    internal static readonly ReadHeading Top = new([], null);
}

internal enum BlockKind
{
    Text,
    Code,
    Table,
    List,
}

/// <summary>A paragraph, a code block, a table or a list.</summary>
/// <param name="Heading">Index into <see cref="ReadDocument.Headings"/>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Units">Its lines, rows, items: between two of them a chunk may end. The first unit of a table is its head.</param>
internal sealed record ReadBlock(int Heading, BlockKind Kind, IReadOnlyList<BlockUnit> Units)
{
    /// <summary>The block as Markdown without emphasis.</summary>
    public string Text => BlockUnit.Join(Units);
}

/// <summary>A part of a block that is cut only when it is longer than a chunk, and never when it is verbatim.</summary>
/// <param name="Text">Markdown without emphasis; links and images keep an absolute target.</param>
/// <param name="Verbatim">Code and table rows: never cut.</param>
/// <param name="Nested">It continues what the unit before it began: the rest of a list item.</param>
/// <param name="Loose">A blank line stands before it.</param>
internal sealed record BlockUnit(string Text, bool Verbatim = false, bool Nested = false, bool Loose = false)
{
    internal static string Join(IEnumerable<BlockUnit> units)
    {
        var text = new System.Text.StringBuilder();
        foreach (var unit in units)
        {
            if (text.Length > 0)
                text.Append(unit.Loose ? "\n\n" : "\n");
            text.Append(unit.Text);
        }
        return text.ToString();
    }
}
