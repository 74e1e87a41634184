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

/// <param name="Note">Kept as an internal note.</param>
internal sealed record ReturnHandoffRequest(string? Note);

/// <summary>The agent gives the conversation back: the assistant speaks again, and answers what the customer said last, if nobody did.</summary>
internal sealed class ReturnHandoff(TenantDb db, HandoffFlow flow, HandoffItems items, Messages messages, ITurnScheduler turns, AuditLog audit)
{
    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/handoffs/{id}/return", async (Guid id, ReturnHandoffRequest? request, Caller caller, ReturnHandoff handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, id, request?.Note, ct)).ToHttp())
            .WithName("ReturnHandoff").RequirePermission(Permission.HandoffsWrite).WithIdempotency();

    private async Task<Result<HandoffItem>> HandleAsync(Caller caller, Guid id, string? note, CancellationToken ct)
    {
        if (HandoffActions.CheckNote(note) is { } error)
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
            await HandoffActions.NoteAsync(s, messages, locked.Conversation.Id, actor, note);
            var row = await flow.ApplyAsync(s, locked.Row, [new HandoffMove(HandoffTrigger.Return, actor)]);
            await audit.WriteAsync(s, caller, "handoff.returned", "handoff", id.ToString(), new { conversationId = row.ConversationId });
            await AnswerAsync(s, row);
            return await items.OfAsync(s, row);
        }, ct);
    }

    // What the customer said to the agent and got no answer to must not stay unanswered.
    private async Task AnswerAsync(TenantSession s, HandoffRow row)
    {
        var recent = await MessageReader.RecentAsync(s, row.ConversationId, 10);
        if (recent.LastOrDefault(m => m.AuthorKind != ActorKind.System) is { AuthorKind: ActorKind.EndUser } open && open.CreatedAt > row.AcceptedAt)
        {
            await turns.ScheduleAsync(s, (await ConversationStore.ReadAsync(s, row.ConversationId))!, open.Id);
        }
    }
}
