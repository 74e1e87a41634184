using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>Takes the second factor from a member who lost it; the member's sessions end. Only where the account belongs to this tenant alone.</summary>
internal sealed class ResetMemberSecondFactor(TenantDb db, SystemDb system, TimeProvider time)
{
    private const string ResetSql = "select member_reset_second_factor(@tenantId, @userId, @actorKind, @actorId, @ip, @auditId, @now)";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapDelete("/members/{userId:guid}/second-factor", async (Guid userId, Caller caller, ResetMemberSecondFactor handler, CancellationToken ct) =>
                (await handler.HandleAsync(userId, caller, ct)).ToNoContent())
            .WithName("ResetMemberSecondFactor").RequirePermission(Permission.MembersWrite);

    private async Task<Result<bool>> HandleAsync(Guid userId, Caller caller, CancellationToken ct)
    {
        if ((await db.InTransactionAsync(caller.TenantId, session => MemberRules.LockOtherAsync(session, userId, caller), ct)).Error is { } error)
        {
            return error;
        }
        var now = time.GetUtcNow();
        var actor = AuditActor.Of(caller);
        var outcome = await system.QuerySingleOrDefaultAsync<string>(ResetSql, new
        {
            tenantId = caller.TenantId, userId, actorKind = actor.Kind, actorId = actor.Id, ip = actor.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return outcome switch
        {
            "reset" => true,
            "shared" => Errors.SharedAccount,
            _ => Errors.NoSecondFactor,
        };
    }
}
