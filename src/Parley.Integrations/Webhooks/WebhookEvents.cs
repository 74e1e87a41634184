using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;

namespace Parley.Integrations.Webhooks;

/// <summary>A type of event that a webhook may get, as the catalogue shows it.</summary>
/// <param name="Type">What is subscribed to.</param>
/// <param name="Version">Of its data.</param>
/// <param name="Description">When it happens.</param>
/// <param name="Content">It carries what people wrote.</param>
/// <param name="Schema">JSON schema of the whole body.</param>
internal sealed record WebhookEventType(string Type, int Version, string Description, bool Content, JsonElement Schema);

internal sealed record WebhookEventTypes(IReadOnlyList<WebhookEventType> Items);

/// <summary>The catalogue: which events of conversations leave as what. What is not in it (drafts, sources before an answer) does not leave.</summary>
internal static class WebhookEvents
{
    internal const string Test = "webhook.test";
    private const string Message = "message.created";
    private const string Note = "note.created";

    /// <summary>How bodies are written: numbers are numbers, what is unknown is null and present.</summary>
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>In the order in which people read them.</summary>
    internal static IReadOnlyList<WebhookEventType> All { get; } =
    [
        Of<ConversationStartedData>("conversation.started", "A conversation began."),
        Of<MessageData>(Message, "A message of the customer, the assistant, an agent or Parley that the customer sees.", content: true),
        Of<MessageData>(Note, "An internal note of the team. Customers never see it; subscribe only where it may be read.", content: true),
        Of<TurnFinishedData>("turn.finished", "The assistant has dealt with a message: with an answer, a question back, an abstention or a handoff."),
        Of<TurnFailedData>("turn.failed", "The assistant could not deal with a message."),
        Of<HandoffChangedData>("handoff.changed", "A person was asked for, accepted, handed back or closed; its state says which."),
        Of<ConversationAssignedData>("conversation.assigned", "Another one answers from now on: the assistant, the queue or an agent."),
        Of<ConversationRatedData>("conversation.rated", "The customer rated the conversation."),
        Of<ConversationClosedData>("conversation.closed", "The conversation was closed."),
        Of<ConversationReopenedData>("conversation.reopened", "A customer's message opened a closed conversation again."),
        Of<ResolutionRecordedData>("resolution.recorded", "How the conversation ended was judged, or such a judgement was taken back."),
        Of<WebhookTestData>(Test, "Sent when somebody tests the webhook. It need not be subscribed to."),
    ];

    /// <summary>What can be subscribed to.</summary>
    internal static IReadOnlyList<string> Subscribable { get; } = [.. All.Select(type => type.Type).Where(type => type != Test)];

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/events", () => TypedResults.Ok(new WebhookEventTypes(All))).WithName("ListWebhookEvents").RequirePermission(Permission.WebhooksRead);

    internal static int VersionOf(string type) => All.First(t => t.Type == type).Version;

    /// <summary>The id of an event in every body and header: no dot may stand in it, because dots part what is signed.</summary>
    internal static string IdOf(Guid eventId) => "evt_" + eventId.ToString("N");

    /// <summary>As what a logged event leaves; null: it does not.</summary>
    internal static string? TypeOf(ConversationEvent? logged) => logged switch
    {
        ConversationStarted => "conversation.started",
        MessageAccepted => Message,
        MessagePosted posted => posted.Visibility == Visibility.Public ? Message : Note,
        TurnDone => "turn.finished",
        TurnFailed => "turn.failed",
        HandoffChanged => "handoff.changed",
        OwnerChanged => "conversation.assigned",
        ConversationRated => "conversation.rated",
        ConversationClosed => "conversation.closed",
        ConversationReopened => "conversation.reopened",
        ResolutionRecorded => "resolution.recorded",
        _ => null,
    };

    private static WebhookEventType Of<T>(string type, string description, bool content = false, int version = 1) => new(type, version, description, content, SchemaOf<T>(type, version));

    private static JsonElement SchemaOf<T>(string type, int version)
    {
        var schema = Json.GetJsonSchemaAsNode(typeof(WebhookEnvelope<T>), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe }).AsObject();
        schema["properties"]!["type"] = new JsonObject { ["const"] = type };
        schema["properties"]!["version"] = new JsonObject { ["const"] = version };
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        return JsonSerializer.SerializeToElement(schema);
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is JsonObject node && context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true) is [DescriptionAttribute described, ..])
        {
            node["description"] = described.Description;
        }
        return schema;
    }
}
