using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.Contracts;

/// <summary>Handoffs to people, as conversations see them. Implemented by the Escalations module: calls go down, so the interface lives here.</summary>
/// <remarks>All methods run under the conversation's row lock, append their own events, and write nothing where they return an error.</remarks>
public interface IHandoffs
{
    /// <summary>Asks for a person. While one is already asked for, that handoff is returned: two requests are one.</summary>
    Task<Result<HandoffView>> RequestAsync(TenantSession session, HandoffRequest request);

    /// <summary>Withdraws a request that nobody has accepted; the conversation goes back to the assistant. No live request: an error.</summary>
    Task<Result<bool>> CancelAsync(TenantSession session, Guid conversationId, Actor actor);

    /// <summary>The conversation is being closed: a live handoff ends with it. No handoff: nothing happens.</summary>
    Task EndAsync(TenantSession session, Guid conversationId, Actor actor, bool? resolved);

    /// <summary>
    /// A member takes the conversation: what waits is accepted, else a handoff is made and accepted in one. With another member already, closed,
    /// or no such member: an error.
    /// </summary>
    Task<Result<bool>> AssignAsync(TenantSession session, ConversationState conversation, Guid agentId);

    /// <summary>The newest handoff of each conversation that is live now; others are absent. Needs no lock.</summary>
    Task<IReadOnlyDictionary<Guid, HandoffView>> CurrentAsync(TenantSession session, IReadOnlyCollection<Guid> conversationIds);
}

/// <summary>A request for a person.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="RequestedBy">The customer, the assistant, an agent or a rule.</param>
/// <param name="Reasons">Rules that hold already, e.g. <c>explicit_request</c>; Escalations adds its own and sets the priority.</param>
/// <param name="Comment">The requester's own words.</param>
public sealed record HandoffRequest(Guid ConversationId, Actor RequestedBy, IReadOnlyList<string> Reasons, string? Comment = null)
{
    /// <summary>Language of what the customer is told; null: the conversation's locale.</summary>
    public string? Language { get; init; }
}

/// <summary>A handoff as conversations show it.</summary>
public sealed record HandoffView
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>Whose.</summary>
    public Guid ConversationId { get; init; }

    /// <summary>requested | acknowledged | queued | offered | accepted | returned | closed | expired | out_of_hours.</summary>
    public string State { get; init; } = "";

    /// <summary>low | medium | high | urgent.</summary>
    public string Priority { get; init; } = "";

    /// <summary>Every rule that held.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>1-based place in the queue; null when it is not queued.</summary>
    public int? Position { get; init; }

    /// <summary>Who accepted.</summary>
    public Guid? AgentId { get; init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
