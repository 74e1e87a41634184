namespace Parley.Inference.Contracts;

/// <summary>On whose account a call is made.</summary>
public sealed record Spender
{
    /// <summary>Who pays.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>One of <see cref="ModelFeature"/>.</summary>
    public required string Feature { get; init; }

    /// <summary>As the table usage names them.</summary>
    public string Service { get; init; } = "llm";

    /// <summary>For which assistant.</summary>
    public Guid? AssistantId { get; init; }

    /// <summary>In which conversation; it has a budget of its own.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>For which customer; one who is verified has a budget of their own.</summary>
    public Guid? EndUserId { get; init; }

    /// <summary>In which turn, or for which trace.</summary>
    public Guid? TurnId { get; init; }

    /// <summary>Asked for by somebody who is not verified.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Where everything that is booked for it is added up; null: nobody wants to know.</summary>
    public Tally? Tally { get; init; }

    /// <summary>Of which <see cref="ModelCall"/> this is a try.</summary>
    internal Guid? CallId { get; init; }
}
