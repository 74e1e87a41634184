using Parley.Conversations.Contracts;
using Parley.Platform.Data;

namespace Parley.Escalations.Contracts;

/// <summary>Reads handoffs that are live.</summary>
public static class HandoffReader
{
    /// <summary>The live handoff of each of these conversations, with its place in the queue; others are absent.</summary>
    public static async Task<IReadOnlyDictionary<Guid, HandoffView>> LiveAsync(TenantSession session, IReadOnlyCollection<Guid> conversationIds)
    {
        if (conversationIds.Count == 0)
        {
            return new Dictionary<Guid, HandoffView>();
        }
        var rows = await HandoffStore.LiveAsync(session, conversationIds);
        var positions = await HandoffStore.PositionsAsync(session, rows);
        return rows.ToDictionary(r => r.ConversationId, r => View(r, positions));
    }

    internal static HandoffView View(HandoffRow row, IReadOnlyDictionary<Guid, int> positions) => new()
    {
        Id = row.Id, ConversationId = row.ConversationId, State = row.State, Priority = row.Priority, Reasons = row.Reasons,
        Position = positions.TryGetValue(row.Id, out var position) ? position : null, AgentId = row.AgentId, CreatedAt = row.CreatedAt,
    };
}
