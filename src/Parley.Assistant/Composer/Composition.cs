namespace Parley.Assistant.Composer;

/// <summary>What the composer made of the evidence: blocks of unchanged sentences, each with its citation, or the reason for none.</summary>
internal sealed record Composition
{
    /// <summary>Null when the question is answered.</summary>
    public AbstainReason? Abstained { get; init; }

    /// <summary>The probability, as far as the tenant has taught it, that the evidence answers the question.</summary>
    public double Confidence { get; init; }

    /// <summary><see cref="Confidence"/> before the tenant's calibration; see <see cref="SupportModel"/>.</summary>
    public double RawConfidence { get; init; }

    /// <summary>What <see cref="RawConfidence"/> was made of; default without evidence.</summary>
    public SupportSignals Signals { get; init; }

    /// <summary>Share of the question's weight that the quoted blocks and their headings cover.</summary>
    public double Coverage { get; init; }

    /// <summary>In the order to be read.</summary>
    public IReadOnlyList<AnswerBlock> Blocks { get; init; } = [];

    /// <summary>What the blocks rest on; without a model one for each, in the same order.</summary>
    public IReadOnlyList<Quote> Quotes { get; init; } = [];

    /// <summary>The questions that were looked up one by one; empty: the message is one question.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>Those of <see cref="Parts"/> that no block answers, in their order.</summary>
    public IEnumerable<string> Unanswered => Parts.Where((_, part) => !Blocks.Any(b => (b.Answers & (1 << part)) != 0));

    /// <summary>The blocks as Markdown.</summary>
    public string Text => string.Concat(Blocks.Select((b, i) => i == 0 ? b.Text : b.Before + b.Text));
}

/// <summary>A paragraph, list, table or code block of an answer.</summary>
/// <param name="Citation">Index into <see cref="Composition.Quotes"/>.</param>
internal sealed record AnswerBlock(BlockKind Kind, string Text, int Citation)
{
    /// <summary>A bit for each of <see cref="Composition.Parts"/> that it answers.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>Further quotes it rests on; where one of them does not hold, it does not.</summary>
    public IReadOnlyList<int> Also { get; init; } = [];

    /// <summary>What stands between it and the block before: sentences of one paragraph are blocks of their own where a model wrote them.</summary>
    public string Before { get; init; } = "\n\n";

    /// <summary>All quotes it rests on.</summary>
    public IEnumerable<int> Cites => Also.Prepend(Citation);
}

/// <summary>Words of a source, unchanged: <paramref name="Text"/> is the passage's text from <paramref name="Start"/> on.</summary>
/// <param name="Start">UTF-16 offset into the passage's text.</param>
internal sealed record Quote(
    Guid DocumentId, Guid SourceId, Guid ChunkId, int Version, string Title, string? Url, string? Anchor, IReadOnlyList<string> HeadingPath, string Text, int Start)
{
    public int Length => Text.Length;
}

internal enum BlockKind
{
    Paragraph,
    List,
    Table,
    Code,
}

/// <summary>Why there is no answer.</summary>
internal enum AbstainReason
{
    /// <summary>Retrieval found nothing.</summary>
    NoEvidence,

    /// <summary>What was found matches the question too little.</summary>
    WeakSupport,

    /// <summary>The passages hold no sentence, list, table or code that could be quoted.</summary>
    NothingToQuote,

    /// <summary>A model has read the passages and says that they do not answer.</summary>
    ReadAndNotFound,
}
