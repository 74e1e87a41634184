using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Escalations;

/// <summary>An agent steps into a conversation without having been asked: a handoff that is made and accepted in one.</summary>
internal sealed class TakeOverConversation(TenantDb db, Handoffs handoffs, HandoffFlow flow, HandoffItems items, AcceptHandoff accept, AuditLog audit)
{
    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/conversations/{id}/handoff", async (Guid id, AcceptHandoffRequest? request, Caller caller, TakeOverConversation handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, id, request?.AgentId, ct)).ToHttp())
            .WithName("TakeOverConversation").RequirePermission(Permission.HandoffsWrite).WithIdempotency();

    private Task<Result<HandoffItem>> HandleAsync(Caller caller, Guid id, Guid? agentId, CancellationToken ct) =>
        db.InTransactionAsync<Result<HandoffItem>>(caller.TenantId, async s =>
        {
            if (await ConversationStore.LockAsync(s, id) is not { } conversation)
            {
                return HandoffErrors.NoConversation;
            }
            if (!conversation.IsOpen)
            {
                return HandoffErrors.ConversationClosed;
            }
            if (!(await HandoffActions.AgentAsync(s, caller, agentId)).TryGet(out var agent, out var error))
            {
                return error;
            }
            if (await HandoffStore.LiveAsync(s, [id]) is [var live])
            {
                return await accept.AcceptAsync(s, caller, live, agent);
            }
            var actor = Actor.Agent(agent);
            var row = await flow.ApplyAsync(s, await handoffs.NewAsync(s, conversation, new HandoffRequest(id, actor, [EscalationReasons.Takeover])),
                [new HandoffMove(HandoffTrigger.Request, actor), new HandoffMove(HandoffTrigger.Accept, actor, agent)]);
            await audit.WriteAsync(s, caller, "conversation.taken_over", "conversation", id.ToString(), new { agentId = agent, handoffId = row.Id });
            return await items.OfAsync(s, row);
        }, ct);
}
