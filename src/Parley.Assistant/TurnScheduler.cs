using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Assistant;

/// <summary>
/// Makes a turn of a customer's message. The rule, stated once: a turn that has sent no text yet is cancelled by a new message, and the
/// new turn answers both; one that has sent text finishes first, and the new message gets a turn of its own after it.
/// </summary>
internal sealed class TurnScheduler(JobQueue jobs, RunningTurns running, TimeProvider time) : ITurnScheduler
{
    internal static readonly JobKind Kind = new("assistant.turn", Priority: 10, MaxAttempts: 3, LeaseSeconds: 10);

    private const string ScheduleSql = """
        with joined as (
          update turns set state = 'cancelled', error = 'joined', finished_at = @now
           where tenant_id = @tenantId and conversation_id = @conversationId and state in ('queued', 'running', 'waiting_tool', 'waiting_approval', 'waiting_media') and draft = ''
          returning id
        ), added as (
          insert into turns (tenant_id, id, conversation_id, message_id, job_id, through_seq, state, variant, created_at)
          values (@tenantId, @turnId, @conversationId, @messageId, @jobId, @throughSeq, 'queued', @variant, @now)
        )
        select id from joined
        """;

    private const string CancelSql = """
        update turns set state = 'cancelled', error = @reason, draft = '', finished_at = @now
         where tenant_id = @tenantId and conversation_id = @conversationId and state in ('queued', 'running', 'waiting_tool', 'waiting_approval', 'waiting_media')
        returning id
        """;

    private const string PlaceToldSql = """
        select exists (select 1 from turns where tenant_id = @tenantId and conversation_id = @conversationId and intent = @intent and created_at >= @since)
        """;

    internal sealed record Payload(Guid TurnId, Guid ConversationId);

    /// <inheritdoc/>
    public async Task<Guid?> ScheduleAsync(TenantSession session, ConversationState conversation, Guid messageId)
    {
        if (conversation.Owner == ConversationOwner.Agent || (conversation.Owner == ConversationOwner.Queue && await StaysQuietAsync(session, conversation.Id)))
        {
            return null;
        }
        var now = time.GetUtcNow();
        var turnId = Guid.CreateVersion7(now);
        var jobId = await jobs.EnqueueAsync(session, Kind, new Payload(turnId, conversation.Id), AggregateKey(conversation.Id));
        var joined = await session.QueryAsync<Guid>(ScheduleSql, new
        {
            tenantId = session.TenantId, conversationId = conversation.Id, turnId, jobId, messageId, throughSeq = conversation.LastSeq, conversation.Variant, now,
        });
        session.OnCommitted(() => running.Cancel(joined));
        return turnId;
    }

    /// <inheritdoc/>
    public async Task CancelAsync(TenantSession session, Guid conversationId, string reason)
    {
        var cancelled = await session.QueryAsync<Guid>(CancelSql, new { tenantId = session.TenantId, conversationId, reason, now = time.GetUtcNow() });
        session.OnCommitted(() => running.Cancel(cancelled));
    }

    internal static string AggregateKey(Guid conversationId) => $"conversation:{conversationId:N}";

    // Before anybody is there, the assistant goes on helping. While people are, it tells the place in the queue once and is quiet.
    private static async Task<bool> StaysQuietAsync(TenantSession session, Guid conversationId)
    {
        if (!(await HandoffReader.LiveAsync(session, [conversationId])).TryGetValue(conversationId, out var handoff) || handoff.State == "out_of_hours")
        {
            return false;
        }
        return await session.QuerySingleAsync<bool>(PlaceToldSql, new { tenantId = session.TenantId, conversationId, intent = TurnIntent.QueuePlace, since = handoff.CreatedAt });
    }
}

/// <summary>The turns of this process, so that a message that cancels one stops its work at once.</summary>
internal sealed class RunningTurns
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, CancellationTokenSource> _turns = new();

    /// <summary>Turns that this process works on now.</summary>
    internal int Count => _turns.Count;

    /// <summary>A token that ends with the turn's cancellation or with <paramref name="ct"/>. Dispose ends the registration.</summary>
    internal Registration Start(Guid turnId, CancellationToken ct)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _turns[turnId] = source;
        return new Registration(this, turnId, source);
    }

    internal void Cancel(IEnumerable<Guid> turnIds)
    {
        foreach (var id in turnIds)
        {
            if (_turns.TryGetValue(id, out var source))
            {
                try
                {
                    source.Cancel();
                }
                catch (ObjectDisposedException)
                {
                    // It has just ended.
                }
            }
        }
    }

    internal readonly struct Registration(RunningTurns owner, Guid turnId, CancellationTokenSource source) : IDisposable
    {
        internal CancellationToken Token => source.Token;

        public void Dispose()
        {
            owner._turns.TryRemove(KeyValuePair.Create(turnId, source));
            source.Dispose();
        }
    }
}
