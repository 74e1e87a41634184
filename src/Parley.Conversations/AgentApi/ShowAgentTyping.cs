using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Conversations.Feed;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.AgentApi;

/// <summary>The agent who owns the conversation is typing: the customer sees it for some seconds. Nothing is stored.</summary>
internal sealed class ShowAgentTyping(TenantDb db, Presence presence)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/{id}/typing", async (Guid id, Caller caller, ShowAgentTyping handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, ct)).ToNoContent())
            .WithName("ShowTyping").RequirePermission(Permission.ConversationsWrite);

    private Task<Result<bool>> HandleAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
        {
            if (await ConversationStore.ReadAsync(s, id) is not { } conversation)
            {
                return ConversationErrors.NotFound;
            }
            // A note is being written where the conversation is somebody else's: the customer need not know.
            if (conversation.IsOpen && conversation.AgentId == caller.Id)
            {
                s.OnCommitted(() => presence.AgentTypes(caller.TenantId, conversation.EndUserId, id));
            }
            return true;
        }, ct);
}
