namespace Parley.Assistant.Composer;

/// <summary>A passage as it was re-read for this answer, best first among its peers.</summary>
internal sealed record Evidence
{
    public required Guid ChunkId { get; init; }

    public required int Version { get; init; }

    public required Guid DocumentId { get; init; }

    public Guid SourceId { get; init; }

    public required string Title { get; init; }

    public string? Url { get; init; }

    public string? Anchor { get; init; }

    /// <summary>Headings above the passage, outermost first, without the title.</summary>
    public IReadOnlyList<string> HeadingPath { get; init; } = [];

    /// <summary>Markdown.</summary>
    public required string Text { get; init; }

    /// <summary>The passage's score in its retrieval result.</summary>
    public double Score { get; init; }
}
