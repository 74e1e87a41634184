using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.AgentApi;

/// <param name="Resolved">Is the matter solved? It must be said: the ledger rests on it.</param>
/// <param name="Note">Kept as an internal note.</param>
internal sealed record CloseConversationRequest(bool? Resolved, string? Note = null);

/// <summary>An agent closes a conversation: resolved by a person, or unresolved.</summary>
internal sealed class CloseConversation(TenantDb db, ConversationLifecycle lifecycle, Messages messages, ConversationSummaries summaries, AuditLog audit)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/{id}/close", async (Guid id, CloseConversationRequest request, Caller caller, CloseConversation handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, request, ct)).ToHttp())
            .WithName("CloseConversation").RequirePermission(Permission.ConversationsWrite).WithIdempotency();

    private async Task<Result<ConversationDetail>> HandleAsync(Caller caller, Guid id, CloseConversationRequest request, CancellationToken ct)
    {
        if (request.Resolved is not { } resolved)
        {
            return Error.Invalid("resolved", "'resolved' must be true or false.");
        }
        string? note = null;
        if (!string.IsNullOrWhiteSpace(request.Note) && !MessageText.Read(request.Note, "note").TryGet(out note, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync<Result<ConversationDetail>>(caller.TenantId, async s =>
        {
            if (await ConversationStore.LockAsync(s, id) is not { } conversation)
            {
                return ConversationErrors.NotFound;
            }
            if (!conversation.IsOpen)
            {
                return ConversationErrors.Closed;
            }
            var actor = Actor.Of(caller);
            if (note is not null)
            {
                await messages.AddAsync(s, new MessageDraft(id, actor, [MessagePart.OfText(note)]) { Visibility = Visibility.Note });
            }
            await lifecycle.CloseAsync(s, conversation, actor, resolved);
            await audit.WriteAsync(s, caller, "conversation.closed", "conversation", id.ToString(), new { resolved });
            return (await GetConversation.DetailAsync(s, summaries, id))!;
        }, ct);
    }
}
