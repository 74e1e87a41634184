using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record CreateRoleRequest(string? Name, IReadOnlyList<string>? Permissions, bool? RequiresSecondFactor);

/// <summary>What is null stays as it is.</summary>
internal sealed record ChangeRoleRequest(string? Name, IReadOnlyList<string>? Permissions, bool? RequiresSecondFactor);

/// <summary>A workspace's own roles. Nobody makes, widens, narrows or deletes a role that holds more than they hold themselves.</summary>
internal sealed class CustomRoles(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxNameLength = 100;
    private const int MaxKeyLength = 30; // Of 40; the rest makes it unlike another's.
    private const int Most = 50;

    private const string CountSql = "select count(*)::int from roles";
    private const string TakenSql = "select exists (select 1 from roles where lower(name) = lower(@name) and key <> @key)";
    private const string InsertSql = """
        insert into roles (tenant_id, key, name, permissions, requires_second_factor, created_at) values (@tenantId, @key, @name, @permissions, @requires, @now)
        """;
    private const string LockSql = "select key, name, permissions, requires_second_factor from roles where tenant_id = @tenantId and key = @key for update";
    private const string ChangeSql = "update roles set name = @name, permissions = @permissions, requires_second_factor = @requires where tenant_id = @tenantId and key = @key";
    private const string UsesSql = """
        select (select count(*)::int from memberships where tenant_id = @tenantId and role = @key) as members,
               (select count(*)::int from invitations where tenant_id = @tenantId and role = @key) as invitations
        """;
    private const string DeleteSql = "delete from roles where tenant_id = @tenantId and key = @key";
    private const string OwnRoleSql = "select role from memberships where tenant_id = @tenantId and user_id = @userId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/roles", async (CreateRoleRequest request, Caller caller, CustomRoles handler, CancellationToken ct) =>
                (await handler.CreateAsync(request, caller, ct)).ToCreated(role => $"/v1/roles/{role.Key}"))
            .WithName("CreateRole").RequirePermission(Permission.MembersWrite);
        app.MapPatch("/roles/{roleKey}", async (string roleKey, ChangeRoleRequest request, Caller caller, CustomRoles handler, HttpContext http, CancellationToken ct) =>
                (await handler.ChangeAsync(roleKey, request, caller, http.Features.Get<SessionRow>()?.HasSecondFactor, ct)).ToHttp())
            .WithName("ChangeRole").RequirePermission(Permission.MembersWrite);
        app.MapDelete("/roles/{roleKey}", async (string roleKey, Caller caller, CustomRoles handler, CancellationToken ct) =>
                (await handler.DeleteAsync(roleKey, caller, ct)).ToNoContent())
            .WithName("DeleteRole").RequirePermission(Permission.MembersWrite);
    }

    private async Task<Result<Role>> CreateAsync(CreateRoleRequest request, Caller caller, CancellationToken ct)
    {
        var permissions = (request.Permissions ?? []).ToFrozenSet(StringComparer.Ordinal);
        if (new FieldErrors().Add("name", Fields.NameProblem(request.Name, MaxNameLength)).Add("permissions", PermissionsProblem(permissions)).ToError() is { } invalid)
        {
            return invalid;
        }
        if (RoleRules.MayHandle(caller, permissions) is { } exceeds)
        {
            return exceeds;
        }
        var name = request.Name!.Trim();
        var made = new Role(KeyOf(name), name, false, Sorted(permissions), request.RequiresSecondFactor ?? false, 0);
        return await NamedOnceAsync(caller.TenantId, async session =>
        {
            if (await session.QuerySingleAsync<int>(CountSql) >= Most)
            {
                return Errors.TooManyRoles;
            }
            if (await session.QuerySingleAsync<bool>(TakenSql, new { name, key = "" }))
            {
                return NameTaken;
            }
            await session.ExecuteAsync(InsertSql, new
            {
                tenantId = session.TenantId, made.Key, made.Name, permissions = made.Permissions.ToArray(), requires = made.RequiresSecondFactor, now = time.GetUtcNow(),
            });
            await audit.WriteAsync(session, caller, "role.created", "role", made.Key, new { made.Name, made.Permissions, made.RequiresSecondFactor });
            return made;
        }, ct);
    }

    /// <param name="key">Which role.</param>
    /// <param name="request">What changes.</param>
    /// <param name="caller">Who changes it.</param>
    /// <param name="hasSecondFactor">Of a person who is signed in; null: a key or the command line.</param>
    /// <param name="ct">Ends it.</param>
    private async Task<Result<Role>> ChangeAsync(string key, ChangeRoleRequest request, Caller caller, bool? hasSecondFactor, CancellationToken ct)
    {
        var wanted = request.Permissions?.ToFrozenSet(StringComparer.Ordinal);
        if (new FieldErrors().Add("name", request.Name is null ? null : Fields.NameProblem(request.Name, MaxNameLength))
                .Add("permissions", wanted is null ? null : PermissionsProblem(wanted)).ToError() is { } invalid)
        {
            return invalid;
        }
        return await NamedOnceAsync(caller.TenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Row>(LockSql, new { tenantId = session.TenantId, key = Readable(key) }) is not { } row)
            {
                return Error.NotFound("role");
            }
            if (row.Permissions is null && (wanted is not null || request.Name is not null))
            {
                return Errors.BuiltInRole;
            }
            var held = RoleRules.PermissionsOf(row.Key, row.Permissions);
            var next = wanted ?? held;
            if ((RoleRules.MayHandle(caller, held) ?? RoleRules.MayHandle(caller, next)) is { } exceeds)
            {
                return exceeds;
            }
            var requires = request.RequiresSecondFactor ?? row.RequiresSecondFactor;
            if (row.RequiresSecondFactor && !requires && !RoleRules.IsOwner(caller))
            {
                return Errors.OwnersLiftFactor;
            }
            if (requires && !row.RequiresSecondFactor && hasSecondFactor == false
                && await session.QuerySingleOrDefaultAsync<string>(OwnRoleSql, new { tenantId = session.TenantId, userId = caller.Id }) == row.Key)
            {
                return Errors.OwnFactorFirst;
            }
            var name = request.Name?.Trim() ?? row.Name;
            if (await session.QuerySingleAsync<bool>(TakenSql, new { name, key = row.Key }))
            {
                return NameTaken;
            }
            await session.ExecuteAsync(ChangeSql, new { tenantId = session.TenantId, key = row.Key, name, permissions = row.Permissions is null ? null : Sorted(next), requires });
            await audit.WriteAsync(session, caller, "role.changed", "role", row.Key, new
            {
                name, added = Sorted(next.Except(held)), removed = Sorted(held.Except(next)), requiresSecondFactor = requires,
            });
            var uses = await session.QuerySingleAsync<Uses>(UsesSql, new { tenantId = session.TenantId, key = row.Key });
            return new Role(row.Key, name, row.Permissions is null, Sorted(next), requires, uses.Members);
        }, ct);
    }

    private async Task<Result<bool>> DeleteAsync(string key, Caller caller, CancellationToken ct)
    {
        try
        {
            return await db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
            {
                if (await session.QuerySingleOrDefaultAsync<Row>(LockSql, new { tenantId = session.TenantId, key = Readable(key) }) is not { } row)
                {
                    return Error.NotFound("role");
                }
                if (row.Permissions is null)
                {
                    return Errors.BuiltInRole;
                }
                if (RoleRules.MayHandle(caller, RoleRules.PermissionsOf(row.Key, row.Permissions)) is { } exceeds)
                {
                    return exceeds;
                }
                var uses = await session.QuerySingleAsync<Uses>(UsesSql, new { tenantId = session.TenantId, key = row.Key });
                if (uses.Members + uses.Invitations > 0)
                {
                    return Errors.RoleInUse(uses.Members, uses.Invitations);
                }
                await session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, key = row.Key });
                await audit.WriteAsync(session, caller, "role.deleted", "role", row.Key, new { row.Name });
                return true;
            }, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // Somebody was given it at the same moment.
            return Errors.RoleInUse(1, 0);
        }
    }

    private async Task<Result<Role>> NamedOnceAsync(Guid tenantId, Func<TenantSession, Task<Result<Role>>> work, CancellationToken ct)
    {
        try
        {
            return await db.InTransactionAsync(tenantId, work, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody gave a role this name at the same moment.
            return NameTaken;
        }
    }

    private static readonly Error NameTaken = new("role.name_taken", "There is a role with this name already.", 409)
    {
        Fields = new Dictionary<string, string[]> { ["name"] = ["There is a role with this name already."] },
    };

    private static string? PermissionsProblem(FrozenSet<string> permissions)
    {
        if (permissions.Count == 0)
        {
            return "Give at least one permission, such as conversations:read. GET /v1/permissions lists them.";
        }
        return permissions.Where(p => p is null || !Permission.All.Contains(p)).ToList() is { Count: > 0 } unknown
            ? string.Create(CultureInfo.InvariantCulture, $"{unknown.Count} of these are no permissions. GET /v1/permissions lists them.")
            : null;
    }

    /// <summary>Plain letters and digits of the name, and something of its own: a key is never used again, so that the log stays clear. Pure but for chance.</summary>
    internal static string KeyOf(string name)
    {
        var key = new StringBuilder();
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                key.Append(c);
            }
            else if (key.Length > 0 && key[^1] != '-' && !char.IsLetterOrDigit(c))
            {
                key.Append('-');
            }
        }
        var text = key.ToString();
        text = (text.Length > MaxKeyLength ? text[..MaxKeyLength] : text).Trim('-');
        var own = System.Security.Cryptography.RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 6);
        return text.Length == 0 ? "role-" + own : $"{text}-{own}";
    }

    /// <summary>A route may hold any text; no key does.</summary>
    private static string Readable(string key) => key.Contains('\0', StringComparison.Ordinal) ? "" : key;

    private static string[] Sorted(IEnumerable<string> permissions) => [.. permissions.Order(StringComparer.Ordinal)];

    private sealed record Row
    {
        public string Key { get; init; } = "";
        public string Name { get; init; } = "";
        public string[]? Permissions { get; init; }
        public bool RequiresSecondFactor { get; init; }
    }

    private sealed record Uses
    {
        public int Members { get; init; }
        public int Invitations { get; init; }
    }
}
