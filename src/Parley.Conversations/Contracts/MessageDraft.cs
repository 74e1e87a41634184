using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Conversations.Contracts;

/// <summary>A message to store.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="Author">Who says it.</param>
/// <param name="Parts">At least one, in reading order.</param>
public sealed record MessageDraft(Guid ConversationId, Actor Author, IReadOnlyList<MessagePart> Parts)
{
    /// <summary>public | note, see <see cref="Contracts.Visibility"/>.</summary>
    public string Visibility { get; init; } = Contracts.Visibility.Public;

    /// <summary>text | voice | video | screen.</summary>
    public string Modality { get; init; } = "text";

    /// <summary>Language tag, where it is known.</summary>
    public string? Language { get; init; }

    /// <summary>The message it answers.</summary>
    public Guid? ReplyTo { get; init; }

    /// <summary>The sender's own id: unique within the conversation, so that a retry is stored once.</summary>
    public string? ExternalId { get; init; }

    /// <summary>pending | sent | delivered | failed.</summary>
    public string Delivery { get; init; } = "sent";

    /// <summary>The turn that wrote it.</summary>
    public Guid? TurnId { get; init; }
}

/// <summary>A typed part.</summary>
/// <param name="Type">text | quote | image | file | audio | transcript | frame | card | form.</param>
/// <param name="Content">By type; text: {text, citations?: [index of a quote part, from 0], choices?: [what the customer may send with one click, the text being their list], next?: [questions to ask next]}, quote: a <see cref="Citation"/>.</param>
public sealed record MessagePart(string Type, JsonElement Content)
{
    /// <summary>The file, for parts that have one; its row in <c>objects</c> exists.</summary>
    public byte[]? ObjectHash { get; init; }

    /// <summary>A paragraph, list or code block, with the quotes it rests on.</summary>
    public static MessagePart OfText(string text, params IReadOnlyList<int> citations) =>
        new("text", citations.Count == 0
            ? JsonSerializer.SerializeToElement(new { text }, ConversationJson.Options)
            : JsonSerializer.SerializeToElement(new { text, citations }, ConversationJson.Options));

    /// <summary>A list of what the customer may say next; clients that can show the choices as buttons leave the text away.</summary>
    public static MessagePart OfChoices(string text, IReadOnlyList<string> choices) => new("text", JsonSerializer.SerializeToElement(new { text, choices }, ConversationJson.Options));

    /// <summary>The same text with questions that the customer may ask next, shown below the message.</summary>
    public MessagePart WithNext(IReadOnlyList<string> questions)
    {
        var content = JsonObject.Create(Content)!;
        content["next"] = new JsonArray([.. questions.Select(q => (JsonNode)q)]);
        return this with { Content = JsonSerializer.SerializeToElement(content, ConversationJson.Options) };
    }

    /// <summary>A source's own words.</summary>
    public static MessagePart OfQuote(Citation citation) => new("quote", JsonSerializer.SerializeToElement(citation, ConversationJson.Options));
}

/// <summary>What was stored.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Seq">Its number, which is also its event's.</param>
/// <param name="CreatedAt">Business time.</param>
/// <param name="Repeated">True: the same external id was stored before; nothing was written now.</param>
public sealed record StoredMessage(Guid Id, long Seq, DateTimeOffset CreatedAt, bool Repeated);
