using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Http;

namespace Parley.Conversations.WidgetApi;

/// <summary>A conversation as its customer sees it.</summary>
internal sealed record WidgetConversation
{
    public required Guid Id { get; init; }

    public required string Status { get; init; }

    public required string Owner { get; init; }

    public required string? AgentName { get; init; }

    public required WidgetHandoff? Handoff { get; init; }

    public required long LastSeq { get; init; }

    public required int? Rating { get; init; }

    public required string? Subject { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

internal sealed record WidgetHandoff(string State, int? Position);

/// <summary>The customer's own conversations, and nobody else's: every read and lock here asks for the end user as well.</summary>
internal sealed class OwnConversation(IHandoffs handoffs)
{
    private const string Select = """
        select c.id, c.status, c.owner, u.name as agent_name, c.last_seq, c.rating, c.subject, c.created_at, c.updated_at
          from conversations c
          left join v_members u on u.tenant_id = c.tenant_id and u.user_id = c.agent_id
         where c.tenant_id = @tenantId and c.end_user_id = @endUserId
        """;

    private const string OneSql = Select + " and c.id = @id";

    private const string PageSql = Select + """
         and (@afterTime::timestamptz is null or (c.updated_at, c.id) < (@afterTime, @afterId::uuid))
         order by c.updated_at desc, c.id desc limit @fetch
        """;

    /// <summary>Takes the row lock. Null: there is none, or it is somebody else's.</summary>
    internal static async Task<ConversationState?> LockAsync(TenantSession session, Caller caller, Guid id) =>
        await ConversationStore.LockAsync(session, id) is { } conversation && conversation.EndUserId == caller.Id ? conversation : null;

    /// <summary>Without a lock. Null: there is none, or it is somebody else's.</summary>
    internal static async Task<ConversationState?> ReadAsync(TenantSession session, Caller caller, Guid id) =>
        await ConversationStore.ReadAsync(session, id) is { } conversation && conversation.EndUserId == caller.Id ? conversation : null;

    internal async Task<WidgetConversation?> ViewAsync(TenantSession session, Caller caller, Guid id)
    {
        var row = await session.QuerySingleOrDefaultAsync<WidgetConversation>(OneSql, new { tenantId = session.TenantId, endUserId = caller.Id, id });
        return row is null ? null : (await CompleteAsync(session, [row]))[0];
    }

    internal async Task<IReadOnlyList<WidgetConversation>> PageAsync(TenantSession session, Caller caller, PageCursor? after, int fetch) =>
        await CompleteAsync(session, await session.QueryAsync<WidgetConversation>(PageSql, new
        {
            tenantId = session.TenantId, endUserId = caller.Id, afterTime = after?.At, afterId = after?.Id, fetch,
        }));

    private async Task<IReadOnlyList<WidgetConversation>> CompleteAsync(TenantSession session, IReadOnlyList<WidgetConversation> rows)
    {
        var open = rows.Where(r => r.Status == ConversationStatus.Open).Select(r => r.Id).ToArray();
        if (open.Length == 0)
        {
            return rows;
        }
        var current = await handoffs.CurrentAsync(session, open);
        return [.. rows.Select(r => current.TryGetValue(r.Id, out var handoff) ? r with { Handoff = new WidgetHandoff(handoff.State, handoff.Position) } : r)];
    }
}
