using System.Text.Json;
using Parley.Assistant.Contracts;
using Parley.Conversations.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>A turn that cannot be answered for a technical reason is never silent: the customer is told, and offered a person.</summary>
internal sealed class TurnFailure(TenantDb db, ConversationEvents events, Messages messages, ConfigurationStore configurations, TimeProvider time)
{
    internal const string Code = "turn.failed";

    private const string ConversationSql = "select conversation_id from turns where tenant_id = @tenantId and id = @turnId";

    /// <summary>Ends a turn that is not over, and says so. Twice is once.</summary>
    internal Task TellAsync(Guid tenantId, Guid turnId, string error, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, async s =>
        {
            if (await ConversationOfAsync(s, turnId) is not { } conversationId || await ConversationStore.LockAsync(s, conversationId) is not { } conversation
                || await TurnStore.EndAsync(s, turnId, "failed", error, time.GetUtcNow()) is null || !conversation.IsOpen || conversation.Owner == ConversationOwner.Agent)
            {
                return;
            }
            var text = (await ProfileAsync(s, conversation)).Text(conversation.Locale, AssistantTexts.Failed);
            var actor = Actor.Assistant(conversation.AssistantId);
            await messages.AddAsync(s, new MessageDraft(conversation.Id, actor, [MessagePart.OfText(text)])
            {
                Language = AssistantTexts.All.LanguageOf(conversation.Locale), TurnId = turnId, ExternalId = $"turn:{turnId:N}:failed",
            });
            await events.AppendAsync(s, conversation.Id, new EventDraft(new TurnFailed(turnId, Code, text), actor, turnId));
        }, ct);

    // What made the turn fail may be the profile itself: it must not keep the customer from being told.
    private async Task<AssistantProfile> ProfileAsync(TenantSession s, ConversationState conversation)
    {
        try
        {
            return (await configurations.PublishedAsync<AssistantProfile>(s, AssistantProfile.Kind, conversation.AssistantId))?.Body ?? new AssistantProfile();
        }
        catch (JsonException)
        {
            return new AssistantProfile();
        }
    }

    private static Task<Guid?> ConversationOfAsync(TenantSession s, Guid turnId) =>
        s.QuerySingleOrDefaultAsync<Guid?>(ConversationSql, new { tenantId = s.TenantId, turnId });
}
