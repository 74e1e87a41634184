using Parley.Conversations.Contracts;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

internal sealed record MessageSent(Guid MessageId, Guid? TurnId, long Seq);

/// <summary>
/// Stores a customer's message, hands it to the assistant and announces it: five round trips, one transaction. Every customer channel
/// goes through here.
/// </summary>
internal sealed class CustomerMessages(TimeProvider time, Messages messages, ConversationEvents events, ConversationLifecycle lifecycle, ITurnScheduler turns)
{
    // The number is the message's: its event was left open until the turn was known.
    private const string AnnounceSql = """
        insert into events (tenant_id, conversation_id, seq, id, type, schema_version, visibility, actor_kind, actor_id, turn_id, data, created_at)
        values (@tenantId, @conversationId, @seq, @id, 'accepted', @version, 'public', @actorKind, @actorId, @turnId, @data::jsonb, @now)
        returning position
        """;

    private const string RepeatedSql = """
        select e.turn_id, p.content ->> 'text' as text
          from messages m
          join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id and p.ordinal = 0
          left join events e on e.tenant_id = m.tenant_id and e.conversation_id = m.conversation_id and e.seq = m.seq and e.type = 'accepted'
         where m.tenant_id = @tenantId and m.id = @id
        """;

    private static readonly Error Mismatch = new("idempotency.mismatch",
        "A message with this clientId was sent before with another text. Use a new clientId for a new message.", 422);

    /// <summary>The caller holds the row lock and passes the state read under it. An error writes nothing.</summary>
    internal async Task<Result<MessageSent>> AcceptAsync(TenantSession session, ConversationState conversation, string text, string? clientId)
    {
        var author = Actor.EndUser(conversation.EndUserId);
        if (!conversation.IsOpen)
        {
            if (clientId is not null && await Messages.FindAsync(session, conversation.Id, clientId) is { } sent)
            {
                return await CompareAsync(session, sent, text);
            }
            var reopened = await lifecycle.ReopenAsync(session, conversation, author);
            if (reopened.Error is { } error)
            {
                return error;
            }
            conversation = (await ConversationStore.ReadAsync(session, conversation.Id))!;
        }
        var now = time.GetUtcNow();
        var stored = await messages.InsertAsync(session,
            new MessageDraft(conversation.Id, author, [MessagePart.OfText(text)]) { ExternalId = clientId, Modality = conversation.Modality },
            Ids.New(time), announcement: null, MessageText.Subject(text));
        if (stored.Repeated)
        {
            return await CompareAsync(session, stored, text);
        }
        var turnId = conversation.Owner == ConversationOwner.Agent ? null
            : await turns.ScheduleAsync(session, conversation with { LastSeq = stored.Seq, LastMessageKind = author.Kind }, stored.Id);
        var accepted = new MessageAccepted(stored.Id, clientId, turnId);
        var position = await session.QuerySingleAsync<long>(AnnounceSql, new
        {
            tenantId = session.TenantId, conversationId = conversation.Id, seq = stored.Seq, id = Ids.New(time), version = accepted.SchemaVersion,
            actorKind = author.Kind, actorId = author.Id, turnId, data = accepted.ToJson(), now,
        });
        session.OnCommitted(() => events.Wake(session.TenantId, conversation.Id, conversation.EndUserId, stored.Seq, position));
        return new MessageSent(stored.Id, turnId, stored.Seq);
    }

    private static async Task<Result<MessageSent>> CompareAsync(TenantSession session, StoredMessage stored, string text)
    {
        var earlier = await session.QuerySingleAsync<Repeated>(RepeatedSql, new { tenantId = session.TenantId, id = stored.Id });
        return earlier.Text == text ? new MessageSent(stored.Id, earlier.TurnId, stored.Seq) : Mismatch;
    }

    private sealed record Repeated
    {
        public Guid? TurnId { get; init; }

        public string? Text { get; init; }
    }
}
