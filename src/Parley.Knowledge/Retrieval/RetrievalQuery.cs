using Parley.Inference.Contracts;

namespace Parley.Knowledge.Retrieval;

/// <summary>A question to the index.</summary>
public sealed record RetrievalQuery
{
    public required string Text { get; init; }

    /// <summary>Earlier turns, oldest first, without the question itself. Empty: the question stands alone.</summary>
    public IReadOnlyList<HistoryTurn> History { get; init; } = [];

    /// <summary>Words of <see cref="Text"/> that count twice: what a correction has put into it.</summary>
    public string? Emphasis { get; init; }

    public RetrievalFilter Filter { get; init; } = RetrievalFilter.None;

    /// <summary>How many documents are ranked.</summary>
    public int Documents { get; init; } = 25;

    /// <summary>How many passages are chosen inside the first <see cref="KnowledgeIndex.PassageDocuments"/> documents.</summary>
    public int Chunks { get; init; } = 10;

    /// <summary>False: without the classifier of lists of phrasings, to see what it does.</summary>
    public bool Phrasings { get; init; } = true;

    /// <summary>Also report each leg's share of a document's score.</summary>
    public bool Explain { get; init; }

    /// <summary>What kind of question it is: decides how much its meaning weighs against its words.</summary>
    public QuestionKind Kind { get; init; }

    /// <summary>On whose account models may take part (vectors of the question, reranking); null: nothing paid is done.</summary>
    public Spender? Who { get; init; }
}

/// <summary>Kinds of questions.</summary>
public enum QuestionKind
{
    /// <summary>What something is, or how it works.</summary>
    Conceptual,

    /// <summary>About code, commands, settings.</summary>
    Technical,

    /// <summary>As people talk.</summary>
    Conversational,

    /// <summary>Looks for one code, error or name.</summary>
    Exact,
}

/// <summary>One earlier message of the conversation.</summary>
public sealed record HistoryTurn(TurnAuthor Author, string Text);

public enum TurnAuthor
{
    Customer,
    Assistant,
}

/// <summary>What a caller may see. Scores do not depend on it; documents outside it are never returned.</summary>
public sealed record RetrievalFilter
{
    /// <summary>Everything: for operators. A customer's query always names its audiences.</summary>
    public static RetrievalFilter None { get; } = new();

    /// <summary>Audiences the caller belongs to; documents without an audience are for everyone. Null: no restriction.</summary>
    public IReadOnlySet<string>? Audiences { get; init; }

    /// <summary>Only documents of this language (compared by its base: en matches en-GB) or of none.</summary>
    public string? Language { get; init; }

    /// <summary>Only documents of these sources. Null: all sources.</summary>
    public IReadOnlySet<Guid>? SourceIds { get; init; }

    /// <summary>Only these documents. Null: all.</summary>
    public IReadOnlySet<Guid>? DocumentIds { get; init; }

    /// <summary>Only documents whose content changed since then, or whose age is not known. Null: all.</summary>
    public DateTimeOffset? UpdatedSince { get; init; }

    internal bool IsNone => Audiences is null && Language is null && SourceIds is null && DocumentIds is null && UpdatedSince is null;

    internal bool Allows(IndexedDocument document) =>
        (Audiences is null || string.IsNullOrEmpty(document.Audience) || Audiences.Contains(document.Audience))
        && (Language is null || document.Language is null || Base(Language).Equals(Base(document.Language), StringComparison.OrdinalIgnoreCase))
        && (SourceIds is null || SourceIds.Contains(document.SourceId))
        && (UpdatedSince is null || document.UpdatedAt is null || document.UpdatedAt >= UpdatedSince)
        && (DocumentIds is null || DocumentIds.Contains(document.Id));

    private static ReadOnlySpan<char> Base(string language)
    {
        var end = language.AsSpan().IndexOfAny('-', '_');
        return end < 0 ? language : language.AsSpan(0, end);
    }
}
