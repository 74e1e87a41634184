using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Escalations;

/// <summary>What the agents' actions have in common: find the handoff, take its conversation's lock, know which member acts.</summary>
internal static class HandoffActions
{
    /// <summary>The longest note or reason, in UTF-16 units.</summary>
    internal const int MaxNoteLength = 4000;

    /// <summary>The handoff and its conversation under the row lock; both as they are now.</summary>
    internal static async Task<(HandoffRow Row, ConversationState Conversation)?> LockAsync(TenantSession s, Guid handoffId)
    {
        if (await HandoffStore.FindAsync(s, handoffId) is not { } found || await ConversationStore.LockAsync(s, found.ConversationId) is not { } conversation)
        {
            return null;
        }
        // Read again: whoever held the lock may have changed it.
        return ((await HandoffStore.FindAsync(s, handoffId))!, conversation);
    }

    /// <summary>The member who acts: the one who is signed in, or the one that a key or the command line names.</summary>
    internal static async Task<Result<Guid>> AgentAsync(TenantSession s, Caller caller, Guid? named)
    {
        if (named is null && caller.Kind != CallerKind.User)
        {
            return HandoffErrors.NeedsAgent;
        }
        var agent = named ?? caller.Id;
        return await HandoffStore.MemberNameAsync(s, agent) is null ? Error.Invalid("agentId", "There is no such member, or the account is disabled.") : agent;
    }

    internal static Error? CheckNote(string? note) =>
        note is { Length: > MaxNoteLength } ? Error.Invalid("note", $"'note' has {note.Length} characters; at most {MaxNoteLength} are allowed.") : null;

    /// <summary>Keeps an internal note, where there is one.</summary>
    internal static async Task NoteAsync(TenantSession s, Messages messages, Guid conversationId, Actor author, string? note)
    {
        if (!string.IsNullOrWhiteSpace(note))
        {
            await messages.AddAsync(s, new MessageDraft(conversationId, author, [MessagePart.OfText(note.Trim())]) { Visibility = Visibility.Note });
        }
    }
}
