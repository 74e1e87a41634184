using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.WidgetApi;

/// <summary>The public messages of the customer's own conversation, oldest first.</summary>
internal sealed class ReadMessages(TenantDb db)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/conversations/{id}/messages", async (Guid id, long? after, int? limit, Caller caller, ReadMessages handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, after, limit, ct)).ToHttp())
            .WithName("ListWidgetMessages").RequirePermission(Permission.WidgetTalk);

    private async Task<Result<Page<MessageView>>> HandleAsync(Caller caller, Guid id, long? after, int? limit, CancellationToken ct)
    {
        if (MessageRange.Check(after, limit) is { } error)
        {
            return error;
        }
        var fetch = (limit ?? PageQuery.MaxLimit) + 1;
        return await db.InTransactionAsync<Result<Page<MessageView>>>(caller.TenantId, async s =>
            await OwnConversation.ReadAsync(s, caller, id) is null ? ConversationErrors.NotFound
            : MessageRange.Page(await MessageReader.AfterAsync(s, id, after ?? 0, notes: false, fetch), fetch - 1), ct);
    }
}
