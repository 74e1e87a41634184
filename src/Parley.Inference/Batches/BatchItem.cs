using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Batches;

/// <summary>A handler and what work calls it.</summary>
internal sealed record BatchHandlerRegistration(string Name, Type Handler);

/// <summary>What is asked, as it is stored.</summary>
internal sealed record StoredRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)
{
    internal static JsonSerializerOptions Json { get; } = new(AIJsonUtilities.DefaultOptions) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal static StoredRequest Read(string json) => JsonSerializer.Deserialize<StoredRequest>(json, Json) ?? throw new JsonException("The request is null.");
}

/// <summary>A piece of work as it is stored.</summary>
internal sealed record BatchItem
{
    internal const string Columns = """
        id, handler, subject_id as subjectid, feature, service, assistant_id as assistantid, conversation_id as conversationid, end_user_id as enduserid, turn_id as turnid, anonymous, state,
        batch_id as batchid, reservation_id as reservationid, attempts, created_at as createdat, waits_from as waitsfrom
        """;

    public Guid Id { get; init; }

    public string Handler { get; init; } = "";

    public Guid SubjectId { get; init; }

    public string Feature { get; init; } = "";

    public string Service { get; init; } = "";

    public Guid? AssistantId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? EndUserId { get; init; }

    public Guid? TurnId { get; init; }

    public bool Anonymous { get; init; }

    public string State { get; init; } = "";

    public Guid? BatchId { get; init; }

    public Guid? ReservationId { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset WaitsFrom { get; init; }

    /// <summary>The paid call has the item's id, so that everything that was tried for it is found by one.</summary>
    internal Spender Who(Guid tenantId) => new()
    {
        TenantId = tenantId, Feature = Feature, Service = Service, AssistantId = AssistantId, ConversationId = ConversationId, EndUserId = EndUserId, TurnId = TurnId, Anonymous = Anonymous, CallId = Id,
    };
}

/// <summary>A file at a provider as it is stored.</summary>
internal sealed record BatchRow
{
    public Guid Id { get; init; }

    public Guid AccountId { get; init; }

    public string Provider { get; init; } = "";

    public string Model { get; init; } = "";

    public string State { get; init; } = "";

    public string? ProviderId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? SubmitAt { get; init; }

    public DateTimeOffset? RunningAt { get; init; }

    public DateTimeOffset? CancelAt { get; init; }

    public int Failures { get; init; }

    public int Reads { get; init; }
}
