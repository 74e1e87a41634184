using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Escalations;

/// <summary>One move of a handoff.</summary>
/// <param name="Trigger">What happens.</param>
/// <param name="Actor">Who makes it happen.</param>
/// <param name="AgentId">Who accepts, or to whom it is offered.</param>
/// <param name="Reason">Kept with the transition.</param>
internal sealed record HandoffMove(HandoffTrigger Trigger, Actor Actor, Guid? AgentId = null, string? Reason = null);

/// <summary>
/// Carries the machine's steps out: the row and its transitions, who speaks, the timer, the event, the text. The caller holds the
/// conversation's row lock and has checked that the first move is legal.
/// </summary>
internal sealed class HandoffFlow(ConversationOwnership ownership, ConversationEvents events, Messages messages, JobQueue jobs, HandoffTasks tasks, EscalationSettings settings, IAssistantFaces faces, TimeProvider time)
{
    /// <summary>Makes moves one after another; customers and agents hear of where they end. Returns the row as it is then.</summary>
    /// <param name="s">The transaction.</param>
    /// <param name="row">As it is; a row without a state is a new one.</param>
    /// <param name="moves">At least one; an illegal one is a bug and throws.</param>
    /// <param name="quiet">The customer is told otherwise.</param>
    internal async Task<HandoffRow> ApplyAsync(TenantSession s, HandoffRow row, IReadOnlyList<HandoffMove> moves, bool quiet = false)
    {
        var now = time.GetUtcNow();
        var (hours, rules) = await settings.ReadAsync(s);
        var transitions = new List<Transition>();
        HandoffStep? last = null;
        string? tell = null;
        var timer = row.TimerAt;
        foreach (var move in moves)
        {
            HandoffState? from = row.State.Length == 0 ? null : row.At;
            last = HandoffMachine.Next(from, move.Trigger) ?? throw new InvalidOperationException($"{move.Trigger} is not legal in the state {row.State}.");
            row = Moved(row, last, move, now);
            timer = HandoffMachine.Ended.Contains(last.To) ? null : last.StartsTimer ? HandoffTimer.DueAt(last.To, now, row.WaitingSince, hours, rules) : timer;
            tell = last.Tell ?? tell;
            transitions.Add(new Transition(from is { } f ? Names.Of(f) : null, row.State, move.Actor.Kind, move.Actor.Id, move.Reason));
        }
        // PostgreSQL keeps microseconds; the timer's moment must be found again as it was written.
        row = row with { TimerAt = timer is { } due ? Microseconds(due) : null };
        row = await tasks.FollowAsync(s, row, hours, rules, now);
        await HandoffStore.WriteAsync(s, row, transitions);
        await AnnounceAsync(s, row, last!, moves[^1].Actor, quiet ? null : tell, hours, rules, now);
        if (last!.StartsTimer)
        {
            await SetTimerAsync(s, row);
        }
        return row;
    }

    /// <summary>Sets the timer again where it was due but there is nothing to do yet (the service hours were changed, the agent has answered).</summary>
    /// <param name="s">The transaction.</param>
    /// <param name="row">As it is.</param>
    /// <param name="at">When to look again; null: as the state says.</param>
    internal async Task RearmAsync(TenantSession s, HandoffRow row, DateTimeOffset? at = null)
    {
        var (hours, rules) = await settings.ReadAsync(s);
        var due = at ?? HandoffTimer.DueAt(row.At, time.GetUtcNow(), row.WaitingSince, hours, rules);
        var armed = row with { TimerAt = due is { } moment ? Microseconds(moment) : null };
        await HandoffStore.WriteAsync(s, armed, []);
        await SetTimerAsync(s, armed);
    }

    private static HandoffRow Moved(HandoffRow row, HandoffStep step, HandoffMove move, DateTimeOffset now)
    {
        var entersQueue = step.To == HandoffState.Queued && row.State is "" or "requested" or "acknowledged" or "out_of_hours" or "accepted";
        var wasAccepted = row.State == "accepted";
        return row with
        {
            State = Names.Of(step.To),
            UpdatedAt = now,
            WaitingSince = entersQueue ? now : row.WaitingSince,
            // Whom the customer waited for in vain has it no longer; the transitions remember.
            AgentId = step.To == HandoffState.Accepted ? move.AgentId ?? row.AgentId : HandoffMachine.Waiting.Contains(step.To) ? null : row.AgentId,
            OfferedTo = step.To != HandoffState.Offered ? null : move.AgentId ?? row.OfferedTo,
            AcceptedAt = step.To == HandoffState.Accepted && !wasAccepted ? now : row.AcceptedAt,
            EndedAt = HandoffMachine.Ended.Contains(step.To) ? now : null,
        };
    }

    private async Task AnnounceAsync(TenantSession s, HandoffRow row, HandoffStep step, Actor actor, string? tell, ServiceHours hours, EscalationRules rules, DateTimeOffset now)
    {
        await (step.Speaker switch
        {
            SpeakerAfter.Assistant => ownership.ToAssistantAsync(s, row.ConversationId, actor),
            SpeakerAfter.Queue => ownership.ToQueueAsync(s, row.ConversationId, actor),
            SpeakerAfter.Agent => ownership.ToAgentAsync(s, row.ConversationId, row.AgentId!.Value, actor),
            _ => Task.CompletedTask,
        });
        var position = (await HandoffStore.PositionsAsync(s, [row])).TryGetValue(row.Id, out var place) ? place : (int?)null;
        var agent = row.AgentId is { } id ? await HandoffStore.MemberNameAsync(s, id) : null;
        await events.AppendAsync(s, row.ConversationId, new EventDraft(
            new HandoffChanged(row.Id, row.State, row.Priority, position, agent is null ? null : new EventPerson(agent), row.Reasons), actor));
        if (tell is not null && (tell != HandoffTexts.StillWaiting || HandoffTimer.IsNews(row, position, now, rules)))
        {
            var text = HandoffTexts.Of(tell, row.Language, await FaceAsync(s, row), position, agent, hours, now);
            await messages.AddAsync(s, new MessageDraft(row.ConversationId, Actor.System, [MessagePart.OfText(text)]) { Language = HandoffTexts.All.LanguageOf(row.Language) });
            await HandoffStore.ToldAsync(s, row.Id, position, now);
        }
    }

    // The customer goes on in one conversation: the request for a person is told in the words of the assistant that is there.
    private async Task<AssistantFace?> FaceAsync(TenantSession s, HandoffRow row) =>
        await ConversationStore.ReadAsync(s, row.ConversationId) is { } conversation ? await faces.ReadAsync(s, conversation.AssistantId, row.Language) : null;

    private Task SetTimerAsync(TenantSession s, HandoffRow row) =>
        row.TimerAt is { } due ? jobs.EnqueueAsync(s, HandoffTimer.Kind, new HandoffTimer.Payload(row.Id, due), runAt: due) : Task.CompletedTask;

    private static DateTimeOffset Microseconds(DateTimeOffset at) => new(at.UtcTicks / 10 * 10, TimeSpan.Zero);
}
