using Parley.Conversations.Contracts;
using Parley.Platform.Data;

namespace Parley.Escalations;

/// <summary>What a handoff's conversation is about and with whom.</summary>
internal sealed record HandoffConversation(string? Subject, string? EndUserName);

/// <summary>A handoff as agents see it.</summary>
internal record HandoffItem
{
    public Guid Id { get; init; }

    public Guid ConversationId { get; init; }

    public string State { get; init; } = "";

    public string Priority { get; init; } = "";

    public IReadOnlyList<string> Reasons { get; init; } = [];

    public string Summary { get; init; } = "";

    public string RequestedBy { get; init; } = "";

    public Guid? AgentId { get; init; }

    public string? AgentName { get; init; }

    public Guid? OfferedTo { get; init; }

    /// <summary>1-based place in the queue; null where it does not wait.</summary>
    public int? Position { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public HandoffConversation Conversation { get; init; } = new(null, null);
}

/// <summary>Makes items of rows.</summary>
internal sealed class HandoffItems(ConversationSummaries conversations)
{
    private const string NamesSql = "select user_id, name from v_members where tenant_id = @tenantId and user_id = any (@ids)";

    internal async Task<IReadOnlyList<HandoffItem>> OfAsync(TenantSession s, IReadOnlyList<HandoffRow> rows)
    {
        if (rows.Count == 0)
        {
            return [];
        }
        var positions = await HandoffStore.PositionsAsync(s, rows);
        var agents = rows.Select(r => r.AgentId).OfType<Guid>().Distinct().ToArray();
        var names = agents.Length == 0 ? [] : (await s.QueryAsync<Member>(NamesSql, new { tenantId = s.TenantId, ids = agents })).ToDictionary(m => m.UserId, m => m.Name);
        var about = (await conversations.ByIdAsync(s, [.. rows.Select(r => r.ConversationId).Distinct()])).ToDictionary(c => c.Id);
        return [.. rows.Select(r => new HandoffItem
        {
            Id = r.Id, ConversationId = r.ConversationId, State = r.State, Priority = r.Priority, Reasons = r.Reasons, Summary = r.Summary,
            RequestedBy = r.RequestedBy, AgentId = r.AgentId, AgentName = r.AgentId is { } id ? names.GetValueOrDefault(id) : null, OfferedTo = r.OfferedTo,
            Position = positions.TryGetValue(r.Id, out var place) ? place : null, CreatedAt = r.CreatedAt, AcceptedAt = r.AcceptedAt, EndedAt = r.EndedAt,
            Conversation = about.TryGetValue(r.ConversationId, out var c) ? new HandoffConversation(c.Subject, c.EndUser.Name) : new HandoffConversation(null, null),
        })];
    }

    internal async Task<HandoffItem> OfAsync(TenantSession s, HandoffRow row) => (await OfAsync(s, [row]))[0];

    private sealed record Member
    {
        public Guid UserId { get; init; }

        public string Name { get; init; } = "";
    }
}
