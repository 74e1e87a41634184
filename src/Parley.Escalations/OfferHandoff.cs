using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Escalations;

/// <param name="AgentId">To whom.</param>
internal sealed record OfferHandoffRequest(Guid? AgentId);

/// <summary>Puts a waiting handoff before one member. Whoever is faster may still take it; untaken, it goes back to all.</summary>
internal sealed class OfferHandoff(TenantDb db, HandoffFlow flow, HandoffItems items, AuditLog audit)
{
    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/handoffs/{id}/offer", async (Guid id, OfferHandoffRequest request, Caller caller, OfferHandoff handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, id, request.AgentId, ct)).ToHttp())
            .WithName("OfferHandoff").RequirePermission(Permission.HandoffsWrite).WithIdempotency();

    private Task<Result<HandoffItem>> HandleAsync(Caller caller, Guid id, Guid? agentId, CancellationToken ct) =>
        db.InTransactionAsync<Result<HandoffItem>>(caller.TenantId, async s =>
        {
            if (agentId is not { } agent)
            {
                return Error.Invalid("agentId", "Name the member to offer it to.");
            }
            if (await HandoffActions.LockAsync(s, id) is not { } locked)
            {
                return HandoffErrors.NotFound;
            }
            if (await HandoffStore.MemberNameAsync(s, agent) is null)
            {
                return Error.Invalid("agentId", "There is no such member, or the account is disabled.");
            }
            if (HandoffMachine.Next(locked.Row.At, HandoffTrigger.Offer) is null)
            {
                return locked.Row.IsWaiting
                    ? Error.Conflict("handoff.offered", "It is being offered to somebody already.")
                    : locked.Row.AgentId is { } by && HandoffMachine.Next(locked.Row.At, HandoffTrigger.Return) is not null
                        ? HandoffErrors.Taken(await HandoffStore.MemberNameAsync(s, by))
                        : HandoffErrors.Ended(locked.Row.State);
            }
            var row = await flow.ApplyAsync(s, locked.Row, [new HandoffMove(HandoffTrigger.Offer, Actor.Of(caller), agent)]);
            await audit.WriteAsync(s, caller, "handoff.offered", "handoff", id.ToString(), new { agentId = agent });
            return await items.OfAsync(s, row);
        }, ct);
}
