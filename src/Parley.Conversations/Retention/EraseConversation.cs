using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Errors;

namespace Parley.Conversations.Retention;

/// <param name="Confirm">The word <c>erase</c>: nothing brings it back.</param>
internal sealed record EraseRequest(string? Confirm);

/// <param name="Conversations">That many were deleted.</param>
internal sealed record Erased(int Conversations);

/// <summary>One conversation, gone for good: its messages, its trace, what was found by its words, what programs were told of it.</summary>
internal sealed class EraseConversation(Erasure erasure)
{
    /// <summary>What has to be typed.</summary>
    internal const string Word = "erase";

    internal static readonly Error Unconfirmed = Error.Invalid("confirm", $"Nothing brings back what is deleted here. Set 'confirm' to \"{Word}\" to go on.");

    internal static void Map(RouteGroupBuilder conversations) =>
        conversations.MapPost("/{id}/erase", async (Guid id, EraseRequest request, Caller caller, EraseConversation handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, id, request, ct)).ToHttp())
            .WithName("EraseConversation").RequirePermission(Permission.PrivacyWrite);

    private async Task<Result<Erased>> HandleAsync(Caller caller, Guid id, EraseRequest request, CancellationToken ct)
    {
        if (request.Confirm != Word)
        {
            return Unconfirmed;
        }
        var erased = await erasure.EraseAsync(new ErasedConversations(caller.TenantId, [id], "conversation.erased", id.ToString()) { WithGoldenQuestions = true }, AuditActor.Of(caller), ct);
        return erased == 0 ? ConversationErrors.NotFound : new Erased(erased);
    }
}
