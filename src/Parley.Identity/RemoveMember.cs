using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>Ends a membership; its sessions in this tenant stop at once. An account without any membership is deleted.</summary>
internal sealed class RemoveMember(TenantDb db, SystemDb system, AuditLog audit, ILogger<RemoveMember> logger)
{
    private const string RemoveSql = "delete from memberships where tenant_id = @tenantId and user_id = @userId";
    private const string OrphanSql = "select user_delete_orphan(@userId)";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapDelete("/members/{userId:guid}", async (Guid userId, Caller caller, RemoveMember handler, CancellationToken ct) =>
                (await handler.HandleAsync(userId, caller, ct)).ToNoContent())
            .WithName("RemoveMember").RequirePermission(Permission.MembersWrite);

    private async Task<Result<bool>> HandleAsync(Guid userId, Caller caller, CancellationToken ct)
    {
        var removed = await db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
        {
            if (!(await MemberRules.LockAsync(session, userId, caller)).TryGet(out var member, out var error))
            {
                return error;
            }
            if (await MemberRules.IsLastOwnerAsync(session, member))
            {
                return Errors.LastOwner;
            }
            await session.ExecuteAsync(RemoveSql, new { tenantId = session.TenantId, userId });
            await audit.WriteAsync(session, caller, "member.removed", "user", userId.ToString("D"), new { role = member.Role });
            return true;
        }, ct);
        if (removed.Error is null)
        {
            await DeleteOrphanAsync(userId, ct);
        }
        return removed;
    }

    /// <summary>The membership is gone already: an account that this leaves behind opens nothing, and the next one with its address replaces it.</summary>
    private async Task DeleteOrphanAsync(Guid userId, CancellationToken ct)
    {
        try
        {
            await system.ExecuteAsync(OrphanSql, new { userId }, ct);
        }
        catch (NpgsqlException e)
        {
            Log.OrphanLeft(logger, e);
        }
    }
}
