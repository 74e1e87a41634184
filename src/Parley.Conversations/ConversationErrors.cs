using Parley.Platform.Errors;

namespace Parley.Conversations;

internal static class ConversationErrors
{
    public static readonly Error NotFound = Error.NotFound("conversation");

    public static readonly Error Closed = Error.Conflict("conversation.closed", "This conversation is closed.");

    public static readonly Error TooOldToReopen = Error.Conflict("conversation.closed",
        "This conversation was closed more than 7 days ago. Start a new one.");

    public static readonly Error WidgetNotFound = Error.NotFound("widget");

    public static Error NotYours(string message) => Error.Conflict("conversation.not_yours", message);
}
