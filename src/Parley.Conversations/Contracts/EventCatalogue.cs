using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Conversations.Contracts;

// Every event type of a conversation with its data. A record's properties are the stored JSON. Add a property: nullable.
// Change or remove one: raise SchemaVersion and keep readers of the older version working.

/// <summary>The data of one event. Ids, states and scores; texts stay in messages (except quotes of sources, which are evidence).</summary>
public abstract record ConversationEvent
{
    /// <summary>As stored, and as the feed calls it.</summary>
    [JsonIgnore]
    public abstract string Type { get; }

    /// <summary>Version of this type's data.</summary>
    [JsonIgnore]
    public virtual short SchemaVersion => 1;

    /// <summary>Internal events are for the ledger and for agents' views; no customer's feed carries them.</summary>
    [JsonIgnore]
    public virtual bool Internal => false;

    internal string ToJson() => JsonSerializer.Serialize(this, GetType(), ConversationJson.Options);
}

/// <summary>A conversation began. Internal.</summary>
public sealed record ConversationStarted(string Channel, Guid? WidgetId) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "started";

    /// <inheritdoc/>
    public override bool Internal => true;
}

/// <summary>The customer's message is stored. The turn that answers it is the event's turn.</summary>
public sealed record MessageAccepted(Guid MessageId, string? ClientId, Guid? TurnId) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "accepted";
}

/// <summary>A message of the assistant, an agent or the system. Whether customers see it is the message's visibility.</summary>
public sealed record MessagePosted(Guid MessageId, string Visibility) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "message";

    /// <inheritdoc/>
    public override bool Internal => Visibility != Contracts.Visibility.Public;
}

/// <summary>What a turn found, before its first text.</summary>
public sealed record SourcesFound(Guid TurnId, IReadOnlyList<Citation> Sources) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "sources";
}

/// <summary>The text of this turn sent so far is retracted; its draft starts again at offset 0.</summary>
public sealed record DraftReplaced(Guid TurnId, string Reason) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "replaced";
}

/// <summary>A handoff changed its state. Priority and reasons are for agents only; the feed leaves them out for customers.</summary>
public sealed record HandoffChanged(Guid HandoffId, string State, string? Priority, int? Position, EventPerson? Agent, IReadOnlyList<string> Reasons) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "handoff";
}

/// <summary>The name a customer sees.</summary>
public sealed record EventPerson(string Name);

/// <summary>A turn ended.</summary>
/// <param name="TurnId">Which.</param>
/// <param name="Outcome">answered | clarified | abstained | handed_off | small_talk.</param>
/// <param name="Confidence">0 to 1; null where nothing was judged.</param>
/// <param name="MessageId">The assistant's message; null where it said nothing.</param>
public sealed record TurnDone(Guid TurnId, string Outcome, double? Confidence, Guid? MessageId) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "done";
}

/// <summary>A turn failed or was cancelled; the text is for the customer.</summary>
public sealed record TurnFailed(Guid TurnId, string Code, string Text) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "error";
}

/// <summary>Closed. Resolved is what the closing person said; null: nobody said.</summary>
public sealed record ConversationClosed(string By, bool? Resolved) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "closed";
}

/// <summary>A customer's message opened a closed conversation again. Internal: the message itself tells the customer.</summary>
public sealed record ConversationReopened(Guid? ReversedResolutionId) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "reopened";

    /// <inheritdoc/>
    public override bool Internal => true;
}

/// <summary>Another one answers from now on. Internal: customers are told by handoff events and messages.</summary>
public sealed record OwnerChanged(string Owner, Guid? AgentId) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "owner";

    /// <inheritdoc/>
    public override bool Internal => true;
}

/// <summary>The customer rated the conversation.</summary>
public sealed record ConversationRated(int Rating) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "rated";
}

/// <summary>The resolution ledger has a new entry. Internal.</summary>
public sealed record ResolutionRecorded(Guid ResolutionId, string Class, Guid? ReversesId) : ConversationEvent
{
    /// <inheritdoc/>
    public override string Type => "resolution";

    /// <inheritdoc/>
    public override bool Internal => true;
}

/// <summary>Where a statement comes from. <c>Quote</c> is the source's own text, unchanged.</summary>
public sealed record Citation(Guid DocumentId, Guid SourceId, string Title, string? Url, string? Anchor, string Quote, Guid ChunkId);

/// <summary>All types, for readers that turn stored data back into records.</summary>
public static class EventCatalogue
{
    /// <summary>Type name to record.</summary>
    public static FrozenDictionary<string, Type> Types { get; } = new Dictionary<string, Type>
    {
        ["started"] = typeof(ConversationStarted),
        ["accepted"] = typeof(MessageAccepted),
        ["message"] = typeof(MessagePosted),
        ["sources"] = typeof(SourcesFound),
        ["replaced"] = typeof(DraftReplaced),
        ["handoff"] = typeof(HandoffChanged),
        ["done"] = typeof(TurnDone),
        ["error"] = typeof(TurnFailed),
        ["closed"] = typeof(ConversationClosed),
        ["reopened"] = typeof(ConversationReopened),
        ["owner"] = typeof(OwnerChanged),
        ["rated"] = typeof(ConversationRated),
        ["resolution"] = typeof(ResolutionRecorded),
    }.ToFrozenDictionary();

    /// <summary>Reads stored data; null for a type of a newer Parley.</summary>
    public static ConversationEvent? Read(string type, string data) =>
        Types.TryGetValue(type, out var record) ? (ConversationEvent?)JsonSerializer.Deserialize(data, record, ConversationJson.Options) : null;
}

/// <summary>How events and parts are written: camel case, like the API.</summary>
public static class ConversationJson
{
    /// <summary>Web defaults.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        // Stored as jsonb, never inside HTML: escaping every letter beyond ASCII would only make rows larger.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
