using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Http;

namespace Parley.Identity;

/// <param name="Key">Stable; members and invitations name it.</param>
/// <param name="Name">As people read it.</param>
/// <param name="BuiltIn">Comes with Parley.</param>
/// <param name="Permissions">Of the catalogue.</param>
/// <param name="RequiresSecondFactor">Its members may do nothing before they have one.</param>
/// <param name="Members">That many have it.</param>
internal sealed record Role(string Key, string Name, bool BuiltIn, IReadOnlyList<string> Permissions, bool RequiresSecondFactor, int Members);

internal sealed record PermissionItem(string Key);

/// <summary>The tenant's roles and the permission catalogue.</summary>
internal sealed class Roles(TenantDb db)
{
    private const string ListSql = """
        select r.key, r.name, r.permissions, r.requires_second_factor, (select count(*)::int from memberships m where m.tenant_id = r.tenant_id and m.role = r.key) as members
          from roles r order by r.permissions is not null, r.created_at, r.key
        """;
    private const string OneSql = "select key, name, permissions from roles where key = @key";
    private const string KeysSql = "select key from roles order by key";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/roles", async (Caller caller, Roles roles, CancellationToken ct) => TypedResults.Ok(new Page<Role>(await roles.ListAsync(caller.TenantId, ct), null)))
            .WithName("ListRoles").RequirePermission(Permission.MembersRead);
        app.MapGet("/permissions", () => TypedResults.Ok(new Page<PermissionItem>(
                [.. Permission.All.Order(StringComparer.Ordinal).Select(key => new PermissionItem(key))], null)))
            .WithName("ListPermissions").RequirePermission(Permission.MembersRead);
    }

    /// <summary>A role's permissions; null where the tenant has no such role.</summary>
    internal static async Task<FrozenSet<string>?> PermissionsAsync(TenantSession session, string key) =>
        await session.QuerySingleOrDefaultAsync<Row>(OneSql, new { key }) is { } row ? RoleRules.PermissionsOf(row.Key, row.Permissions) : null;

    internal static Task<IReadOnlyList<string>> KeysAsync(TenantSession session) => session.QueryAsync<string>(KeysSql);

    private async Task<IReadOnlyList<Role>> ListAsync(Guid tenantId, CancellationToken ct)
    {
        var rows = await db.InTransactionAsync(tenantId, session => session.QueryAsync<Row>(ListSql), ct);
        return [.. rows.Select(row => new Role(row.Key, row.Name, row.Permissions is null,
            [.. RoleRules.PermissionsOf(row.Key, row.Permissions).Order(StringComparer.Ordinal)], row.RequiresSecondFactor, row.Members))];
    }

    private sealed record Row
    {
        public string Key { get; init; } = "";
        public string Name { get; init; } = "";
        public string[]? Permissions { get; init; }
        public bool RequiresSecondFactor { get; init; }
        public int Members { get; init; }
    }
}
