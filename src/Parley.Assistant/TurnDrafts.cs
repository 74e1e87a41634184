using Parley.Conversations.Contracts;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>The text so far of live turns: what a feed shows as deltas.</summary>
internal sealed class TurnDrafts : ITurnDrafts
{
    private const string OfConversationsSql = """
        select conversation_id, id as turn_id, draft as text from turns
         where tenant_id = @tenantId and conversation_id = any (@ids) and state in ('running', 'waiting_tool', 'waiting_approval', 'waiting_media') and draft <> ''
        """;

    private const string OfTenantSql = """
        select conversation_id, id as turn_id, draft as text from turns
         where tenant_id = @tenantId and state in ('running', 'waiting_tool', 'waiting_approval', 'waiting_media') and draft <> ''
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TurnDraft>> ReadAsync(TenantSession session, IReadOnlyCollection<Guid>? conversationIds)
    {
        var rows = conversationIds is null
            ? await session.QueryAsync<Row>(OfTenantSql, new { tenantId = session.TenantId })
            : await session.QueryAsync<Row>(OfConversationsSql, new { tenantId = session.TenantId, ids = conversationIds.ToArray() });
        return [.. rows.Select(r => new TurnDraft(r.ConversationId, r.TurnId, r.Text))];
    }

    private sealed record Row
    {
        public Guid ConversationId { get; init; }

        public Guid TurnId { get; init; }

        public string Text { get; init; } = "";
    }
}
