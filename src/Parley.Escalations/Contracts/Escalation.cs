namespace Parley.Escalations.Contracts;

/// <summary>What is known about a conversation when the customer's message arrives.</summary>
public sealed record EscalationSignals
{
    /// <summary>The customer's unanswered message.</summary>
    public required string Text { get; init; }

    /// <summary>Its language (ISO 639-1); null: not known.</summary>
    public string? Language { get; init; }

    /// <summary>The customer asks for a person.</summary>
    public bool ExplicitRequest { get; init; }

    /// <summary>The customer is frustrated by the sentiment rules.</summary>
    public bool Frustrated { get; init; }

    /// <summary>The question belongs to the large tier.</summary>
    public bool Complex { get; init; }

    /// <summary>Answers so far, since the conversation began or came back from a person.</summary>
    public int Attempts { get; init; }

    /// <summary>Of these, answers that did not help.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>Time since the first question, or since the conversation came back from a person.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Did the knowledge answer the question? Null: not looked yet.</summary>
    public bool? Answered { get; init; }
}

/// <summary>Whether a person is called.</summary>
/// <param name="HandOff">Call one.</param>
/// <param name="Priority">The highest of all rules that held.</param>
/// <param name="Reasons">Every rule that held, the most urgent first; see <see cref="EscalationReasons"/>.</param>
public sealed record EscalationDecision(bool HandOff, HandoffPriority Priority, IReadOnlyList<string> Reasons);

/// <summary>Reasons as they are stored and shown.</summary>
public static class EscalationReasons
{
    /// <summary>The customer asked.</summary>
    public const string ExplicitRequest = "explicit_request";

    /// <summary>Frustrated after an answer.</summary>
    public const string Frustrated = "frustrated";

    /// <summary>Complex and lasting.</summary>
    public const string ComplexAndLong = "complex_and_long";

    /// <summary>Several answers did not help.</summary>
    public const string FailedAttempts = "failed_attempts";

    /// <summary>A long conversation with several answers.</summary>
    public const string LongConversation = "long_conversation";

    /// <summary>A disputed amount above the limit.</summary>
    public const string DisputedAmount = "disputed_amount";

    /// <summary>An agent took the conversation without having been asked.</summary>
    public const string Takeover = "takeover";

    /// <summary>The answer could not be made for a technical reason.</summary>
    public const string TurnFailed = "turn_failed";

    /// <summary>There is no answer, and the budget allows no model to look for one.</summary>
    public const string Budget = "budget";

    /// <summary>The message is about a delicate topic.</summary>
    public static string Topic(string topic) => "topic." + topic;

    /// <summary>It reports a problem with the customer's own account.</summary>
    public static string OwnAccount(string topic) => "own_account." + topic;

    /// <summary>A question about a delicate topic that the knowledge does not answer.</summary>
    public static string Unanswered(string topic) => "unanswered." + topic;
}
