using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record ChangePasswordRequest(string? Current, string? Next);

/// <summary>Changes one's own password; every other session of the user ends.</summary>
internal sealed class ChangePassword(SystemDb db, SignInGate gate, Passwords passwords, TimeProvider time)
{
    private const string HashSql = "select user_password_hash(@id)";
    private const string SetSql = "select user_set_password(@id, @hash, false, @keep, @tenantId, 'user', @ip, @auditId, @now)";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/auth/password", async (ChangePasswordRequest request, Caller caller, ChangePassword handler, HttpContext http, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller, OwnSession.Current(http), ct)).ToNoContent())
            .WithName("ChangePassword").RequireUser();

    private async Task<Result<bool>> HandleAsync(ChangePasswordRequest request, Caller caller, SessionRow session, CancellationToken ct)
    {
        if (new FieldErrors()
                .Add("current", string.IsNullOrEmpty(request.Current) ? "Give your current password." : null)
                .Add("next", Passwords.Problem(request.Next, session.Email) ?? (request.Next == request.Current ? "Choose another one than the current." : null))
                .ToError() is { } invalid)
        {
            return invalid;
        }
        // A stolen session must not become an unlimited place to guess the password.
        if (await gate.TakeAsync(session.Email, caller.Ip, ct) is { } refused)
        {
            return refused;
        }
        var known = await db.QuerySingleOrDefaultAsync<string?>(HashSql, new { id = caller.Id }, ct);
        if (await passwords.VerifyAsync(known, request.Current!, ct) == PasswordVerificationResult.Failed)
        {
            return Errors.WrongPassword;
        }
        // Where there is a second factor, the password alone must not start the count of guesses at its code anew.
        if (!session.HasSecondFactor)
        {
            await gate.ClearAsync(session.Email, ct);
        }
        var now = time.GetUtcNow();
        await db.ExecuteAsync(SetSql, new
        {
            id = caller.Id, hash = await passwords.HashAsync(request.Next!, ct), keep = caller.SessionId,
            tenantId = caller.TenantId, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return true;
    }
}
