using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Conversations.WidgetApi;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.AgentApi;

/// <param name="Text">At most 8,000 characters.</param>
/// <param name="Visibility">public: a reply to the customer; note: for agents only. Default: public.</param>
internal sealed record PostMessageRequest(string? Text, string? Visibility = null);

/// <summary>An agent replies, or leaves a note. Only the agent who owns the conversation may reply: the customer talks to one person.</summary>
internal sealed class PostMessage(TenantDb db, Messages messages, AuditLog audit)
{
    private const string NameSql = "select name from v_members where tenant_id = @tenantId and user_id = @agentId";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/{id}/messages", async (
                Guid id, PostMessageRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, Caller caller, PostMessage handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, request, key, ct)).ToCreated(m => $"/v1/conversations/{id}/messages?after={m.Seq - 1}"))
            .WithName("PostMessage").RequirePermission(Permission.ConversationsWrite).WithIdempotency();

    private async Task<Result<MessageView>> HandleAsync(Caller caller, Guid id, PostMessageRequest request, string? key, CancellationToken ct)
    {
        var visibility = request.Visibility ?? Visibility.Public;
        if (visibility is not (Visibility.Public or Visibility.Note))
        {
            return Error.Invalid("visibility", "'visibility' must be public or note.");
        }
        if (!MessageText.Read(request.Text).TryGet(out var text, out var error) || !ClientId.Read(null, key).TryGet(out var externalId, out error))
        {
            return error;
        }
        return await db.InTransactionAsync<Result<MessageView>>(caller.TenantId, async s =>
        {
            if (await ConversationStore.LockAsync(s, id) is not { } conversation)
            {
                return ConversationErrors.NotFound;
            }
            if (visibility == Visibility.Public && await RefuseAsync(s, caller, conversation) is { } refused)
            {
                return refused;
            }
            var stored = await messages.AddAsync(s, new MessageDraft(id, Actor.Of(caller), [MessagePart.OfText(text)]) { Visibility = visibility, ExternalId = externalId.Value });
            if (!stored.Repeated)
            {
                await audit.WriteAsync(s, caller, visibility == Visibility.Note ? "conversation.noted" : "conversation.replied", "conversation", id.ToString(), new { messageId = stored.Id });
            }
            return (await MessageReader.ByIdAsync(s, [stored.Id]))[0];
        }, ct);
    }

    private static async Task<Error?> RefuseAsync(TenantSession session, Caller caller, ConversationState conversation)
    {
        if (!conversation.IsOpen)
        {
            return ConversationErrors.Closed;
        }
        if (conversation.Owner == ConversationOwner.Agent && conversation.AgentId == caller.Id && caller.Kind == CallerKind.User)
        {
            return null;
        }
        return ConversationErrors.NotYours(conversation.Owner switch
        {
            ConversationOwner.Assistant => "The assistant answers this conversation. Take it over to reply.",
            ConversationOwner.Queue => "This conversation waits in the queue. Accept it to reply.",
            _ => $"This conversation belongs to {await session.QuerySingleOrDefaultAsync<string>(NameSql, new { tenantId = session.TenantId, conversation.AgentId }) ?? "another agent"}.",
        });
    }
}
