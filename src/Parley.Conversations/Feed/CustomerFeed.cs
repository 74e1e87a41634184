using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Conversations.Feed;

/// <summary>A customer's own conversations, exact: each public event once, in order, whatever breaks in between.</summary>
internal sealed class CustomerFeed(TenantDb db, ITurnDrafts drafts, TimeProvider time) : IFeedSource
{
    public string Name => "customer";

    public bool Serves(Caller caller) => caller.Kind == CallerKind.EndUser && caller.Can(Permission.WidgetTalk);

    public IFeedReader Open(Caller caller, string? cursor) =>
        new CustomerFeedReader(db, drafts, time, caller, cursor is null ? null : CustomerCursor.Parse(cursor) ?? throw new FeedCursorException());
}

internal sealed class CustomerFeedReader(TenantDb db, ITurnDrafts drafts, TimeProvider time, Caller caller, CustomerCursor? start) : IFeedReader
{
    private const int Limit = 200;

    /// <summary>A turn is over long before; conversations that rest are not asked for drafts.</summary>
    private static readonly TimeSpan DraftsFor = TimeSpan.FromMinutes(10);

    private const string HeadsSql = """
        select id, last_seq, updated_at from conversations where tenant_id = @tenantId and end_user_id = @endUserId and updated_at > @since
        """;

    // seq is complete as soon as it is committed: no need to wait for older transactions. The lateral limit holds the planner to the
    // conversations' own index, whatever it believes about the table.
    private const string EventsSql = $"""
        select {FeedRow.Columns}
          from conversations c
          left join unnest(@ids::uuid[], @seqs::bigint[]) k (id, seq) on k.id = c.id
          cross join lateral (
            select * from events x
             where x.tenant_id = @tenantId and x.conversation_id = c.id and x.seq > coalesce(k.seq, 0) and x.created_at > @since
             order by x.seq limit @limit) e
         where c.tenant_id = @tenantId and c.end_user_id = @endUserId and c.updated_at > @since and c.last_seq > coalesce(k.seq, 0)
         order by e.position limit @limit
        """;

    private readonly DraftOffsets _offsets = new();
    private CustomerCursor? _cursor = start;

    public IReadOnlyCollection<FeedTopic> Topics { get; } = [new FeedTopic(caller.TenantId, ConversationTopic.EndUser, caller.Id)];

    public Task<FeedBatch> ReadAsync(FeedWake wake, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, ReadAsync, ct);

    private async Task<FeedBatch> ReadAsync(TenantSession session)
    {
        var now = time.GetUtcNow();
        if (_cursor is null)
        {
            // No event with the first cursor: the client may keep that and lose the connection before it sees what came with it.
            _cursor = await FromNowAsync(session, now);
            return new FeedBatch([], _cursor.ToString(), More: true);
        }
        // Drafts before events: what the events say about a draft is then never older than the draft.
        var active = _cursor.ActiveSince(now - DraftsFor);
        var texts = active.Count == 0 ? [] : await drafts.ReadAsync(session, active);
        var rows = await session.QueryAsync<FeedRow>(EventsSql, new
        {
            tenantId = session.TenantId, endUserId = caller.Id, ids = _cursor.Conversations, seqs = _cursor.Seqs, since = _cursor.Since, limit = Limit,
        });
        var rendered = (await FeedRendering.RenderAsync(session, rows, forAgents: false)).ToDictionary(r => (r.Row.ConversationId, r.Row.Seq), r => r.Data);
        var events = new List<FeedEvent>();
        foreach (var row in rows)
        {
            _cursor.Deliver(row.ConversationId, row.Seq, row.CreatedAt);
            if (rendered.TryGetValue((row.ConversationId, row.Seq), out var data))
            {
                events.Add(new FeedEvent(row.Type, data, _cursor.ToString()));
            }
        }
        var full = rows.Count == Limit;
        if (!full)
        {
            _cursor.MoveTo(now);
        }
        events.AddRange(_offsets.Take(texts, rows, out var again));
        return new FeedBatch(events, _cursor.ToString(), full || again || rows.Any(row => row.TurnId is not null && !active.Contains(row.ConversationId)));
    }

    private async Task<CustomerCursor> FromNowAsync(TenantSession session, DateTimeOffset now)
    {
        var cursor = new CustomerCursor(now);
        var heads = await session.QueryAsync<Head>(HeadsSql, new { tenantId = session.TenantId, endUserId = caller.Id, since = now - CustomerCursor.Remembered });
        foreach (var head in heads)
        {
            cursor.Deliver(head.Id, head.LastSeq, head.UpdatedAt);
        }
        return cursor;
    }

    private sealed record Head
    {
        public Guid Id { get; init; }

        public long LastSeq { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }
    }
}
