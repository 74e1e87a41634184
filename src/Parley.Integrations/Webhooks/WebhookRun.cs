using Parley.Conversations.Contracts;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Integrations.Webhooks;

/// <summary>A webhook that this node may work for.</summary>
internal sealed record WebhookLease
{
    public Guid TenantId { get; init; }

    public Guid WebhookId { get; init; }

    public int Fence { get; init; }
}

/// <summary>
/// Works for one webhook for a while: takes the news from the log, and sends what is due, some at a time. No transaction is open while
/// a receiver is waited for.
/// </summary>
internal sealed class WebhookRun(TenantDb db, WebhookSender sender, WebhookSecrets secrets, WebhookRecords records, NodeIdentity node, TimeProvider time)
{
    /// <summary>Requests that a receiver gets at once, from the whole installation.</summary>
    internal const int Parallel = 4;

    private const int EventsAtOnce = 200;
    private const int DueAtOnce = 40;

    // What a restore brings back is as old as the log's beginning, so its order is that of the positions alone. Who was about to commit when
    // the backup was made may stand before the place that was reached then: so much of it is looked at once more.
    private const int Overlap = 1_000;
    private static readonly TimeSpan OverlapAge = TimeSpan.FromMinutes(10);

    /// <summary>Then others have their turn.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TellAgain = TimeSpan.FromMilliseconds(250);

    internal const string LockSql = """
        select url, events, previous_secret_until, created_at, xid::text as xid, position, skip, read_at, enabled, hold_until from webhooks
         where tenant_id = @tenantId and id = @id and fence = @fence and leased_by = @node for update
        """;

    internal const string AddSql = """
        insert into webhook_deliveries (tenant_id, id, webhook_id, event_id, type, conversation_id, body, state, next_attempt_at, occurred_at, created_at)
        select @tenantId::uuid, d.id, @webhookId::uuid, d.event_id, d.type, d.conversation_id, d.body, 'pending', @now::timestamptz, d.occurred_at, @now
          from unnest(@ids::uuid[], @eventIds::uuid[], @types::text[], @conversationIds::uuid[], @bodies::text[], @occurred::timestamptz[])
            as d (id, event_id, type, conversation_id, body, occurred_at)
        on conflict (tenant_id, webhook_id, event_id) do nothing
        """;

    internal const string MoveSql = "update webhooks set xid = @xid::text::xid8, position = @position, read_at = @now where tenant_id = @tenantId and id = @id";

    internal const string DueSql = """
        select id, event_id, body, attempts, tries from webhook_deliveries
         where tenant_id = @tenantId and webhook_id = @webhookId and state = 'pending' and next_attempt_at <= @now
         order by next_attempt_at, id limit @limit
        """;

    internal const string EndedSql = "update webhooks set previous_secret_until = null where tenant_id = @tenantId and id = @id";

    internal const string ReleaseSql = "update webhooks set leased_by = null, lease_until = null where tenant_id = @tenantId and id = @id and fence = @fence and leased_by = @node";

    /// <param name="lease">For whom.</param>
    /// <param name="stopping">The node stops: what is under way is finished, nothing new is begun.</param>
    /// <param name="ct">The lease is lost, or the patience with the stop is over: what is under way is given up.</param>
    internal async Task RunAsync(WebhookLease lease, CancellationToken stopping, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (!stopping.IsCancellationRequested && time.GetElapsedTime(started) < Patience
            && await db.InTransactionAsync(lease.TenantId, session => TakeAsync(session, lease), ct) is { } work)
        {
            if (!await SendAsync(lease, work, stopping, ct))
            {
                break;
            }
        }
        await db.InTransactionAsync(lease.TenantId, s => s.ExecuteAsync(ReleaseSql, new { tenantId = s.TenantId, id = lease.WebhookId, lease.Fence, node = node.Id }), ct);
    }

    /// <summary>What is to be done next; null: nothing now, or not by us any more.</summary>
    private async Task<Work?> TakeAsync(TenantSession session, WebhookLease lease)
    {
        var now = time.GetUtcNow();
        var webhook = await session.QuerySingleOrDefaultAsync<LockedWebhook>(LockSql, new { tenantId = session.TenantId, id = lease.WebhookId, lease.Fence, node = node.Id });
        if (webhook is not { Enabled: true } || webhook.HoldUntil > now)
        {
            return null;
        }
        if (webhook.PreviousSecretUntil <= now)
        {
            await WebhookSecrets.ForgetPreviousAsync(session, lease.WebhookId);
            await session.ExecuteAsync(EndedSql, new { tenantId = session.TenantId, id = lease.WebhookId });
        }
        var due = await DueAsync(session, lease, now);
        // A receiver that is behind gets its news later: the log is the cheapest place for them to wait.
        if (due.Count < DueAtOnce && await CollectAsync(session, lease, webhook, now))
        {
            due = await DueAsync(session, lease, now);
        }
        return due.Count == 0 ? null : new Work(webhook.Url, due, await secrets.ValidAsync(session, lease.WebhookId, webhook.PreviousSecretUntil, now));
    }

    private static Task<IReadOnlyList<DueDelivery>> DueAsync(TenantSession session, WebhookLease lease, DateTimeOffset now) =>
        session.QueryAsync<DueDelivery>(DueSql, new { tenantId = session.TenantId, lease.WebhookId, now, limit = DueAtOnce });

    /// <summary>Makes deliveries of the news up to the end of the log. True: there are some.</summary>
    private static async Task<bool> CollectAsync(TenantSession session, WebhookLease lease, LockedWebhook webhook, DateTimeOffset now)
    {
        var types = webhook.Events.ToHashSet(StringComparer.Ordinal);
        var added = 0;
        var (from, limit) = (webhook.Place with { Position = webhook.Position - Overlap }, EventsAtOnce + Overlap);
        while (true)
        {
            var read = await EventLog.AfterAsync(session, from, limit);
            if (read.Count == 0)
            {
                return added > 0;
            }
            added += await AddAsync(session, lease, await WebhookRendering.RenderAsync(session, read.Where(webhook.IsNews), types), now);
            var last = read[^1];
            // The overlap alone is no progress: the place stays.
            if (!webhook.IsOverlap(last))
            {
                await session.ExecuteAsync(MoveSql, new { tenantId = session.TenantId, id = lease.WebhookId, last.Xid, last.Position, now });
            }
            if (read.Count < limit || added > 0)
            {
                return added > 0;
            }
            (from, limit) = (new LogPosition(last.Xid, last.Position), EventsAtOnce);
        }
    }

    private static Task<int> AddAsync(TenantSession session, WebhookLease lease, IReadOnlyList<RenderedEvent> events, DateTimeOffset now) => events.Count == 0 ? Task.FromResult(0)
        : session.ExecuteAsync(AddSql, new
        {
            tenantId = session.TenantId, lease.WebhookId, now, ids = events.Select(_ => Guid.CreateVersion7(now)).Order().ToArray(), eventIds = events.Select(e => e.Event.Id).ToArray(),
            types = events.Select(e => e.Type).ToArray(), conversationIds = events.Select(e => e.Event.ConversationId).ToArray(),
            bodies = events.Select(e => e.Body).ToArray(), occurred = events.Select(e => e.Event.CreatedAt).ToArray(),
        });

    /// <summary>False: nothing more is to be sent to this receiver now.</summary>
    private async Task<bool> SendAsync(WebhookLease lease, Work work, CancellationToken stopping, CancellationToken ct)
    {
        var goOn = true;
        await System.Threading.Tasks.Parallel.ForEachAsync(work.Due, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = ct }, async (delivery, token) =>
        {
            if (!Volatile.Read(ref goOn) || stopping.IsCancellationRequested)
            {
                return;
            }
            var at = time.GetUtcNow();
            var answer = await sender.SendAsync(work.Url, WebhookEvents.IdOf(delivery.EventId), delivery.Body, work.Secrets, token);
            if (!await RecordAsync(lease, delivery, answer, at, token))
            {
                Volatile.Write(ref goOn, false);
            }
        });
        return goOn;
    }

    /// <summary>What has been sent is written down, however long the database is away: else it would be sent again.</summary>
    private async Task<bool> RecordAsync(WebhookLease lease, DueDelivery delivery, WebhookAnswer answer, DateTimeOffset at, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await db.InTransactionAsync(lease.TenantId, session => records.WriteAsync(session, lease.WebhookId, delivery, answer, at), ct);
            }
            catch (Exception e) when (Outages.Explain(e) is not null)
            {
                await Task.Delay(TellAgain, time, ct);
            }
        }
    }

    private sealed record Work(string Url, IReadOnlyList<DueDelivery> Due, IReadOnlyList<string> Secrets);

    private sealed record LockedWebhook
    {
        public string Url { get; init; } = "";

        public string[] Events { get; init; } = [];

        public DateTimeOffset? PreviousSecretUntil { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public string Xid { get; init; } = "";

        public long Position { get; init; }

        public long[] Skip { get; init; } = [];

        public DateTimeOffset ReadAt { get; init; }

        public bool Enabled { get; init; }

        public DateTimeOffset? HoldUntil { get; init; }

        internal LogPosition Place => new(Xid, Position);

        internal bool IsOverlap(LoggedEvent e) => e.Xid == Xid && e.Position <= Position;

        /// <summary>Not what happened before there was a webhook, nor what was looked at long ago.</summary>
        internal bool IsNews(LoggedEvent e) => !Skip.Contains(e.Position) && (!IsOverlap(e) || (e.CreatedAt >= CreatedAt && e.CreatedAt >= ReadAt - OverlapAge));
    }
}
