using System.ComponentModel;
using Parley.Conversations.Contracts;

namespace Parley.Integrations.Webhooks;

// What stands in `data` of each type. The JSON schemas of the catalogue are made from these records. Add a property: nullable, the version
// stays. Change or remove one: raise the type's version in WebhookEvents, and say so in the changelog.

internal sealed record WebhookConversation(
    Guid Id,
    [property: Description("widget, page, api, email, slack, voice or sms")] string Channel,
    [property: Description("Language tag, as the customer's browser gave it")] string? Locale,
    Guid EndUserId,
    Guid AssistantId,
    Guid? WidgetId);

internal sealed record WebhookActor(
    [property: Description("end_user, assistant, agent or system")] string Kind,
    [property: Description("The customer, the assistant or the member; null for Parley itself")] Guid? Id);

internal abstract record WebhookData
{
    public required WebhookConversation Conversation { get; init; }

    [Description("The event's number within its conversation: events may arrive in another order")]
    public required long Seq { get; init; }

    [Description("Who caused it")]
    public required WebhookActor Actor { get; init; }
}

internal sealed record ConversationStartedData : WebhookData;

internal sealed record WebhookAuthor(
    [property: Description("end_user, assistant, agent or system")] string Kind,
    Guid? Id,
    string? Name);

internal sealed record WebhookMessage(
    Guid Id,
    WebhookAuthor Author,
    [property: Description("The text parts, a blank line between them")] string Text,
    [property: Description("Typed parts in reading order: text, quote (a citation of a source), image, file and others")] IReadOnlyList<MessagePartView> Parts,
    string? Language,
    [property: Description("text, voice, video or screen")] string Modality,
    Guid? ReplyTo,
    Guid? TurnId,
    DateTimeOffset CreatedAt);

internal sealed record MessageData : WebhookData
{
    public required WebhookMessage Message { get; init; }
}

internal sealed record TurnFinishedData : WebhookData
{
    public required Guid TurnId { get; init; }

    [Description("answered, clarified, abstained, handed_off or small_talk")]
    public required string Outcome { get; init; }

    [Description("0 to 1; null where nothing was judged")]
    public required double? Confidence { get; init; }

    [Description("The assistant's message; null where it said nothing")]
    public required Guid? MessageId { get; init; }
}

internal sealed record TurnFailedData : WebhookData
{
    public required Guid TurnId { get; init; }

    public required string Code { get; init; }
}

internal sealed record HandoffChangedData : WebhookData
{
    public required Guid HandoffId { get; init; }

    [Description("requested, acknowledged, queued, offered, accepted, returned, closed, expired or out_of_hours")]
    public required string State { get; init; }

    [Description("low, medium, high or urgent")]
    public required string? Priority { get; init; }

    [Description("Place in the queue, from 1")]
    public required int? Position { get; init; }

    public required string? AgentName { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }
}

internal sealed record ConversationAssignedData : WebhookData
{
    [Description("Who answers from now on: assistant, queue or agent")]
    public required string Owner { get; init; }

    public required Guid? AgentId { get; init; }
}

internal sealed record ConversationClosedData : WebhookData
{
    [Description("end_user, agent, assistant or system")]
    public required string By { get; init; }

    [Description("What the closing person said; null: nobody said")]
    public required bool? Resolved { get; init; }
}

internal sealed record ConversationReopenedData : WebhookData
{
    [Description("The entry of the ledger that no longer holds")]
    public required Guid? ReversedResolutionId { get; init; }
}

internal sealed record ConversationRatedData : WebhookData
{
    [Description("1 to 5")]
    public required int Rating { get; init; }
}

internal sealed record ResolutionRecordedData : WebhookData
{
    public required Guid ResolutionId { get; init; }

    [Description("confirmed, tool_verified, silent, by_person, unresolved, abandoned or reversed")]
    public required string Class { get; init; }

    [Description("The entry that this one takes back")]
    public required Guid? ReversesId { get; init; }
}

internal sealed record WebhookTestData(string Message);

/// <summary>The whole body of a request.</summary>
internal sealed record WebhookEnvelope<T>(
    [property: Description("The same in every attempt and in every webhook that gets this event: handle an id once. Also in the header webhook-id")] string Id,
    string Type,
    [property: Description("Of this type's data. New properties may come without it; it moves when one changes or goes")] int Version,
    [property: Description("When it happened, not when it is sent")] DateTimeOffset Timestamp,
    [property: Description("The workspace")] Guid TenantId,
    T Data);
