using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.WidgetApi;

/// <param name="Text">At most 8,000 characters.</param>
/// <param name="ClientId">The client's own id of this message: a retry with it is stored once, for as long as the conversation lives.</param>
internal sealed record SendMessageRequest(string? Text, string? ClientId = null);

/// <summary>A customer says something.</summary>
internal sealed class SendMessage(TenantDb db, ConversationGate gate, CustomerMessages messages)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/conversations/{id}/messages", async (
                Guid id, SendMessageRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, Caller caller, SendMessage handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, request, key, ct)).ToAccepted(_ => $"/v1/widget/conversations/{id}/messages"))
            .WithName("SendWidgetMessage").RequirePermission(Permission.WidgetTalk).WithIdempotency();

    private async Task<Result<MessageSent>> HandleAsync(Caller caller, Guid id, SendMessageRequest request, string? key, CancellationToken ct)
    {
        if (!MessageText.Read(request.Text).TryGet(out var text, out var error) || !ClientId.Read(request.ClientId, key).TryGet(out var clientId, out error))
        {
            return error;
        }
        if (await gate.MessageAsync(caller, ct) is { } limited)
        {
            return limited;
        }
        return await db.InTransactionAsync<Result<MessageSent>>(caller.TenantId, async s =>
            await OwnConversation.LockAsync(s, caller, id) is { } conversation
                ? await messages.AcceptAsync(s, conversation, text, clientId.Value)
                : ConversationErrors.NotFound, ct);
    }
}
