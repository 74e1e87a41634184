using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <param name="Email">The account's address.</param>
/// <param name="Password">Its password.</param>
/// <param name="Passcode">Of the authenticator, or a recovery code; asked for with <c>auth.second_factor_needed</c>.</param>
internal sealed record SignInRequest(string? Email, string? Password, string? Passcode);

/// <summary>Signs a person in with e-mail address, password and, where the account has one, the second factor. Known and unknown addresses take the same time and get the same answers.</summary>
internal sealed class SignIn(SystemDb db, SignInGate gate, Passwords passwords, SecondFactors factors, Sessions sessions, SessionViews views, ILogger<SignIn> logger)
{
    private const string UserSql = "select id, password_hash from user_by_email(@email)";
    private const string RehashSql = "select user_rehash(@id, @old, @new)";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/auth/sign-in", async (SignInRequest request, SignIn handler, HttpContext http, CancellationToken ct) =>
                (await handler.HandleAsync(request, http, ct)).ToHttp())
            .WithName("SignIn").AllowPublic();

    internal async Task<Result<Session>> HandleAsync(SignInRequest request, HttpContext http, CancellationToken ct)
    {
        var email = Fields.Email(request.Email);
        if (new FieldErrors().Add("email", Fields.EmailProblem(email))
                .Add("password", string.IsNullOrEmpty(request.Password) ? "Give your password." : null)
                .Add("passcode", request.Passcode?.Contains('\0') == true ? "Do not use the character U+0000." : null).ToError() is { } invalid)
        {
            return invalid;
        }
        if (await gate.TakeAsync(email, Bearer.IpOf(http), ct) is { } refused)
        {
            return refused;
        }
        var user = await db.QuerySingleOrDefaultAsync<UserRow>(UserSql, new { email }, ct);
        var verified = await passwords.VerifyAsync(user?.PasswordHash, request.Password!, ct);
        if (user is null || verified == PasswordVerificationResult.Failed)
        {
            Log.SignInFailed(logger);
            return Errors.SignInFailed;
        }
        // The count of tries is kept until the code is right, too: who knows the password has as few guesses at the code.
        if (!(await factors.CheckAsync(user.Id, request.Passcode, Bearer.IpOf(http), ct)).TryGet(out var withFactor, out var lacking))
        {
            Log.SignInFailed(logger);
            return lacking;
        }
        await gate.ClearAsync(email, ct);
        if (verified == PasswordVerificationResult.SuccessRehashNeeded)
        {
            await db.ExecuteAsync(RehashSql, new { user.Id, old = user.PasswordHash, @new = await passwords.HashAsync(request.Password!, ct) }, ct);
        }
        return await OpenAsync(user.Id, withFactor, http, ct);
    }

    private async Task<Result<Session>> OpenAsync(Guid userId, bool withFactor, HttpContext http, CancellationToken ct)
    {
        // The session that the browser brought ends, so that nobody keeps a handle on it.
        if (http.Features.Get<SessionRow>() is { } previous)
        {
            await sessions.RevokeAsync(previous.SessionId, previous.ToCaller(), ct);
        }
        var token = await sessions.OpenAsync(userId, withFactor, Bearer.IpOf(http), http.Request.Headers.UserAgent, ct);
        if (token is null || await sessions.FindAsync(token, ct) is not { } session)
        {
            // A second factor may have been switched on since it was looked for.
            return !withFactor && (await factors.CheckAsync(userId, null, Bearer.IpOf(http), ct)).Error is { } lacking ? lacking : Errors.NoTenant;
        }
        SessionCookie.Write(http, token, sessions.Lifetime);
        return await views.OfAsync(session, ct);
    }

    private sealed record UserRow
    {
        public Guid Id { get; init; }
        public string? PasswordHash { get; init; }
    }
}
