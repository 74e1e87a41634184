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

/// <param name="Resolved">Is the matter solved? It must be said: the ledger rests on it.</param>
/// <param name="Note">Kept as an internal note.</param>
internal sealed record CloseHandoffRequest(bool? Resolved, string? Note);

/// <summary>The agent ends the conversation: resolved by a person, or unresolved.</summary>
internal sealed class CloseHandoff(TenantDb db, HandoffItems items, Messages messages, ConversationLifecycle lifecycle, AuditLog audit)
{
    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/handoffs/{id}/close", async (Guid id, CloseHandoffRequest request, Caller caller, CloseHandoff handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, id, request, ct)).ToHttp())
            .WithName("CloseHandoff").RequirePermission(Permission.HandoffsWrite).WithIdempotency();

    private async Task<Result<HandoffItem>> HandleAsync(Caller caller, Guid id, CloseHandoffRequest request, CancellationToken ct)
    {
        if (request.Resolved is not { } resolved)
        {
            return Error.Invalid("resolved", "'resolved' must be true or false.");
        }
        if (HandoffActions.CheckNote(request.Note) is { } error)
        {
            return error;
        }
        return await db.InTransactionAsync<Result<HandoffItem>>(caller.TenantId, async s =>
        {
            if (await HandoffActions.LockAsync(s, id) is not { } locked)
            {
                return HandoffErrors.NotFound;
            }
            if (locked.Row.At != HandoffState.Accepted)
            {
                return locked.Row.IsWaiting ? HandoffErrors.NotAccepted : HandoffErrors.Ended(locked.Row.State);
            }
            var actor = Actor.Of(caller);
            await HandoffActions.NoteAsync(s, messages, locked.Conversation.Id, actor, request.Note);
            // Closing the conversation ends the handoff with it (IHandoffs.EndAsync) and writes the ledger.
            if ((await lifecycle.CloseAsync(s, locked.Conversation, actor, resolved)).Error is { } closed)
            {
                return closed;
            }
            await audit.WriteAsync(s, caller, "handoff.closed", "handoff", id.ToString(), new { resolved, conversationId = locked.Conversation.Id });
            return await items.OfAsync(s, (await HandoffStore.FindAsync(s, id))!);
        }, ct);
    }
}
