using Parley.Knowledge.Readers;

namespace Parley.Knowledge.Chunking;

/// <summary>How documents are cut. Tokens are those of <see cref="Inference.TokenEstimate"/>.</summary>
internal enum ChunkingMode
{
    /// <summary>Sections of at most 512 tokens below one heading, each cut into chunks of at most 256: small ones are found, large ones are read.</summary>
    Hierarchical,

    /// <summary>Chunks of at most 350 tokens, each beginning with up to 60 of the one before, across headings.</summary>
    Flat,
}

/// <summary>A parent: what is read around a chunk that was found.</summary>
internal sealed record DocumentSection(IReadOnlyList<string> HeadingPath, string? Anchor, string Text, int Tokens, IReadOnlyList<DocumentChunk> Chunks);

/// <summary>A child: what is indexed, found and quoted.</summary>
/// <param name="Kind">The kind of its blocks where they are of one kind, else text.</param>
/// <param name="HeadingPath">As its section's.</param>
/// <param name="Anchor">As its section's.</param>
/// <param name="Text">Markdown without emphasis. A table that was cut carries its head in every part.</param>
/// <param name="Tokens">Estimated.</param>
internal sealed record DocumentChunk(BlockKind Kind, IReadOnlyList<string> HeadingPath, string? Anchor, string Text, int Tokens);
