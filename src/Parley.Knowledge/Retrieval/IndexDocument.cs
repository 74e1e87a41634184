namespace Parley.Knowledge.Retrieval;

/// <summary>A document as the index sees it. The index keeps its ids and terms, never its text.</summary>
public sealed record IndexDocument
{
    public required Guid Id { get; init; }

    /// <summary>Version of the content; evidence is re-read by (id, version) before it is quoted.</summary>
    public required int Version { get; init; }

    public required Guid SourceId { get; init; }

    public required string Title { get; init; }

    public string Url { get; init; } = "";

    /// <summary>BCP 47; null when unknown: the document then passes every language filter.</summary>
    public string? Language { get; init; }

    /// <summary>The one audience that may see the document; null or empty: everyone.</summary>
    public string? Audience { get; init; }

    /// <summary>When its content last changed; null when unknown.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The passages in reading order; together they are the document's text.</summary>
    public required IReadOnlyList<IndexChunk> Chunks { get; init; }
}

/// <summary>A passage of a document (the child of a parent section).</summary>
public sealed record IndexChunk
{
    public required Guid Id { get; init; }

    public required int Version { get; init; }

    /// <summary>The parent section that is read around the passage when it is used as evidence.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>Headings above the passage, outermost first, without the document's title.</summary>
    public IReadOnlyList<string> HeadingPath { get; init; } = [];

    /// <summary>Fragment of the URL that leads to the passage.</summary>
    public string? Anchor { get; init; }

    /// <summary>The passage as Markdown, without the headings of <see cref="HeadingPath"/>.</summary>
    public required string Text { get; init; }
}
