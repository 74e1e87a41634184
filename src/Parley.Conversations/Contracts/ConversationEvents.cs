using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Conversations.Contracts;

/// <summary>An event to append.</summary>
/// <param name="Event">Its typed data.</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="TurnId">The turn it belongs to.</param>
public sealed record EventDraft(ConversationEvent Event, Actor Actor, Guid? TurnId = null);

/// <summary>Appends to a conversation's events. The only writer of <c>seq</c> beside <see cref="Messages"/>.</summary>
public sealed class ConversationEvents(TimeProvider time, FeedHub feed)
{
    // Outcome '' leaves last_outcome; small talk does not make an answered conversation less answered.
    private const string AppendSql = """
        with c as (
          update conversations
             set last_seq = last_seq + cardinality(@ids::uuid[]), updated_at = @now::timestamptz,
                 last_outcome = case when @outcome::text = '' or (@outcome = 'small_talk' and last_outcome is not null) then last_outcome else @outcome end,
                 confidence = coalesce(@confidence::real, confidence)
           where tenant_id = @tenantId and id = @conversationId
          returning id, end_user_id, last_seq - cardinality(@ids::uuid[]) as base
        ), e as (
          insert into events (tenant_id, conversation_id, seq, id, type, schema_version, visibility, actor_kind, actor_id, turn_id, data, created_at)
          select @tenantId::uuid, c.id, c.base + d.ordinal, d.id, d.type, d.version, d.visibility, d.actor_kind, d.actor_id, d.turn_id, d.data::jsonb, @now
            from c, unnest(@ids::uuid[], @types::text[], @versions::smallint[], @visibilities::text[], @actorKinds::text[], @actorIds::uuid[], @turnIds::uuid[], @data::text[])
              with ordinality d (id, type, version, visibility, actor_kind, actor_id, turn_id, data, ordinal)
          returning position
        )
        select c.base + 1 as first_seq, c.end_user_id, (select max(position) from e) as position from c
        """;

    internal const string HeadSql = "select xid::text, position from events_head()";

    internal const string SinceSql = "select tenant_id, kind, id, version, xid::text, position from events_since(@xid::text::xid8, @position, @limit)";

    /// <summary>
    /// Appends events in this order with consecutive numbers, under the conversation's row lock (taken here if the caller has not),
    /// and wakes the feeds after the commit. Returns the first event's number.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no such conversation in this tenant.</exception>
    public async Task<long> AppendAsync(TenantSession session, Guid conversationId, params IReadOnlyList<EventDraft> drafts)
    {
        var now = time.GetUtcNow();
        var row = await session.QuerySingleOrDefaultAsync<Appended>(AppendSql, new
        {
            tenantId = session.TenantId,
            conversationId,
            now,
            outcome = drafts.Select(OutcomeOf).LastOrDefault(o => o.Length > 0) ?? "",
            confidence = drafts.Select(d => (float?)(d.Event as TurnDone)?.Confidence).LastOrDefault(c => c is not null),
            ids = drafts.Select(_ => Ids.New(time)).ToArray(),
            types = drafts.Select(d => d.Event.Type).ToArray(),
            versions = drafts.Select(d => d.Event.SchemaVersion).ToArray(),
            visibilities = drafts.Select(d => VisibilityOf(d.Event)).ToArray(),
            actorKinds = drafts.Select(d => d.Actor.Kind).ToArray(),
            actorIds = drafts.Select(d => d.Actor.Id).ToArray(),
            turnIds = drafts.Select(d => d.TurnId).ToArray(),
            data = drafts.Select(d => d.Event.ToJson()).ToArray(),
        }) ?? throw new InvalidOperationException("An event was appended to a conversation that does not exist.");
        session.OnCommitted(() => Wake(session.TenantId, conversationId, row.EndUserId, row.FirstSeq + drafts.Count - 1, row.Position));
        return row.FirstSeq;
    }

    /// <summary>
    /// Tells the feeds that a conversation has news: after a commit, or when a turn's draft has grown. The numbers let the poll for
    /// lost wakes see that this one was not lost (events_since); 0: nothing was committed.
    /// </summary>
    public void Wake(Guid tenantId, Guid conversationId, Guid endUserId, long seq = 0, long position = 0)
    {
        feed.Publish(new FeedTopic(tenantId, ConversationTopic.EndUser, endUserId), position);
        feed.Publish(new FeedTopic(tenantId, ConversationTopic.Conversation, conversationId), seq);
    }

    internal static string VisibilityOf(ConversationEvent e) => e.Internal ? "internal" : "public";

    private static string OutcomeOf(EventDraft draft) => draft.Event switch
    {
        TurnDone done => done.Outcome,
        TurnFailed => "failed",
        _ => "",
    };

    private sealed record Appended
    {
        public long FirstSeq { get; init; }

        public Guid EndUserId { get; init; }

        public long Position { get; init; }
    }
}
