using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>What must hold before a membership is changed or ended.</summary>
internal static class MemberRules
{
    // All owners' rows are locked, in one order, by whoever changes any membership: two owners cannot remove each other at once.
    private const string LockOwnersSql = "select user_id from memberships where tenant_id = @tenantId and role = 'owner' order by user_id for update";
    private const string LockSql = "select role from memberships where tenant_id = @tenantId and user_id = @userId for update";
    private const string MemberSql = "select user_id, email, name, role, disabled, second_factor, created_at from v_members where user_id = @userId";
    private const string OtherOwnerSql = "select exists (select 1 from v_members where role = 'owner' and not disabled and user_id <> @userId)";

    /// <summary>The member, locked, whom this caller may handle: one who holds no more than the caller.</summary>
    internal static async Task<Result<Member>> LockAsync(TenantSession session, Guid userId, Caller caller)
    {
        await session.QueryAsync<Guid>(LockOwnersSql, new { tenantId = session.TenantId });
        if (await session.QuerySingleOrDefaultAsync<string>(LockSql, new { tenantId = session.TenantId, userId }) is null
            || await session.QuerySingleOrDefaultAsync<Member>(MemberSql, new { userId }) is not { } member)
        {
            return Error.NotFound("member");
        }
        var held = await Roles.PermissionsAsync(session, member.Role) ?? [];
        return RoleRules.MayHandle(caller, held) is { } exceeds ? exceeds : member;
    }

    /// <summary>The same, of somebody else: for oneself the account page asks for password and code, which whoever took a session does not have.</summary>
    internal static Task<Result<Member>> LockOtherAsync(TenantSession session, Guid userId, Caller caller) =>
        caller.Kind == CallerKind.User && caller.Id == userId ? Task.FromResult<Result<Member>>(Errors.OwnAccountPage) : LockAsync(session, userId, caller);

    /// <summary>A tenant always keeps an owner who can sign in.</summary>
    internal static async Task<bool> IsLastOwnerAsync(TenantSession session, Member member) =>
        member.Role == RoleRules.Owner && !await session.QuerySingleAsync<bool>(OtherOwnerSql, new { member.UserId });
}
