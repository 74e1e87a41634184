using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>Tenants in which somebody talked lately, or that are new.</summary>
public sealed class ActiveTenants(SystemDb system)
{
    private const string ActiveSql = "select tenants_active(@since, @limit)";

    /// <summary>Ids, the tenant of the latest conversation first.</summary>
    public Task<IReadOnlyList<Guid>> SinceAsync(DateTimeOffset since, int limit, CancellationToken ct) => system.QueryAsync<Guid>(ActiveSql, new { since, limit }, ct);
}
