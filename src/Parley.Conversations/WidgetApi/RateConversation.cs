using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

internal sealed record RateConversationRequest(int? Rating, string? Comment = null);

/// <summary>A customer rates the conversation; again replaces the earlier rating.</summary>
internal sealed class RateConversation(TenantDb db, ConversationEvents events, TimeProvider time)
{
    private const int MaxCommentLength = 2_000;

    private const string RateSql = """
        update conversations set rating = @rating, rating_comment = @comment, rated_at = @now
         where tenant_id = @tenantId and id = @id
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/conversations/{id}/rating", async (Guid id, RateConversationRequest request, Caller caller, RateConversation handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, request, ct)).ToNoContent())
            .WithName("RateWidgetConversation").RequirePermission(Permission.WidgetTalk);

    private async Task<Result<bool>> HandleAsync(Caller caller, Guid id, RateConversationRequest request, CancellationToken ct)
    {
        if (request.Rating is not (>= 1 and <= 5))
        {
            return Error.Invalid("rating", "'rating' must be a number from 1 to 5.");
        }
        string? comment = null;
        if (!string.IsNullOrWhiteSpace(request.Comment) && !MessageText.Read(request.Comment, "comment", MaxCommentLength).TryGet(out comment, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
        {
            if (await OwnConversation.LockAsync(s, caller, id) is null)
            {
                return ConversationErrors.NotFound;
            }
            await s.ExecuteAsync(RateSql, new { tenantId = s.TenantId, id, rating = (short)request.Rating, comment, now = time.GetUtcNow() });
            await events.AppendAsync(s, id, new EventDraft(new ConversationRated(request.Rating.Value), Actor.Of(caller)));
            return true;
        }, ct);
    }
}
