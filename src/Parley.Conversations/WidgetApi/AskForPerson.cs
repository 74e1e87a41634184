using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

internal sealed record AskForPersonRequest(string? Reason = null);

internal sealed record PersonAsked(Guid HandoffId, string State, int? Position);

/// <summary>A customer asks for a person, or takes the request back while nobody has accepted it.</summary>
internal sealed class AskForPerson(TenantDb db, ConversationGate gate, IHandoffs handoffs)
{
    private const int MaxReasonLength = 500;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/conversations/{id}/handoff", async (Guid id, AskForPersonRequest? request, Caller caller, AskForPerson handler, CancellationToken ct) =>
            (await handler.RequestAsync(caller, id, request?.Reason, ct)).ToAccepted(_ => $"/v1/widget/conversations/{id}"))
            .WithName("RequestWidgetHandoff").RequirePermission(Permission.WidgetTalk);
        group.MapDelete("/conversations/{id}/handoff", async (Guid id, Caller caller, AskForPerson handler, CancellationToken ct) =>
            (await handler.CancelAsync(caller, id, ct)).ToNoContent())
            .WithName("CancelWidgetHandoff").RequirePermission(Permission.WidgetTalk);
    }

    private async Task<Result<PersonAsked>> RequestAsync(Caller caller, Guid id, string? reason, CancellationToken ct)
    {
        string? comment = null;
        if (!string.IsNullOrWhiteSpace(reason) && !MessageText.Read(reason, "reason", MaxReasonLength).TryGet(out comment, out var error))
        {
            return error;
        }
        if (await gate.MessageAsync(caller, ct) is { } limited)
        {
            return limited;
        }
        return await db.InTransactionAsync<Result<PersonAsked>>(caller.TenantId, async s =>
        {
            if (await OwnConversation.LockAsync(s, caller, id) is not { } conversation)
            {
                return ConversationErrors.NotFound;
            }
            if (!conversation.IsOpen)
            {
                return ConversationErrors.Closed;
            }
            var result = await handoffs.RequestAsync(s, new HandoffRequest(id, Actor.Of(caller), ["explicit_request"], comment));
            return result.TryGet(out var handoff, out var failed) ? new PersonAsked(handoff.Id, handoff.State, handoff.Position) : failed;
        }, ct);
    }

    private Task<Result<bool>> CancelAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
            await OwnConversation.LockAsync(s, caller, id) is null ? ConversationErrors.NotFound : await handoffs.CancelAsync(s, id, Actor.Of(caller)), ct);
}
