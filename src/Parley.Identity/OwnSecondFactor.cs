using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>One's own second factor.</summary>
/// <param name="Required">The role asks for one: it cannot be switched off.</param>
internal sealed record SecondFactor(bool Enabled, DateTimeOffset? EnabledAt, bool Required, int RecoveryCodesLeft);

internal sealed record BeginSecondFactorRequest(string? Password);

/// <summary>Shown this once: <see cref="Secret"/> to type, <see cref="Uri"/> to scan.</summary>
internal sealed record NewSecondFactor(string Secret, string Uri);

internal sealed record SecondFactorCodeRequest(string? Passcode);

/// <summary>Shown this once.</summary>
internal sealed record NewRecoveryCodes(IReadOnlyList<string> Codes);

internal sealed record DisableSecondFactorRequest(string? Password, string? Passcode);

/// <summary>
/// Sets one's second factor up, gives new recovery codes, switches it off. A stolen session is not enough for any of it: the password, and
/// once it is in use a code, are asked for, and every try counts as one to sign in.
/// </summary>
internal sealed class OwnSecondFactor(SystemDb db, SecondFactors factors, RecoveryCodes recovery, SignInGate gate, Passwords passwords, TimeProvider time)
{
    private const string HashSql = "select user_password_hash(@id)";
    private const string BeginSql = "select second_factor_begin(@userId, @secret, @now)";
    private const string EnableSql = "select second_factor_enable(@userId, @secret, @step, @codes, @keep, @tenantId, @ip, @auditId, @now)";
    private const string ReplaceSql = "select recovery_codes_replace(@userId, @codes, @tenantId, @ip, @auditId, @now)";
    private const string DisableSql = "select second_factor_disable(@userId, @tenantId, @ip, @auditId, @now)";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/auth/second-factor", async (Caller caller, OwnSecondFactor handler, HttpContext http, CancellationToken ct) =>
                TypedResults.Ok(await handler.FindAsync(caller, OwnSession.Current(http), ct)))
            .WithName("GetSecondFactor").RequireUser();
        app.MapPost("/auth/second-factor", async (BeginSecondFactorRequest request, Caller caller, OwnSecondFactor handler, HttpContext http, CancellationToken ct) =>
                (await handler.BeginAsync(request, caller, OwnSession.Current(http).Email, ct)).ToHttp())
            .WithName("BeginSecondFactor").RequireUser();
        app.MapPost("/auth/second-factor/confirm", async (SecondFactorCodeRequest request, Caller caller, OwnSecondFactor handler, HttpContext http, CancellationToken ct) =>
                (await handler.ConfirmAsync(request, caller, OwnSession.Current(http).Email, ct)).ToHttp())
            .WithName("ConfirmSecondFactor").RequireUser();
        app.MapPost("/auth/second-factor/recovery-codes", async (SecondFactorCodeRequest request, Caller caller, OwnSecondFactor handler, HttpContext http, CancellationToken ct) =>
                (await handler.ReplaceCodesAsync(request, caller, OwnSession.Current(http).Email, ct)).ToHttp())
            .WithName("ReplaceRecoveryCodes").RequireUser();
        app.MapPost("/auth/second-factor/disable", async (DisableSecondFactorRequest request, Caller caller, OwnSecondFactor handler, HttpContext http, CancellationToken ct) =>
                (await handler.DisableAsync(request, caller, OwnSession.Current(http), ct)).ToNoContent())
            .WithName("DisableSecondFactor").RequireUser();
    }

    private async Task<SecondFactor> FindAsync(Caller caller, SessionRow session, CancellationToken ct) =>
        await factors.FindAsync(caller.Id, ct) is { EnabledAt: { } at } factor
            ? new SecondFactor(true, at, session.RequiresSecondFactor, factor.RecoveryCodes)
            : new SecondFactor(false, null, session.RequiresSecondFactor, 0);

    private async Task<Result<NewSecondFactor>> BeginAsync(BeginSecondFactorRequest request, Caller caller, string email, CancellationToken ct)
    {
        if (await CheckPasswordAsync(request.Password, caller, email, ct) is { } refused)
        {
            return refused;
        }
        var secret = Totp.NewSecret();
        if (!await db.QuerySingleOrDefaultAsync<bool>(BeginSql, new { userId = caller.Id, secret = factors.Seal(caller.Id, secret), now = time.GetUtcNow() }, ct))
        {
            // The count is kept: the password alone must not start it anew between two guesses at the code.
            return Errors.SecondFactorThere;
        }
        await gate.ClearAsync(email, ct);
        return new NewSecondFactor(Totp.ToBase32(secret), Totp.Uri(email, secret));
    }

    private async Task<Result<NewRecoveryCodes>> ConfirmAsync(SecondFactorCodeRequest request, Caller caller, string email, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(request.Passcode))
        {
            return Errors.GiveCode;
        }
        if (await factors.FindAsync(caller.Id, ct) is not { EnabledAt: null } factor)
        {
            return Errors.SecondFactorNotBegun;
        }
        if (await gate.TakeAsync(email, caller.Ip, ct) is { } refused)
        {
            return refused;
        }
        if (factors.StepOf(caller.Id, factor, request.Passcode) is not { } step)
        {
            return Error.Invalid("passcode", "This is not the code that the app shows now. Is the clock of the device right?");
        }
        await gate.ClearAsync(email, ct);
        var codes = Identity.RecoveryCodes.Generate();
        var now = time.GetUtcNow();
        return await db.QuerySingleOrDefaultAsync<bool>(EnableSql, new
        {
            userId = caller.Id, factor.Secret, step, codes = HashesOf(caller.Id, codes), keep = caller.SessionId, tenantId = caller.TenantId, ip = caller.Ip,
            auditId = Guid.CreateVersion7(now), now,
        }, ct) ? new NewRecoveryCodes(codes) : Errors.SecondFactorNotBegun;
    }

    private async Task<Result<NewRecoveryCodes>> ReplaceCodesAsync(SecondFactorCodeRequest request, Caller caller, string email, CancellationToken ct)
    {
        if (await CheckCodeAsync(request.Passcode, caller, email, ct) is { } refused)
        {
            return refused;
        }
        await gate.ClearAsync(email, ct);
        var codes = Identity.RecoveryCodes.Generate();
        var now = time.GetUtcNow();
        await db.ExecuteAsync(ReplaceSql, new
        {
            userId = caller.Id, codes = HashesOf(caller.Id, codes), tenantId = caller.TenantId, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        return new NewRecoveryCodes(codes);
    }

    private async Task<Result<bool>> DisableAsync(DisableSecondFactorRequest request, Caller caller, SessionRow session, CancellationToken ct)
    {
        if (session.RequiresSecondFactor)
        {
            return Errors.SecondFactorRequired;
        }
        if (await CheckPasswordAsync(request.Password, caller, session.Email, ct) is { } wrong)
        {
            return wrong;
        }
        if (await CheckCodeAsync(request.Passcode, caller, session.Email, ct) is { } refused)
        {
            return refused;
        }
        await gate.ClearAsync(session.Email, ct);
        var now = time.GetUtcNow();
        return await db.QuerySingleOrDefaultAsync<bool>(DisableSql, new { userId = caller.Id, tenantId = caller.TenantId, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now }, ct)
            ? true
            : Errors.NoSecondFactor;
    }

    private async Task<Error?> CheckPasswordAsync(string? password, Caller caller, string email, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(password))
        {
            return Error.Invalid("password", "Give your password.");
        }
        if (await gate.TakeAsync(email, caller.Ip, ct) is { } refused)
        {
            return refused;
        }
        var hash = await db.QuerySingleOrDefaultAsync<string?>(HashSql, new { id = caller.Id }, ct);
        return await passwords.VerifyAsync(hash, password, ct) == PasswordVerificationResult.Failed ? Error.Invalid("password", "This is not your password.") : null;
    }

    private async Task<Error?> CheckCodeAsync(string? code, Caller caller, string email, CancellationToken ct)
    {
        if (await factors.FindAsync(caller.Id, ct) is not { EnabledAt: not null } factor)
        {
            return Errors.NoSecondFactor;
        }
        if (string.IsNullOrWhiteSpace(code))
        {
            return Errors.GiveCode;
        }
        if (await gate.TakeAsync(email, caller.Ip, ct) is { } refused)
        {
            return refused;
        }
        return await factors.TakeAsync(caller.Id, factor, code, caller.Ip, ct) ? null : Error.Invalid("passcode", "This code is wrong or was used already. Wait for the next one.");
    }

    private byte[][] HashesOf(Guid userId, IReadOnlyList<string> codes) => [.. codes.Select(code => recovery.Hash(userId, code))];
}
