using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>Decides who answers: the assistant, the queue or one agent.</summary>
public sealed class ConversationOwnership(TimeProvider time, ConversationEvents events, ITurnScheduler turns)
{
    private const string ChangeSql = """
        update conversations
           set owner = @owner, agent_id = @agentId, updated_at = @now,
               settle_at = case when @owner = 'assistant' and status = 'open' then @now::timestamptz + @silence::interval end
         where tenant_id = @tenantId and id = @conversationId and (owner, agent_id) is distinct from (@owner::text, @agentId::uuid)
        """;

    /// <summary>The assistant answers again.</summary>
    public Task ToAssistantAsync(TenantSession session, Guid conversationId, Actor actor) =>
        ChangeAsync(session, conversationId, ConversationOwner.Assistant, null, actor);

    /// <summary>The customer waits for a person. A running turn may still finish what it says.</summary>
    public Task ToQueueAsync(TenantSession session, Guid conversationId, Actor actor) =>
        ChangeAsync(session, conversationId, ConversationOwner.Queue, null, actor);

    /// <summary>This agent answers; a running turn is cancelled, so the assistant says nothing more.</summary>
    public async Task ToAgentAsync(TenantSession session, Guid conversationId, Guid agentId, Actor actor)
    {
        await ChangeAsync(session, conversationId, ConversationOwner.Agent, agentId, actor);
        await turns.CancelAsync(session, conversationId, "agent_took_over");
    }

    // The caller holds the conversation's row lock.
    private async Task ChangeAsync(TenantSession session, Guid conversationId, string owner, Guid? agentId, Actor actor)
    {
        var changed = await session.ExecuteAsync(ChangeSql, new
        {
            tenantId = session.TenantId, conversationId, owner, agentId, now = time.GetUtcNow(), silence = Messages.Silence,
        });
        if (changed > 0)
        {
            await events.AppendAsync(session, conversationId, new EventDraft(new OwnerChanged(owner, agentId), actor));
        }
    }
}
