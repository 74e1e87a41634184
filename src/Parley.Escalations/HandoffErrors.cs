using Parley.Platform.Errors;

namespace Parley.Escalations;

internal static class HandoffErrors
{
    internal static readonly Error NotFound = Error.NotFound("handoff");

    internal static readonly Error NoConversation = Error.NotFound("conversation");

    internal static readonly Error ConversationClosed = Error.Conflict("conversation.closed", "This conversation is closed.");

    internal static readonly Error NothingToCancel = Error.Conflict("handoff.none", "Nobody was asked to join this conversation.");

    internal static readonly Error AcceptedAlready = Error.Conflict("handoff.accepted", "A person has joined already.");

    internal static readonly Error NotAccepted = Error.Conflict("handoff.not_accepted", "This handoff has not been accepted. Accept it first.");

    internal static readonly Error NeedsAgent =
        Error.Invalid("agentId", "Name the member who does this. A person who is signed in may leave 'agentId' out.");

    internal static Error Taken(string? by) => Error.Conflict("handoff.taken", by is null ? "Another agent has taken this conversation." : $"{by} has taken this conversation.");

    internal static Error Ended(string state) => Error.Conflict("handoff.ended", $"This handoff is over ({state}).");
}
