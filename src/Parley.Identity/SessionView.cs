using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Identity;

/// <summary>What the console knows about who is signed in.</summary>
internal sealed record Session(
    SessionUser User, SessionTenant Tenant, IReadOnlyList<TenantMembership> Tenants, string Role, IReadOnlyList<string> Permissions,
    bool IsOperator, bool MustChangePassword, bool HasSecondFactor, bool MustSetUpSecondFactor, DateTimeOffset ExpiresAt);

internal sealed record SessionUser(Guid Id, string Email, string Name);

internal sealed record SessionTenant(Guid Id, string Slug, string Name);

internal sealed record TenantMembership
{
    public Guid Id { get; init; }
    public string Slug { get; init; } = "";
    public string Name { get; init; } = "";
    public string Role { get; init; } = "";
}

/// <summary>Builds it.</summary>
internal sealed class SessionViews(SystemDb db)
{
    private const string TenantsSql = "select tenant_id as id, slug, name, role from memberships_of(@userId)";

    internal async Task<Session> OfAsync(SessionRow row, CancellationToken ct) => new(
        new SessionUser(row.UserId, row.Email, row.Name),
        new SessionTenant(row.TenantId, row.TenantSlug, row.TenantName),
        await db.QueryAsync<TenantMembership>(TenantsSql, new { userId = row.UserId }, ct),
        row.Role, [.. row.Allowed.Order(StringComparer.Ordinal)], row.IsOperator, row.MustChangePassword,
        row.HasSecondFactor, row.MustSetUpSecondFactor, row.ExpiresAt);
}
