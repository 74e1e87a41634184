using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Escalations;

/// <summary>
/// Looks after a request that waits, and after an agent who lets the customer wait: nothing is forgotten. Each such state sets one timer; a
/// timer that was set for a moment which the row no longer names is void.
/// </summary>
internal sealed class HandoffTimer(TenantDb db, HandoffFlow flow, Messages messages, EscalationSettings settings, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("escalations.timer", Priority: 5);

    internal sealed record Payload(Guid HandoffId, DateTimeOffset DueAt);

    /// <summary>Since when the customer waits for the agent: since the acceptance, or since the first words after the agent's last ones; null: not at all.</summary>
    private const string SilenceSql = """
        select case when a.seq is null then @acceptedAt::timestamptz
                    else (select min(m.created_at) from messages m
                           where m.tenant_id = @tenantId and m.conversation_id = @conversationId and m.visibility = 'public' and m.author_kind = 'end_user' and m.seq > a.seq) end
          from (select max(m.seq) as seq from messages m
                 where m.tenant_id = @tenantId and m.conversation_id = @conversationId and m.visibility = 'public' and m.author_kind = 'agent' and m.created_at >= @acceptedAt) a
        """;

    /// <summary>When the timer of a state goes off; null: nothing watches over it.</summary>
    internal static DateTimeOffset? DueAt(HandoffState state, DateTimeOffset now, DateTimeOffset waitingSince, ServiceHours hours, EscalationRules rules) => state switch
    {
        // Twice as long after each reminder, but not past the end of patience.
        HandoffState.Queued => Min(now + Max(TimeSpan.FromMinutes(rules.RemindMinutes), now - waitingSince), Max(now, waitingSince + TimeSpan.FromMinutes(rules.ExpireMinutes))),
        HandoffState.Offered => now + TimeSpan.FromMinutes(rules.OfferMinutes),
        HandoffState.OutOfHours => hours.NextOpening(now) ?? now + TimeSpan.FromDays(1),
        HandoffState.Accepted => rules.AgentSilenceMinutes is { } minutes ? now + TimeSpan.FromMinutes(minutes) : null,
        _ => now + TimeSpan.FromMinutes(1),
    };

    /// <summary>What a timer that went off does.</summary>
    internal static HandoffTrigger? OnDue(HandoffState state, DateTimeOffset now, DateTimeOffset waitingSince, bool open, EscalationRules rules) => state switch
    {
        HandoffState.OutOfHours => open ? HandoffTrigger.Queue : null,
        _ when !open => HandoffTrigger.Wait,
        HandoffState.Queued when now - waitingSince >= TimeSpan.FromMinutes(rules.ExpireMinutes) => HandoffTrigger.Expire,
        HandoffState.Queued => HandoffTrigger.Remind,
        _ => HandoffTrigger.Queue,
    };

    /// <summary>
    /// Is a reminder worth the customer's attention? The first one after the request came into the queue is; a later one when the place has
    /// changed, or when nothing was said for long.
    /// </summary>
    internal static bool IsNews(HandoffRow row, int? position, DateTimeOffset now, EscalationRules rules) =>
        row.ToldAt is not { } told || told <= row.WaitingSince || row.ToldPosition != position || now - told >= TimeSpan.FromMinutes(rules.ReassureMinutes);

    /// <inheritdoc/>
    public Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var payload = job.Payload<Payload>();
        return db.InTransactionAsync(job.TenantId, async s =>
        {
            if (await HandoffStore.FindAsync(s, payload.HandoffId) is { } found && await ConversationStore.LockAsync(s, found.ConversationId) is not null)
            {
                var row = (await HandoffStore.FindAsync(s, payload.HandoffId))!;
                if (row.TimerAt == payload.DueAt)
                {
                    await (row.At == HandoffState.Accepted ? WatchAgentAsync(s, row) : FireAsync(s, row));
                }
            }
            await job.CompleteAsync(s);
        }, ct);
    }

    private async Task FireAsync(TenantSession s, HandoffRow row)
    {
        var now = time.GetUtcNow();
        var (hours, rules) = await settings.ReadAsync(s);
        if (OnDue(row.At, now, row.WaitingSince, hours.IsOpen(now), rules) is { } trigger)
        {
            await flow.ApplyAsync(s, row, [new HandoffMove(trigger, Actor.System)]);
        }
        else
        {
            await flow.RearmAsync(s, row);
        }
    }

    /// <summary>Who accepted owes an answer: from then on, or from the customer's first word after the agent's last one.</summary>
    private async Task WatchAgentAsync(TenantSession s, HandoffRow row)
    {
        var now = time.GetUtcNow();
        var (hours, rules) = await settings.ReadAsync(s);
        if (rules.AgentSilenceMinutes is not { } minutes)
        {
            await flow.RearmAsync(s, row);
            return;
        }
        var patience = TimeSpan.FromMinutes(minutes);
        var since = await s.QuerySingleAsync<DateTimeOffset?>(SilenceSql, new { tenantId = s.TenantId, conversationId = row.ConversationId, acceptedAt = row.AcceptedAt!.Value });
        if (since is null || now - since < patience)
        {
            await flow.RearmAsync(s, row, (since ?? now) + patience);
            return;
        }
        var silent = row.AgentId is { } agent ? await HandoffStore.MemberNameAsync(s, agent) : null;
        await messages.AddAsync(s, new MessageDraft(row.ConversationId, Actor.System, [MessagePart.OfText(HandoffTexts.SilentNote(silent, minutes))]) { Visibility = Visibility.Note });
        HandoffMove[] moves = [new HandoffMove(HandoffTrigger.Silence, Actor.System, Reason: "agent_silent")];
        await flow.ApplyAsync(s, row, hours.IsOpen(now) ? moves : [.. moves, new HandoffMove(HandoffTrigger.Wait, Actor.System, Reason: "outside_service_hours")]);
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
