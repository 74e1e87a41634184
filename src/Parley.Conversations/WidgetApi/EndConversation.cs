using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

/// <param name="Resolved">Is the matter solved? Null: the customer does not say.</param>
internal sealed record EndConversationRequest(bool? Resolved = null);

/// <summary>A customer ends the conversation. Ended already: nothing changes.</summary>
internal sealed class EndConversation(TenantDb db, ConversationLifecycle lifecycle)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/conversations/{id}/end", async (Guid id, EndConversationRequest? request, Caller caller, EndConversation handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, request?.Resolved, ct)).ToNoContent())
            .WithName("EndWidgetConversation").RequirePermission(Permission.WidgetTalk);

    private Task<Result<bool>> HandleAsync(Caller caller, Guid id, bool? resolved, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
            await OwnConversation.LockAsync(s, caller, id) is not { } conversation ? ConversationErrors.NotFound
            : conversation.IsOpen ? await lifecycle.CloseAsync(s, conversation, Actor.Of(caller), resolved)
            : true, ct);
}
