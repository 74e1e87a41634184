using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Conversations.Feed;

/// <summary>An event as the feeds read it.</summary>
internal sealed record FeedRow
{
    /// <summary>The columns of every feed's statement; the alias is <c>e</c>.</summary>
    internal const string Columns =
        "e.conversation_id, e.seq, e.type, e.visibility, e.actor_kind, e.actor_id, e.turn_id, e.data, e.created_at, e.xid::text as xid, e.position";

    public Guid ConversationId { get; init; }

    public long Seq { get; init; }

    public string Type { get; init; } = "";

    public string Visibility { get; init; } = "";

    public string ActorKind { get; init; } = "";

    public Guid? ActorId { get; init; }

    public Guid? TurnId { get; init; }

    public string Data { get; init; } = "{}";

    public DateTimeOffset CreatedAt { get; init; }

    public string Xid { get; init; } = "";

    public long Position { get; init; }

    /// <summary>A turn's text so far means nothing after these.</summary>
    internal bool EndsDraft => Type is "done" or "error" or "replaced" || (Type == "message" && TurnId is not null);

    internal Guid? MessageId => Type is "accepted" or "message" && JsonDocument.Parse(Data).RootElement.TryGetProperty("messageId", out var id) ? id.GetGuid() : null;
}

/// <summary>Turns event rows into what clients see.</summary>
internal static class FeedRendering
{
    // The others are for the ledger; agents learn their effect from the conversation's summary.
    private static readonly HashSet<string> Shown = ["accepted", "sources", "replaced", "message", "handoff", "done", "error", "closed", "rated"];

    /// <summary>The events to send, each with its row; internal ones and those whose message is gone are left out.</summary>
    internal static async Task<IReadOnlyList<(FeedRow Row, JsonElement Data)>> RenderAsync(TenantSession session, IReadOnlyList<FeedRow> rows, bool forAgents)
    {
        var shown = rows.Where(row => Shown.Contains(row.Type) && (forAgents || row.Visibility == "public")).ToList();
        var names = await AgentNames.ReadAsync(session, shown.Where(row => row.ActorKind == ActorKind.Agent).Select(row => row.ActorId));
        var messages = (await MessageReader.ByIdAsync(session, [.. shown.Select(row => row.MessageId).OfType<Guid>()])).ToDictionary(m => m.Id);
        var rendered = new List<(FeedRow, JsonElement)>(shown.Count);
        foreach (var row in shown)
        {
            MessageView? message = null;
            if (row.MessageId is not { } id || messages.TryGetValue(id, out message))
            {
                rendered.Add((row, Render(row, message, row.ActorId is { } actor ? names.GetValueOrDefault(actor) : null, forAgents)));
            }
        }
        return rendered;
    }

    private static JsonElement Render(FeedRow row, MessageView? message, string? actorName, bool forAgents)
    {
        var data = JsonNode.Parse(row.Data)!.AsObject();
        data["conversationId"] = row.ConversationId;
        data["seq"] = row.Seq;
        data["at"] = row.CreatedAt;
        data["turnId"] = row.TurnId;
        // Customers learn an agent's name, not their account's id.
        data["actor"] = new JsonObject
        {
            ["kind"] = row.ActorKind, ["id"] = forAgents || row.ActorKind != ActorKind.Agent ? row.ActorId : null, ["name"] = actorName,
        };
        if (message is not null)
        {
            data["message"] = JsonSerializer.SerializeToNode(message, ConversationJson.Options);
        }
        if (row.Type == "handoff" && !forAgents)
        {
            data.Remove("priority");
            data.Remove("reasons");
        }
        return JsonSerializer.SerializeToElement(data);
    }
}

/// <summary>How much of each running turn's text a feed has sent. Offsets count UTF-16 units.</summary>
internal sealed class DraftOffsets
{
    private readonly Dictionary<Guid, int> _sent = [];

    /// <summary>
    /// What is new in the drafts, which were read before the events: a turn whose events in this batch end or retract its text is left out,
    /// so that no client gets a text after the news that it no longer counts. A retracted text starts again at 0 with the next read.
    /// </summary>
    /// <param name="drafts">Read first.</param>
    /// <param name="events">Read after them.</param>
    /// <param name="again">True: a retracted turn may have new text already.</param>
    internal IReadOnlyList<FeedEvent> Take(IReadOnlyList<TurnDraft> drafts, IReadOnlyList<FeedRow> events, out bool again)
    {
        var ended = events.Where(e => e.EndsDraft && e.TurnId is not null).Select(e => e.TurnId!.Value).ToHashSet();
        again = events.Any(e => e.Type == "replaced");
        foreach (var turn in ended)
        {
            _sent.Remove(turn);
        }
        var deltas = new List<FeedEvent>();
        foreach (var draft in drafts)
        {
            var offset = _sent.GetValueOrDefault(draft.TurnId);
            if (ended.Contains(draft.TurnId) || draft.Text.Length <= offset)
            {
                continue;
            }
            _sent[draft.TurnId] = draft.Text.Length;
            deltas.Add(new FeedEvent("delta", JsonSerializer.SerializeToElement(
                new DeltaData(draft.ConversationId, draft.TurnId, offset, draft.Text[offset..]), ConversationJson.Options)));
        }
        return deltas;
    }
}

internal sealed record DeltaData(Guid ConversationId, Guid TurnId, int Offset, string Text);
