using Microsoft.Extensions.Logging;

namespace Parley.Integrations;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Webhooks could not be looked after; trying again")]
    internal static partial void WebhooksNotClaimed(this ILogger log, Exception e);

    [LoggerMessage(2, LogLevel.Warning, "This node's webhooks could not be handed back; they are free when their leases expire")]
    internal static partial void WebhooksNotReleased(this ILogger log, Exception e);

    [LoggerMessage(3, LogLevel.Error, "Webhook {WebhookId} could not be worked for; it is tried again when its lease has expired")]
    internal static partial void WebhookRunFailed(this ILogger log, Guid webhookId, Exception e);
}
