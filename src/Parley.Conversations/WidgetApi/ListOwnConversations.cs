using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.WidgetApi;

/// <summary>The customer's conversations, the one with the newest news first, and one of them.</summary>
internal sealed class ListOwnConversations(TenantDb db, OwnConversation own)
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/conversations", async ([AsParameters] PageQuery page, Caller caller, ListOwnConversations handler, CancellationToken ct) =>
            (await handler.ListAsync(caller, page, ct)).ToHttp())
            .WithName("ListWidgetConversations").RequirePermission(Permission.WidgetTalk);
        group.MapGet("/conversations/{id}", async (Guid id, Caller caller, ListOwnConversations handler, CancellationToken ct) =>
            (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetWidgetConversation").RequirePermission(Permission.WidgetTalk);
    }

    private async Task<Result<Page<WidgetConversation>>> ListAsync(Caller caller, PageQuery page, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var start, out var error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(caller.TenantId, s => own.PageAsync(s, caller, start.After, start.Limit + 1), ct);
        return PageCursor.PageOf(rows, start.Limit, row => new PageCursor(row.UpdatedAt, row.Id));
    }

    private Task<Result<WidgetConversation>> GetAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<WidgetConversation>>(caller.TenantId, async s =>
            await own.ViewAsync(s, caller, id) is { } conversation ? conversation : ConversationErrors.NotFound, ct);
}
