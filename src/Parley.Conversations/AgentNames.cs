using Parley.Platform.Data;

namespace Parley.Conversations;

/// <summary>
/// Names of people. Asked for only where an agent appears: joined into every statement, the view with its row level security would cost
/// the planner more than the statement itself.
/// </summary>
internal static class AgentNames
{
    private const string Sql = "select user_id, name from v_members where tenant_id = @tenantId and user_id = any (@ids)";

    private static readonly Dictionary<Guid, string> None = [];

    /// <summary>Who is no member any more is absent.</summary>
    internal static async Task<IReadOnlyDictionary<Guid, string>> ReadAsync(TenantSession session, IEnumerable<Guid?> users)
    {
        var ids = users.OfType<Guid>().Distinct().ToArray();
        return ids.Length == 0 ? None
            : (await session.QueryAsync<Row>(Sql, new { tenantId = session.TenantId, ids })).ToDictionary(r => r.UserId, r => r.Name);
    }

    private sealed record Row
    {
        public Guid UserId { get; init; }

        public string Name { get; init; } = "";
    }
}
