using System.Text.Json;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;

namespace Parley.Integrations.Webhooks;

/// <summary>An event with the body that is sent.</summary>
internal sealed record RenderedEvent(LoggedEvent Event, string Type, string Body);

/// <summary>Turns logged events into bodies.</summary>
internal static class WebhookRendering
{
    /// <summary>Of the types asked for; events whose conversation or message is gone are left out, and so is what the catalogue does not know.</summary>
    internal static async Task<IReadOnlyList<RenderedEvent>> RenderAsync(TenantSession session, IEnumerable<LoggedEvent> events, IReadOnlySet<string> types)
    {
        var wanted = new List<(LoggedEvent Event, ConversationEvent Data, string Type)>();
        foreach (var logged in events)
        {
            if (logged.EndUserId is not null && EventCatalogue.Read(logged.Type, logged.Data) is { } data && WebhookEvents.TypeOf(data) is { } type && types.Contains(type))
            {
                wanted.Add((logged, data, type));
            }
        }
        var messages = (await MessageReader.ByIdAsync(session, [.. wanted.Select(w => MessageOf(w.Data)).OfType<Guid>()])).ToDictionary(message => message.Id);
        var rendered = new List<RenderedEvent>(wanted.Count);
        foreach (var (logged, data, type) in wanted)
        {
            MessageView? message = null;
            if (MessageOf(data) is not { } id || messages.TryGetValue(id, out message))
            {
                rendered.Add(new RenderedEvent(logged, type, Body(session.TenantId, logged.Id, type, logged.CreatedAt, DataOf(logged, data, message))));
            }
        }
        return rendered;
    }

    internal static string Body(Guid tenantId, Guid eventId, string type, DateTimeOffset at, object data) => JsonSerializer.Serialize(
        new WebhookEnvelope<object>(WebhookEvents.IdOf(eventId), type, WebhookEvents.VersionOf(type), at, tenantId, data), WebhookEvents.Json);

    private static Guid? MessageOf(ConversationEvent data) => data switch { MessageAccepted accepted => accepted.MessageId, MessagePosted posted => posted.MessageId, _ => null };

    private static WebhookData DataOf(LoggedEvent logged, ConversationEvent data, MessageView? message)
    {
        var conversation = new WebhookConversation(logged.ConversationId, logged.Channel!, logged.Locale, logged.EndUserId!.Value, logged.AssistantId!.Value, logged.WidgetId);
        var (seq, actor) = (logged.Seq, new WebhookActor(logged.ActorKind, logged.ActorId));
        return data switch
        {
            ConversationStarted => new ConversationStartedData { Conversation = conversation, Seq = seq, Actor = actor },
            MessageAccepted or MessagePosted => new MessageData { Conversation = conversation, Seq = seq, Actor = actor, Message = MessageOf(message!) },
            TurnDone e => new TurnFinishedData { Conversation = conversation, Seq = seq, Actor = actor, TurnId = e.TurnId, Outcome = e.Outcome, Confidence = e.Confidence, MessageId = e.MessageId },
            TurnFailed e => new TurnFailedData { Conversation = conversation, Seq = seq, Actor = actor, TurnId = e.TurnId, Code = e.Code },
            HandoffChanged e => new HandoffChangedData
            {
                Conversation = conversation, Seq = seq, Actor = actor, HandoffId = e.HandoffId, State = e.State, Priority = e.Priority, Position = e.Position, AgentName = e.Agent?.Name, Reasons = e.Reasons,
            },
            OwnerChanged e => new ConversationAssignedData { Conversation = conversation, Seq = seq, Actor = actor, Owner = e.Owner, AgentId = e.AgentId },
            ConversationRated e => new ConversationRatedData { Conversation = conversation, Seq = seq, Actor = actor, Rating = e.Rating },
            ConversationClosed e => new ConversationClosedData { Conversation = conversation, Seq = seq, Actor = actor, By = e.By, Resolved = e.Resolved },
            ConversationReopened e => new ConversationReopenedData { Conversation = conversation, Seq = seq, Actor = actor, ReversedResolutionId = e.ReversedResolutionId },
            ResolutionRecorded e => new ResolutionRecordedData { Conversation = conversation, Seq = seq, Actor = actor, ResolutionId = e.ResolutionId, Class = e.Class, ReversesId = e.ReversesId },
            _ => throw new ArgumentOutOfRangeException(nameof(data), data.Type, "An event of the catalogue that has no data."),
        };
    }

    private static WebhookMessage MessageOf(MessageView m) => new(
        m.Id, new WebhookAuthor(m.AuthorKind, m.AuthorId, m.AuthorName), m.PlainText(), m.Parts, m.Language, m.Modality, m.ReplyTo, m.TurnId, m.CreatedAt);
}
