using Parley.Conversations.Contracts;

namespace Parley.Assistant;

/// <summary>A passage that a turn used, as its trace keeps it.</summary>
internal sealed record EvidenceUse(Guid ChunkId, int Version, Guid DocumentId, double Score);

/// <summary>What a turn came to.</summary>
internal sealed record TurnResult
{
    /// <summary>See <see cref="TurnOutcome"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>What is said, in reading order: text parts, then the quotes they cite. Empty: nothing.</summary>
    public IReadOnlyList<MessagePart> Parts { get; init; } = [];

    /// <summary>The text parts as one text, the way it is streamed.</summary>
    public string Text { get; init; } = "";

    /// <summary>In the order of the text's citations.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>Probability that the answer is right; null where nothing was judged.</summary>
    public double? Confidence { get; init; }

    /// <summary>extractive | small | medium | large; null where nothing was generated.</summary>
    public string? Tier { get; init; }

    /// <summary>Dollars booked for calls to models.</summary>
    public decimal Cost { get; init; }

    /// <summary>ISO 639-1.</summary>
    public string? Language { get; init; }

    /// <summary>What the customer wants.</summary>
    public string? Intent { get; init; }

    /// <summary>What kind of question it is.</summary>
    public string? QuestionType { get; init; }

    /// <summary>positive | neutral | negative | frustrated.</summary>
    public string? Sentiment { get; init; }

    /// <summary>The same, with questions to ask next at its last text.</summary>
    internal TurnResult WithNext(IReadOnlyList<string> questions)
    {
        var last = Parts.ToList().FindLastIndex(p => p.Type == "text");
        return questions.Count == 0 || last < 0 ? this : this with { Parts = [.. Parts.Select((p, i) => i == last ? p.WithNext(questions) : p)] };
    }

    /// <summary>A person is called for these reasons; empty: none is.</summary>
    public IReadOnlyList<string> HandoffReasons { get; init; } = [];

    /// <summary>The customer asked for the person.</summary>
    public bool CustomerAsked { get; init; }

    /// <summary>Ids and scores of what was read.</summary>
    public IReadOnlyList<EvidenceUse> Evidence { get; init; } = [];

    /// <summary>Versions of configuration and index that were used.</summary>
    public IReadOnlyDictionary<string, object> Versions { get; init; } = new Dictionary<string, object>();
}
