using Parley.Conversations.Search;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>Writes messages: the row, its parts, the conversation's counters and the event in one statement.</summary>
public sealed class Messages(TimeProvider time, ConversationEvents events)
{
    /// <summary>Answered conversations are settled as silent when nobody follows up for this long.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromHours(24);

    // The lock comes first (c), so that seq, position and the unique external id are decided one writer at a time.
    // @event = '' announces nothing: the caller appends the event itself, with what it learns later (the turn).
    private const string InsertSql = """
        with c as (
          select id, end_user_id, owner, last_seq + 1 as seq from conversations where tenant_id = @tenantId and id = @conversationId for update
        ), m as (
          insert into messages (tenant_id, conversation_id, id, seq, author_kind, author_id, visibility, modality, language, reply_to, external_id, delivery, turn_id, created_at, terms)
          select @tenantId::uuid, c.id, @id::uuid, c.seq, @authorKind::text, @authorId::uuid, @visibility::text, @modality::text, @language::text, @replyTo::uuid,
                 @externalId::text, @delivery::text, @turnId::uuid, @now::timestamptz, array_to_tsvector(@terms::text[])
            from c
          on conflict (tenant_id, conversation_id, external_id) do nothing
          returning seq
        ), p as (
          insert into message_parts (tenant_id, message_id, ordinal, type, content, object_hash)
          select @tenantId, @id, part.ordinal - 1, part.type, part.content::jsonb, part.object_hash
            from m, unnest(@types::text[], @contents::text[], @hashes::bytea[]) with ordinality part (type, content, object_hash, ordinal)
        ), e as (
          insert into events (tenant_id, conversation_id, seq, id, type, schema_version, visibility, actor_kind, actor_id, turn_id, data, created_at)
          select @tenantId, @conversationId::uuid, m.seq, @eventId::uuid, 'message', @eventVersion::smallint, @eventVisibility::text, @authorKind, @authorId, @turnId, nullif(@event::text, '')::jsonb, @now
            from m where @event <> ''
          returning position
        ), u as (
          update conversations t
             set last_seq = m.seq, updated_at = @now,
                 subject = coalesce(t.subject, nullif(@subject::text, '')),
                 last_message_at = case when @visibility = 'public' then @now else t.last_message_at end,
                 last_message_kind = case when @visibility = 'public' then @authorKind else t.last_message_kind end,
                 settle_at = case when @visibility <> 'public' or t.status = 'closed' then t.settle_at when t.owner = 'assistant' then @now + @silence::interval end
            from m
           where t.tenant_id = @tenantId and t.id = @conversationId
        )
        select c.seq, c.end_user_id, exists (select 1 from m) as inserted, coalesce((select position from e), 0) as position from c
        """;

    private const string FindSql =
        "select id, seq, created_at from messages where tenant_id = @tenantId and conversation_id = @conversationId and external_id = @externalId";

    /// <summary>Stores a message of the assistant, an agent, the system or a channel, and announces it with the event <c>message</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no such conversation in this tenant.</exception>
    public async Task<StoredMessage> AddAsync(TenantSession session, MessageDraft draft)
    {
        var id = Ids.New(time);
        return await InsertAsync(session, draft, id, new MessagePosted(id, draft.Visibility), subject: "");
    }

    /// <summary>Stores a message; without an <paramref name="announcement"/> the caller must append the event with the same number.</summary>
    internal async Task<StoredMessage> InsertAsync(TenantSession session, MessageDraft draft, Guid id, MessagePosted? announcement, string subject)
    {
        if (draft.Parts.Count == 0)
        {
            throw new ArgumentException("A message has at least one part.", nameof(draft));
        }
        var now = time.GetUtcNow();
        var row = await session.QuerySingleOrDefaultAsync<Outcome>(InsertSql, new
        {
            tenantId = session.TenantId, conversationId = draft.ConversationId, id, authorKind = draft.Author.Kind, authorId = draft.Author.Id,
            draft.Visibility, draft.Modality, draft.Language, draft.ReplyTo, draft.ExternalId, draft.Delivery, draft.TurnId, now, subject, silence = Silence,
            terms = SearchTerms.Of(session.TenantId, draft.Parts),
            types = draft.Parts.Select(p => p.Type).ToArray(),
            contents = draft.Parts.Select(p => p.Content.GetRawText()).ToArray(),
            hashes = draft.Parts.Select(p => p.ObjectHash).ToArray(),
            eventId = Ids.New(time), eventVersion = announcement?.SchemaVersion ?? 1,
            eventVisibility = announcement is null ? "" : ConversationEvents.VisibilityOf(announcement), @event = announcement?.ToJson() ?? "",
        }) ?? throw new InvalidOperationException("A message was added to a conversation that does not exist.");
        if (!row.Inserted)
        {
            return (await FindAsync(session, draft.ConversationId, draft.ExternalId!))!;
        }
        if (announcement is not null)
        {
            session.OnCommitted(() => events.Wake(session.TenantId, draft.ConversationId, row.EndUserId, row.Seq, row.Position));
        }
        return new StoredMessage(id, row.Seq, now, Repeated: false);
    }

    /// <summary>The message that was stored with this external id; null: none.</summary>
    internal static async Task<StoredMessage?> FindAsync(TenantSession session, Guid conversationId, string externalId) =>
        await session.QuerySingleOrDefaultAsync<Found>(FindSql, new { tenantId = session.TenantId, conversationId, externalId }) is { } found
            ? new StoredMessage(found.Id, found.Seq, found.CreatedAt, Repeated: true)
            : null;

    private sealed record Outcome
    {
        public long Seq { get; init; }

        public Guid EndUserId { get; init; }

        public bool Inserted { get; init; }

        public long Position { get; init; }
    }

    private sealed record Found
    {
        public Guid Id { get; init; }

        public long Seq { get; init; }

        public DateTimeOffset CreatedAt { get; init; }
    }
}
