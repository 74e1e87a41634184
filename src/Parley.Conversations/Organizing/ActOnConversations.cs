using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.Organizing;

/// <param name="ConversationIds">1 to 200 conversations.</param>
/// <param name="Action">assign, tag, untag, close or reopen.</param>
/// <param name="AgentId">assign: the member who takes them.</param>
/// <param name="TagId">tag, untag: which.</param>
/// <param name="Resolved">close: is the matter solved?</param>
internal sealed record ActOnConversationsRequest(Guid[]? ConversationIds, string? Action, Guid? AgentId, Guid? TagId, bool? Resolved);

/// <param name="Done">Those with which it was done, or was so already.</param>
/// <param name="Failed">Those with which it could not be done, and why.</param>
internal sealed record ActedOnConversations(IReadOnlyList<Guid> Done, IReadOnlyList<FailedConversation> Failed);

/// <param name="ConversationId">Which.</param>
/// <param name="Code">Why, for programs.</param>
/// <param name="Message">Why, for people.</param>
internal sealed record FailedConversation(Guid ConversationId, string Code, string Message);

/// <summary>
/// The same with many conversations. Each in a transaction of its own: one that fails holds up no other, and which failed is said. Done twice
/// it is as done once, so a request that was cut off is simply sent again.
/// </summary>
internal sealed class ActOnConversations(TenantDb db, ConversationLifecycle lifecycle, IHandoffs handoffs, AuditLog audit, TimeProvider time)
{
    private const int Most = 200;

    private static readonly string[] Actions = ["assign", "tag", "untag", "close", "reopen"];

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/actions", async (ActOnConversationsRequest request, Caller caller, ActOnConversations handler, CancellationToken ct) => (await handler.HandleAsync(caller, request, ct)).ToHttp())
            .WithName("ActOnConversations").RequirePermission(Permission.ConversationsWrite);

    private async Task<Result<ActedOnConversations>> HandleAsync(Caller caller, ActOnConversationsRequest request, CancellationToken ct)
    {
        if (Problem(caller, request) is { } wrong)
        {
            return wrong;
        }
        var (done, failed) = (new List<Guid>(), new List<FailedConversation>());
        Error? last = null;
        foreach (var id in request.ConversationIds!.Distinct())
        {
            var result = await db.InTransactionAsync(caller.TenantId, s => ActAsync(s, caller, request, id), ct);
            if (result.Error is { } error)
            {
                failed.Add(new FailedConversation(id, error.Code, error.Message));
                last = error;
            }
            else
            {
                done.Add(id);
            }
        }
        // Nothing of what was named is there, or what is to be done cannot be: then it is the request that fails.
        return done.Count == 0 && last is { Code: "not_found" or "invalid" } && failed.TrueForAll(f => f.Code == last.Code) ? last : new ActedOnConversations(done, failed);
    }

    private static Error? Problem(Caller caller, ActOnConversationsRequest request) =>
        request.ConversationIds is not { Length: >= 1 and <= Most } ? Error.Invalid("conversationIds", $"'conversationIds' must name 1 to {Most} conversations.")
        : !Actions.Contains(request.Action) ? Error.Invalid("action", $"'action' must be one of {string.Join(", ", Actions)}.")
        : request.Action is "tag" or "untag" && request.TagId is null ? Error.Invalid("tagId", "'tagId' must say which tag.")
        : request.Action == "close" && request.Resolved is null ? Error.Invalid("resolved", "'resolved' must be true or false.")
        : request.Action == "assign" && request.AgentId is null ? Error.Invalid("agentId", "'agentId' must say which member takes them.")
        : request.Action == "assign" && !caller.Can(Permission.HandoffsWrite) ? Error.Forbidden("Who takes a conversation is decided with the right to accept handoffs.")
        : null;

    private async Task<Result<bool>> ActAsync(TenantSession s, Caller caller, ActOnConversationsRequest request, Guid id)
    {
        if (request.Action is "tag" or "untag")
        {
            return await Tagging.SetAsync(s, audit, time, caller, id, request.TagId!.Value, has: request.Action == "tag");
        }
        if (await ConversationStore.LockAsync(s, id) is not { } conversation)
        {
            return ConversationErrors.NotFound;
        }
        return request.Action switch
        {
            "close" => await CloseAsync(s, caller, conversation, request.Resolved!.Value),
            "reopen" => await ReopenAsync(s, caller, conversation),
            _ => await AssignAsync(s, caller, conversation, request.AgentId!.Value),
        };
    }

    private async Task<Result<bool>> CloseAsync(TenantSession s, Caller caller, ConversationState conversation, bool resolved)
    {
        var closed = await lifecycle.CloseAsync(s, conversation, Actor.Of(caller), resolved);
        if (closed.Error is null)
        {
            await audit.WriteAsync(s, caller, "conversation.closed", "conversation", conversation.Id.ToString(), new { resolved });
        }
        return closed;
    }

    private async Task<Result<bool>> ReopenAsync(TenantSession s, Caller caller, ConversationState conversation)
    {
        if (conversation.IsOpen)
        {
            return true;
        }
        var reopened = await lifecycle.ReopenAsync(s, conversation, Actor.Of(caller), byAgent: true);
        if (reopened.Error is null)
        {
            await audit.WriteAsync(s, caller, "conversation.reopened", "conversation", conversation.Id.ToString());
        }
        return reopened;
    }

    private async Task<Result<bool>> AssignAsync(TenantSession s, Caller caller, ConversationState conversation, Guid agentId)
    {
        if (conversation.IsOpen && conversation.Owner == ConversationOwner.Agent && conversation.AgentId == agentId)
        {
            return true;
        }
        var assigned = await handoffs.AssignAsync(s, conversation, agentId);
        if (assigned.Error is null)
        {
            await audit.WriteAsync(s, caller, "conversation.assigned", "conversation", conversation.Id.ToString(), new { agentId });
        }
        return assigned;
    }
}
