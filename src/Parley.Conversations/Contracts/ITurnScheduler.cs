using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>
/// The assistant's work, as conversations see it. Implemented by the Assistant module: calls go down, so the interface lives here.
/// </summary>
public interface ITurnScheduler
{
    /// <summary>
    /// A customer's message waits for an answer; the caller holds the conversation's row lock and has inserted the message.
    /// Returns the turn that will answer it; null: the assistant stays quiet (a person owns it, or the place in the queue was told).
    /// Not called while an agent owns the conversation.
    /// </summary>
    Task<Guid?> ScheduleAsync(TenantSession session, ConversationState conversation, Guid messageId);

    /// <summary>A person takes over or the conversation closes: a live turn must deliver nothing more. The caller holds the row lock.</summary>
    Task CancelAsync(TenantSession session, Guid conversationId, string reason);
}

/// <summary>The text so far of running turns. Implemented by the Assistant module.</summary>
public interface ITurnDrafts
{
    /// <summary>
    /// Live turns that have sent text. Within a turn the text only grows; a retraction is the event <c>replaced</c>, committed together
    /// with the shorter text. Delivered and ended turns are absent.
    /// </summary>
    /// <param name="session">The reader's transaction.</param>
    /// <param name="conversationIds">Of these conversations; null: of the whole tenant.</param>
    Task<IReadOnlyList<TurnDraft>> ReadAsync(TenantSession session, IReadOnlyCollection<Guid>? conversationIds);
}

/// <summary>A running turn's text so far.</summary>
public sealed record TurnDraft(Guid ConversationId, Guid TurnId, string Text);
