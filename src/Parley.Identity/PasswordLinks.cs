using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>The code of a link with which a member chooses a new password; shown this once.</summary>
internal sealed record PasswordLink(string Code, DateTimeOffset ExpiresAt);

internal sealed record UsePasswordLinkRequest(string? Link, string? Password);

/// <summary>A forgotten password is replaced by a link that opens once: whoever makes it never learns the password. The old one holds until then.</summary>
internal sealed class PasswordLinks(TenantDb db, SystemDb system, SignInGate gate, Passwords passwords, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private const string MakeSql = "select member_password_link(@tenantId, @userId, @role, @hash, @expires, @actorKind, @actorId, @ip, @auditId, @now)";
    private const string EmailSql = "select password_link_email(@hash, @now)";
    private const string UseSql = "select password_link_use(@hash, @password, @ip, @now)";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/members/{userId:guid}/password-link", async (Guid userId, Caller caller, PasswordLinks handler, CancellationToken ct) =>
                (await handler.MakeAsync(userId, caller, ct)).ToHttp())
            .WithName("MakePasswordLink").RequirePermission(Permission.MembersWrite);
        app.MapPost("/auth/password-link", async (UsePasswordLinkRequest request, PasswordLinks handler, HttpContext http, CancellationToken ct) =>
                (await handler.UseAsync(request, Bearer.IpOf(http), ct)).ToNoContent())
            .WithName("UsePasswordLink").AllowPublic();
    }

    private async Task<Result<PasswordLink>> MakeAsync(Guid userId, Caller caller, CancellationToken ct)
    {
        // Whoever makes the link could use it: the member may hold no more than the caller. It is made only while the role is the one looked at here.
        if (!(await db.InTransactionAsync(caller.TenantId, session => MemberRules.LockOtherAsync(session, userId, caller), ct)).TryGet(out var member, out var error))
        {
            return error;
        }
        var now = time.GetUtcNow();
        var made = new PasswordLink(BearerToken.Create("pw_"), now + Lifetime);
        var actor = AuditActor.Of(caller);
        var outcome = await system.QuerySingleOrDefaultAsync<string>(MakeSql, new
        {
            tenantId = caller.TenantId, userId, role = member.Role, hash = BearerToken.Hash(made.Code), expires = made.ExpiresAt,
            actorKind = actor.Kind, actorId = actor.Id, ip = actor.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return outcome switch
        {
            "made" => made,
            "shared" => Errors.SharedAccount,
            "changed" => Errors.MemberChanged,
            _ => Error.NotFound("member"),
        };
    }

    private async Task<Result<bool>> UseAsync(UsePasswordLinkRequest request, string? ip, CancellationToken ct)
    {
        if (await gate.TakeNetworkAsync(ip, ct) is { } refused)
        {
            return refused;
        }
        var hash = BearerToken.Hash((request.Link ?? "").Trim());
        if (await system.QuerySingleOrDefaultAsync<string?>(EmailSql, new { hash, now = time.GetUtcNow() }, ct) is not { } email)
        {
            return Errors.PasswordLinkOver;
        }
        if (Passwords.Problem(request.Password, email) is { } problem)
        {
            return Error.Invalid("password", problem);
        }
        var password = await passwords.HashAsync(request.Password!, ct);
        return await system.QuerySingleOrDefaultAsync<bool?>(UseSql, new { hash, password, ip, now = time.GetUtcNow() }, ct) == true ? true : Errors.PasswordLinkOver;
    }
}
