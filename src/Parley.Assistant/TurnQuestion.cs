using Parley.Assistant.Contracts;
using Parley.Escalations.Contracts;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant;

/// <summary>What a turn has to answer, and in what circumstances. Everything it decides follows from this and the knowledge.</summary>
internal sealed record TurnQuestion
{
    public required Guid TenantId { get; init; }

    /// <summary>The customer's messages that have no answer yet, oldest first; the last one is the query's focus.</summary>
    public required IReadOnlyList<string> Messages { get; init; }

    /// <summary>What was said before, oldest first.</summary>
    public IReadOnlyList<HistoryTurn> History { get; init; } = [];

    /// <summary>Language tag of the session, for messages that do not show theirs.</summary>
    public string? Locale { get; init; }

    public required AssistantProfile Profile { get; init; }

    /// <summary>0: the defaults.</summary>
    public int ProfileVersion { get; init; }

    /// <summary>What the confidence is worth in the tenant's knowledge.</summary>
    public Calibration Calibration { get; init; } = Calibration.Shipped;

    /// <summary>0: the shipped one.</summary>
    public int CalibrationVersion { get; init; }

    /// <summary>Null: nobody is called (evaluation).</summary>
    public EscalationRules? Rules { get; init; }

    public int RulesVersion { get; init; }

    /// <summary>Answers since the conversation began or came back from a person.</summary>
    public int Attempts { get; init; }

    /// <summary>Of these, answers that did not help.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>Time since the first of these questions.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The turn before offered a person: "yes" accepts.</summary>
    public bool PersonOffered { get; init; }

    /// <summary>A person has been asked for and is not there yet.</summary>
    public bool PersonAwaited { get; init; }

    /// <summary>On whose account models work for this turn; each feature makes it its own. Null: none may.</summary>
    public Spender? Who { get; init; }

    /// <summary>What the customer may see.</summary>
    public RetrievalFilter Filter { get; init; } = RetrievalFilter.None;

    /// <summary>Models may be asked: the tenant has chosen some, and they are switched on for who asks.</summary>
    public bool UsesModels { get; init; }

    /// <summary>Report each leg's share of the scores.</summary>
    public bool Explain { get; init; }
}
