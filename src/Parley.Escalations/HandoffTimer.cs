using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Escalations;

/// <summary>
/// Looks after a request that waits: nothing that nobody accepts is forgotten. Each waiting state sets one timer; a timer that was set
/// for a moment which the row no longer names is void.
/// </summary>
internal sealed class HandoffTimer(TenantDb db, HandoffFlow flow, EscalationSettings settings, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("escalations.timer", Priority: 5);

    internal sealed record Payload(Guid HandoffId, DateTimeOffset DueAt);

    /// <summary>When the timer of a state goes off.</summary>
    internal static DateTimeOffset DueAt(HandoffState state, DateTimeOffset now, DateTimeOffset waitingSince, ServiceHours hours, EscalationRules rules) => state switch
    {
        // Twice as long after each reminder, but not past the end of patience.
        HandoffState.Queued => Min(now + Max(TimeSpan.FromMinutes(rules.RemindMinutes), now - waitingSince), Max(now, waitingSince + TimeSpan.FromMinutes(rules.ExpireMinutes))),
        HandoffState.Offered => now + TimeSpan.FromMinutes(rules.OfferMinutes),
        HandoffState.OutOfHours => hours.NextOpening(now) ?? now + TimeSpan.FromDays(1),
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

    /// <inheritdoc/>
    public Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var payload = job.Payload<Payload>();
        return db.InTransactionAsync(job.TenantId, async s =>
        {
            if (await HandoffStore.FindAsync(s, payload.HandoffId) is { } found && await ConversationStore.LockAsync(s, found.ConversationId) is not null)
            {
                var row = (await HandoffStore.FindAsync(s, payload.HandoffId))!;
                if (row.IsWaiting && row.TimerAt == payload.DueAt)
                {
                    await FireAsync(s, row);
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

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
