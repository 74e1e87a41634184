using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>One call to a model for an answer, as the trace keeps it: names and numbers, no texts.</summary>
internal sealed record AnswerAttempt
{
    /// <summary>small, medium or large: the one that answered; where nobody did, the one that was wanted.</summary>
    public required string Tier { get; init; }

    /// <summary>Why this tier: complexity, code, smallest_first, next_available, escalated, failed.</summary>
    public required string Reason { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }

    /// <summary>accept, escalate, give_up; or failed, refused: nothing came.</summary>
    public required string Verdict { get; init; }

    /// <summary>Why that: accepted, last_attempt, confidence, weak_draft, nothing_cited, no_answer, no_answer_agreed, cut; a fault; what the budget said.</summary>
    public required string Because { get; init; }

    /// <summary>What the draft is worth; null: nothing is left of it.</summary>
    public double? Confidence { get; init; }

    /// <summary>Pieces of its text, and how many of them cite.</summary>
    public int Pieces { get; init; }

    public int Kept { get; init; }

    /// <summary>It reached its greatest length.</summary>
    public bool Truncated { get; init; }

    public long? InputTokens { get; init; }

    public long? CachedTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>In dollars; null: the bill is not known.</summary>
    public decimal? Cost { get; init; }

    public double LatencyMs { get; init; }

    /// <summary>Until the first sentence was complete and checked.</summary>
    public double? FirstSentenceMs { get; init; }

    /// <summary>Parameters that the model does not take.</summary>
    public IReadOnlyList<string>? Dropped { get; init; }

    /// <summary>Failovers, retries and waits on the way.</summary>
    public IReadOnlyList<string>? OnTheWay { get; init; }
}

/// <summary>What models contributed to a turn.</summary>
internal sealed record Written
{
    public static Written Nothing { get; } = new();

    /// <summary>The tier whose draft is the answer; null: none is.</summary>
    public string? Tier { get; init; }

    /// <summary>Why there is no answer of a model, where models were asked or could have been; null: there is one.</summary>
    public string? Fallback { get; init; }

    /// <summary>The budget leaves nothing but a person.</summary>
    public bool OnlyPerson { get; init; }

    /// <summary>The text broke off: what is there stands, and the customer is told.</summary>
    public bool Broken { get; init; }

    public IReadOnlyList<AnswerAttempt> Attempts { get; init; } = [];

    /// <summary>Dollars booked for all calls of the turn.</summary>
    public decimal Cost { get; init; }
}
