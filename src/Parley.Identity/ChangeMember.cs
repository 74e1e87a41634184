using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record ChangeMemberRequest(string? Role);

/// <summary>Gives a member another role.</summary>
internal sealed class ChangeMember(TenantDb db, AuditLog audit)
{
    private const string ChangeSql = "update memberships set role = @role where tenant_id = @tenantId and user_id = @userId";

    private const string FreerSql = """
        select exists (select 1 from roles a join roles b on b.tenant_id = a.tenant_id and b.key = @to and not b.requires_second_factor where a.key = @from and a.requires_second_factor)
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPatch("/members/{userId:guid}", async (Guid userId, ChangeMemberRequest request, Caller caller, ChangeMember handler, CancellationToken ct) =>
                (await handler.HandleAsync(userId, request, caller, ct)).ToHttp())
            .WithName("ChangeMember").RequirePermission(Permission.MembersWrite);

    private async Task<Result<Member>> HandleAsync(Guid userId, ChangeMemberRequest request, Caller caller, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(request.Role))
        {
            return Error.Invalid("role", "Give the key of a role, such as agent.");
        }
        return await db.InTransactionAsync<Result<Member>>(caller.TenantId, async session =>
        {
            if (await Roles.PermissionsAsync(session, request.Role) is not { } permissions)
            {
                return Errors.NoSuchRole(await Roles.KeysAsync(session));
            }
            if (!(await MemberRules.LockAsync(session, userId, caller)).TryGet(out var member, out var error))
            {
                return error;
            }
            if (member.Role == request.Role)
            {
                return member;
            }
            if (RoleRules.MayHandle(caller, permissions) is { } exceeds)
            {
                return exceeds;
            }
            // Nobody frees themselves of the second factor by another role.
            if (caller.Kind == CallerKind.User && caller.Id == userId && !RoleRules.IsOwner(caller)
                && await session.QuerySingleAsync<bool>(FreerSql, new { from = member.Role, to = request.Role }))
            {
                return Errors.OwnersLiftFactor;
            }
            if (await MemberRules.IsLastOwnerAsync(session, member))
            {
                return Errors.LastOwner;
            }
            await session.ExecuteAsync(ChangeSql, new { tenantId = session.TenantId, userId, role = request.Role });
            await audit.WriteAsync(session, caller, "member.role_changed", "user", userId.ToString("D"), new { from = member.Role, to = request.Role });
            return member with { Role = request.Role };
        }, ct);
    }
}
