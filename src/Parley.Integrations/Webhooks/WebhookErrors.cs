using Parley.Platform.Authorization;
using Parley.Platform.Errors;

namespace Parley.Integrations.Webhooks;

/// <summary>The expected failures of webhooks.</summary>
internal static class WebhookErrors
{
    internal static readonly Error NotFound = Error.NotFound("webhook");

    internal static readonly Error DeliveryNotFound = Error.NotFound("delivery");

    internal static readonly Error TooMany = Error.Conflict("webhook.too_many", "There are 100 webhooks already. Delete one that is not needed.");

    internal static readonly Error Changed = Error.Conflict("webhook.changed", "Somebody else has changed this webhook. Look at it again and repeat your change.");

    /// <summary>Nobody sends to an address of their own what they may not read here.</summary>
    internal static Error? Beyond(Caller caller) => caller.Can(Permission.ConversationsRead) ? null
        : new Error("webhook.beyond_rights", $"Webhooks carry conversations: this needs the permission {Permission.ConversationsRead} as well.", 403);
}
