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

/// <param name="AgentId">The member who takes it, where the caller is no person.</param>
internal sealed record AcceptHandoffRequest(Guid? AgentId);

/// <summary>An agent takes a waiting conversation. Of two at once exactly one gets it; the other learns who.</summary>
internal sealed class AcceptHandoff(TenantDb db, HandoffFlow flow, HandoffItems items, AuditLog audit)
{
    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/handoffs/{id}/accept", async (Guid id, AcceptHandoffRequest? request, Caller caller, AcceptHandoff handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, id, request?.AgentId, ct)).ToHttp())
            .WithName("AcceptHandoff").RequirePermission(Permission.HandoffsWrite).WithIdempotency();

    private Task<Result<HandoffItem>> HandleAsync(Caller caller, Guid id, Guid? agentId, CancellationToken ct) =>
        db.InTransactionAsync<Result<HandoffItem>>(caller.TenantId, async s =>
        {
            if (await HandoffActions.LockAsync(s, id) is not { } locked)
            {
                return HandoffErrors.NotFound;
            }
            return (await HandoffActions.AgentAsync(s, caller, agentId)).TryGet(out var agent, out var error)
                ? await AcceptAsync(s, caller, locked.Row, agent)
                : error;
        }, ct);

    /// <summary>Under the conversation's lock.</summary>
    internal async Task<Result<HandoffItem>> AcceptAsync(TenantSession s, Caller caller, HandoffRow row, Guid agent)
    {
        if (row.At == HandoffState.Accepted)
        {
            // Pressed twice is accepted once.
            return row.AgentId == agent ? await items.OfAsync(s, row) : HandoffErrors.Taken(await HandoffStore.MemberNameAsync(s, row.AgentId!.Value));
        }
        if (!row.IsWaiting)
        {
            return HandoffErrors.Ended(row.State);
        }
        var accepted = await flow.ApplyAsync(s, row, [new HandoffMove(HandoffTrigger.Accept, Actor.Agent(agent), agent)]);
        await audit.WriteAsync(s, caller, "handoff.accepted", "handoff", row.Id.ToString(), new { agentId = agent, conversationId = row.ConversationId });
        return await items.OfAsync(s, accepted);
    }
}
