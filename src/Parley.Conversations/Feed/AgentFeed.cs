using System.Globalization;
using System.Text.Json;
using Parley.Conversations.AgentApi;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Feed;

namespace Parley.Conversations.Feed;

internal sealed record ConversationData(Guid ConversationId, ConversationSummary Conversation);

/// <summary>All conversations of the tenant, notes included, and a fresh summary of each that changed.</summary>
internal sealed class AgentFeed(TenantDb db, ITurnDrafts drafts, ConversationSummaries summaries, ReadAudit audit, TimeProvider time) : IFeedSource
{
    public string Name => "agent";

    public bool Serves(Caller caller) => caller.Kind != CallerKind.EndUser && caller.Can(Permission.ConversationsRead);

    public IFeedReader Open(Caller caller, string? cursor) => new AgentFeedReader(
        db, drafts, summaries, audit, time, caller, cursor is null ? null : AgentCursor.Parse(cursor) ?? throw new FeedCursorException());
}

internal sealed class AgentFeedReader(
    TenantDb db, ITurnDrafts drafts, ConversationSummaries summaries, ReadAudit audit, TimeProvider time, Caller caller, AgentCursor? start) : IFeedReader
{
    private const int LogLimit = 100;
    private const int AheadLimit = 300;

    /// <summary>The log is read at least so often while the feed is busy, which keeps the cursor short.</summary>
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(1);

    private const string HorizonSql = "select pg_snapshot_xmin(pg_current_snapshot())::text";

    // It tells which conversations have news, up to which number.
    private const string LogSql = """
        select e.conversation_id, e.seq, e.xid::text as xid, e.position
          from events e
         where e.tenant_id = @tenantId and (e.xid, e.position) > (@xid::text::xid8, @position)
         order by e.xid, e.position limit @limit
        """;

    // By number, beyond what the log has brought: complete as soon as it is committed, since numbers are taken under the row's lock.
    // The lateral limit holds the planner to the conversations' own index, whatever it believes about the table.
    private const string AheadSql = $"""
        select {FeedRow.Columns}
          from unnest(@ids::uuid[], @after::bigint[], @upTo::bigint[]) k (id, after, up_to)
          cross join lateral (
            select * from events x
             where x.tenant_id = @tenantId and x.conversation_id = k.id and x.seq > k.after and x.seq <= k.up_to and (x.xid, x.position) > (@xid::text::xid8, @position)
             order by x.seq limit @limit) e
         order by e.position limit @limit
        """;

    private readonly DraftOffsets _offsets = new();
    private AgentCursor? _cursor = start;
    private long _logRead;

    public IReadOnlyCollection<FeedTopic> Topics { get; } = [FeedTopic.All(caller.TenantId, ConversationTopic.Conversation)];

    public Task<FeedBatch> ReadAsync(FeedWake wake, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, s => ReadAsync(s, wake), ct);

    private async Task<FeedBatch> ReadAsync(TenantSession session, FeedWake wake)
    {
        await audit.WriteAsync(session, caller, "conversations.watched", "tenant", session.TenantId.ToString());
        if (_cursor is null)
        {
            // No event with the first cursor: the client may keep that and lose the connection before it sees what came with it.
            _cursor = new AgentCursor(await HorizonAsync(session), 0);
            return new FeedBatch([], _cursor.ToString(), More: true);
        }
        // A cursor from beyond what this server has begun is of the server that was there before a restore.
        if (_logRead == 0 && _cursor.Xid > await HorizonAsync(session))
        {
            throw new FeedCursorException();
        }
        var woken = wake.Topics.Where(t => t.Kind == ConversationTopic.Conversation).Select(t => t.Id).ToHashSet();
        // Drafts before events: what the events say about a draft is then never older than the draft.
        var texts = wake.Everything || woken.Count > 0 ? await drafts.ReadAsync(session, wake.Everything ? null : woken) : [];
        var rows = new List<(FeedRow Row, string Cursor)>();
        var full = false;
        if (wake.Everything || _cursor.IsFull || (_cursor.IsAhead && time.GetElapsedTime(_logRead) >= LogEvery))
        {
            full = await ReadLogAsync(session, _cursor, rows);
        }
        if (!full && woken.Count > 0 && !_cursor.IsFull)
        {
            full = await ReadAheadAsync(session, _cursor, woken, rows);
        }
        var events = await RenderAsync(session, rows);
        events.AddRange(_offsets.Take(texts, [.. rows.Select(r => r.Row)], out var again));
        return new FeedBatch(events, _cursor.ToString(), full || again);
    }

    /// <summary>
    /// Moves on in the log. A transaction that began early may have got a row's lock late, so that the log's order is not that of a
    /// conversation's numbers: each conversation that the log names is delivered by number. The log's position moves only below
    /// <c>pg_snapshot_xmin</c>, where no running transaction can still add anything; what is beyond is delivered ahead of it.
    /// </summary>
    private async Task<bool> ReadLogAsync(TenantSession session, AgentCursor cursor, List<(FeedRow Row, string Cursor)> delivered)
    {
        _logRead = time.GetTimestamp();
        var horizon = await HorizonAsync(session);
        for (var (xid, position) = (cursor.Xid, cursor.Position); ;)
        {
            var log = await session.QueryAsync<FeedRow>(LogSql, new { tenantId = session.TenantId, xid = Text(xid), position, limit = LogLimit });
            var news = log.GroupBy(row => row.ConversationId).Select(rows => (Id: rows.Key, UpTo: rows.Max(row => row.Seq)))
                .Where(c => c.UpTo > cursor.AheadOf(c.Id)).ToList();
            if (news.Count > 0)
            {
                // Bounded by the page and what overtook it, hence without a limit of its own.
                await DeliverAsync(session, cursor, news, int.MaxValue, delivered);
            }
            if (log.Count < LogLimit)
            {
                cursor.MoveTo(horizon, 0);
                return false;
            }
            (xid, position) = (Number(log[^1].Xid), log[^1].Position);
            if (xid < horizon)
            {
                cursor.MoveTo(xid, position);
                return true;
            }
            if (cursor.IsFull)
            {
                cursor.MoveTo(horizon, 0);
                return false;
            }
        }
    }

    private static async Task<bool> ReadAheadAsync(TenantSession session, AgentCursor cursor, IEnumerable<Guid> woken, List<(FeedRow Row, string Cursor)> delivered) =>
        await DeliverAsync(session, cursor, [.. woken.Select(id => (id, long.MaxValue))], AheadLimit, delivered) == AheadLimit;

    private static async Task<int> DeliverAsync(TenantSession session, AgentCursor cursor, List<(Guid Id, long UpTo)> conversations, int limit, List<(FeedRow Row, string Cursor)> delivered)
    {
        var rows = await session.QueryAsync<FeedRow>(AheadSql, new
        {
            tenantId = session.TenantId, ids = conversations.Select(c => c.Id).ToArray(), after = conversations.Select(c => cursor.AheadOf(c.Id)).ToArray(),
            upTo = conversations.Select(c => c.UpTo).ToArray(), xid = Text(cursor.Xid), cursor.Position, limit,
        });
        foreach (var row in rows)
        {
            cursor.Deliver(row.ConversationId, row.Seq, Number(row.Xid));
            delivered.Add((row, cursor.ToString()));
        }
        return rows.Count;
    }

    private async Task<List<FeedEvent>> RenderAsync(TenantSession session, List<(FeedRow Row, string Cursor)> rows)
    {
        var cursors = rows.ToDictionary(r => (r.Row.ConversationId, r.Row.Seq), r => r.Cursor);
        var events = (await FeedRendering.RenderAsync(session, [.. rows.Select(r => r.Row)], forAgents: true))
            .Select(r => new FeedEvent(r.Row.Type, r.Data, cursors[(r.Row.ConversationId, r.Row.Seq)])).ToList();
        foreach (var summary in await summaries.ByIdAsync(session, [.. rows.Select(r => r.Row.ConversationId).Distinct()]))
        {
            events.Add(new FeedEvent("conversation", JsonSerializer.SerializeToElement(new ConversationData(summary.Id, summary), ConversationJson.Options)));
        }
        return events;
    }

    private static async Task<ulong> HorizonAsync(TenantSession session) => Number(await session.QuerySingleAsync<string>(HorizonSql));

    private static string Text(ulong xid) => xid.ToString(CultureInfo.InvariantCulture);

    private static ulong Number(string xid) => ulong.Parse(xid, CultureInfo.InvariantCulture);
}
