using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>A member's new first password, shown this once.</summary>
internal sealed record ResetPassword(string TemporaryPassword);

/// <summary>Gives a member who forgot the password a new first one. Only where the account belongs to this tenant alone.</summary>
internal sealed class ResetMemberPassword(TenantDb db, SystemDb system, Passwords passwords, TimeProvider time)
{
    private const string ResetSql = "select member_reset_password(@tenantId, @userId, @hash, @actorKind, @actorId, @ip, @auditId, @now)";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/members/{userId:guid}/password", async (Guid userId, Caller caller, ResetMemberPassword handler, CancellationToken ct) =>
                (await handler.HandleAsync(userId, caller, ct)).ToHttp())
            .WithName("ResetMemberPassword").RequirePermission(Permission.MembersWrite);

    private async Task<Result<ResetPassword>> HandleAsync(Guid userId, Caller caller, CancellationToken ct)
    {
        // Whoever resets a password could sign in with it: the member may hold no more than the caller.
        var allowed = await db.InTransactionAsync(caller.TenantId, session => MemberRules.LockOtherAsync(session, userId, caller), ct);
        if (allowed.Error is { } error)
        {
            return error;
        }
        var now = time.GetUtcNow();
        var password = Passwords.Generate();
        var actor = AuditActor.Of(caller);
        var outcome = await system.QuerySingleOrDefaultAsync<string>(ResetSql, new
        {
            tenantId = caller.TenantId, userId, hash = await passwords.HashAsync(password, ct),
            actorKind = actor.Kind, actorId = actor.Id, ip = actor.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return outcome switch
        {
            "reset" => new ResetPassword(password),
            "shared" => Errors.SharedAccount,
            _ => Error.NotFound("member"),
        };
    }
}
