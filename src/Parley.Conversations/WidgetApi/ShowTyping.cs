using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Feed;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

/// <summary>The customer is typing: agents see it for some seconds. Nothing is stored.</summary>
internal sealed class ShowTyping(TenantDb db, Presence presence)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/conversations/{id}/typing", async (Guid id, Caller caller, ShowTyping handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, ct)).ToNoContent())
            .WithName("ShowWidgetTyping").RequirePermission(Permission.WidgetTalk);

    private Task<Result<bool>> HandleAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
        {
            if (await OwnConversation.ReadAsync(s, caller, id) is null)
            {
                return ConversationErrors.NotFound;
            }
            s.OnCommitted(() => presence.EndUserTypes(caller.TenantId, id));
            return true;
        }, ct);
}
