using Parley.Conversations.Summaries;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.Contracts;

/// <summary>Closes and reopens conversations; the callers hold the conversation's row lock and pass the state they read under it.</summary>
public sealed class ConversationLifecycle
{
    private const string CloseSql = """
        update conversations
           set status = 'closed', owner = case when owner = 'queue' then 'assistant' else owner end, closed_at = @now, closed_by = @by, updated_at = @now, settle_at = @settleAt
         where tenant_id = @tenantId and id = @id
        """;

    private const string ReopenSql = """
        update conversations set status = 'open', owner = 'assistant', agent_id = null, closed_at = null, closed_by = null, updated_at = @now, settle_at = coalesce(@settleAt, settle_at)
         where tenant_id = @tenantId and id = @id
        """;

    private const string SettleSql = """
        update conversations
           set settle_at = null, status = 'closed', closed_at = coalesce(closed_at, @now), closed_by = coalesce(closed_by, 'system'), updated_at = @now
         where tenant_id = @tenantId and id = @id
        """;

    // Since it was last reopened: what a person solved before that has been reversed.
    private const string PersonAnsweredSql = """
        select exists (
          select 1 from messages
           where tenant_id = @tenantId and conversation_id = @id and author_kind = 'agent' and visibility = 'public'
             and seq > coalesce((select max((evidence ->> 'reopenedAfterSeq')::bigint) from resolutions
                                  where tenant_id = @tenantId and conversation_id = @id and class = 'reversed'), 0))
        """;

    private readonly TimeProvider _time;
    private readonly ConversationEvents _events;
    private readonly Resolutions _resolutions;
    private readonly IHandoffs _handoffs;
    private readonly ITurnScheduler _turns;
    private readonly WrittenSummaries _summaries;

    internal ConversationLifecycle(TimeProvider time, ConversationEvents events, Resolutions resolutions, IHandoffs handoffs, ITurnScheduler turns, WrittenSummaries summaries) =>
        (_time, _events, _resolutions, _handoffs, _turns, _summaries) = (time, events, resolutions, handoffs, turns, summaries);

    /// <summary>Closes, ends a live handoff and turn, and records how it ended (see <see cref="ResolutionRules"/>). Closed already: an error.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="conversation">Read under the lock.</param>
    /// <param name="actor">Who closes.</param>
    /// <param name="resolved">What they say about it; null: nothing.</param>
    public async Task<Result<bool>> CloseAsync(TenantSession session, ConversationState conversation, Actor actor, bool? resolved)
    {
        if (!conversation.IsOpen)
        {
            return ConversationErrors.Closed;
        }
        var now = _time.GetUtcNow();
        var personAnswered = await PersonAnsweredAsync(session, conversation.Id);
        var decision = ResolutionRules.OnClose(actor.Kind, resolved, personAnswered, conversation);
        await _handoffs.EndAsync(session, conversation.Id, actor, resolved);
        await _turns.CancelAsync(session, conversation.Id, "conversation_closed");
        await session.ExecuteAsync(CloseSql, new
        {
            tenantId = session.TenantId, id = conversation.Id, now, by = actor.Kind,
            settleAt = decision is null ? now + Messages.Silence : (DateTimeOffset?)null,
        });
        var seq = await _events.AppendAsync(session, conversation.Id, new EventDraft(new ConversationClosed(actor.Kind, resolved), actor));
        if (decision is not null)
        {
            await _resolutions.AppendAsync(session, new ResolutionDraft(conversation.Id, decision, actor,
                new { closedSeq = seq, stated = resolved, personAnswered, outcome = conversation.LastOutcome, rating = conversation.Rating }));
        }
        await _summaries.AskAsync(session, conversation);
        return true;
    }

    /// <summary>
    /// The silence is over: closes what is still open and records in which class it ended. Nothing happens where somebody has spoken
    /// since, or where a person or the queue has it. True: it was settled. Takes the row lock.
    /// </summary>
    internal async Task<bool> SettleAsync(TenantSession session, Guid id)
    {
        var now = _time.GetUtcNow();
        if (await ConversationStore.LockAsync(session, id) is not { } conversation || conversation.SettleAt is not { } due || due > now
            || (conversation.IsOpen && conversation.Owner != ConversationOwner.Assistant))
        {
            return false;
        }
        var personAnswered = await PersonAnsweredAsync(session, id);
        await session.ExecuteAsync(SettleSql, new { tenantId = session.TenantId, id, now });
        if (conversation.IsOpen)
        {
            await _turns.CancelAsync(session, id, "conversation_closed");
            await _events.AppendAsync(session, id, new EventDraft(new ConversationClosed(ActorKind.System, null), Actor.System));
            await _summaries.AskAsync(session, conversation);
        }
        await _resolutions.AppendAsync(session, new ResolutionDraft(id, ResolutionRules.OnSilence(personAnswered, conversation), Actor.System,
            new { silentSeq = conversation.LastSeq, silentUntil = due, personAnswered, outcome = conversation.LastOutcome, rating = conversation.Rating }));
        return true;
    }

    internal static Task<bool> PersonAnsweredAsync(TenantSession session, Guid id) =>
        session.QuerySingleAsync<bool>(PersonAnsweredSql, new { tenantId = session.TenantId, id });

    /// <summary>
    /// A customer's message opens it again, within 7 days of its closing; what the ledger said is reversed. Later: an error. Where an agent
    /// opens it no message follows, and silence settles it as it does any other.
    /// </summary>
    internal async Task<Result<bool>> ReopenAsync(TenantSession session, ConversationState conversation, Actor actor, bool byAgent = false)
    {
        if (_time.GetUtcNow() - conversation.ClosedAt > Resolutions.Reversible)
        {
            return ConversationErrors.TooOldToReopen;
        }
        await session.ExecuteAsync(ReopenSql, new { tenantId = session.TenantId, id = conversation.Id, now = _time.GetUtcNow(), settleAt = byAgent ? _time.GetUtcNow() + Messages.Silence : (DateTimeOffset?)null });
        var reversed = await _resolutions.ReverseAsync(session, conversation.Id, actor, new { reopenedAfterSeq = conversation.LastSeq });
        await _events.AppendAsync(session, conversation.Id, new EventDraft(new ConversationReopened(reversed), actor));
        return true;
    }
}
