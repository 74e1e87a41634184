using Microsoft.AspNetCore.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity.Workspaces;

/// <summary>What an owner gives before something that nothing brings back.</summary>
/// <param name="Confirm">The workspace's name.</param>
/// <param name="Password">One's own.</param>
/// <param name="Passcode">Of the authenticator app, or a recovery code, where one has a second factor.</param>
public sealed record ConfirmedRequest(string? Confirm, string? Password = null, string? Passcode = null);

/// <summary>
/// Makes sure that it is an owner who wants it, and means this workspace: a stolen session is not enough. The operator's command line needs no
/// password: who can start it can read the database.
/// </summary>
public sealed class OwnerConfirmation
{
    private const string NameSql = "select name from tenants";
    private const string WhoSql = "select u.email, m.role from memberships m join users u on u.id = m.user_id where m.tenant_id = @tenantId and m.user_id = @userId";
    private const string HashSql = "select user_password_hash(@id)";

    private static readonly Error OwnersOnly = new("workspace.owner_only", "Only an owner who is signed in can do this.", 403);

    private readonly TenantDb _db;
    private readonly SystemDb _system;
    private readonly SignInGate _gate;
    private readonly Passwords _passwords;
    private readonly SecondFactors _factors;

    internal OwnerConfirmation(TenantDb db, SystemDb system, SignInGate gate, Passwords passwords, SecondFactors factors) =>
        (_db, _system, _gate, _passwords, _factors) = (db, system, gate, passwords, factors);

    /// <summary>Null: go on.</summary>
    public async Task<Error?> CheckAsync(Caller caller, ConfirmedRequest request, CancellationToken ct)
    {
        var (name, who) = await _db.InTransactionAsync(caller.TenantId, async s =>
            (await s.QuerySingleAsync<string>(NameSql), await s.QuerySingleOrDefaultAsync<Who>(WhoSql, new { tenantId = s.TenantId, userId = caller.Id })), ct);
        if (caller.Kind != CallerKind.Operator && (caller.Kind != CallerKind.User || who?.Role != "owner"))
        {
            return OwnersOnly;
        }
        if (request.Confirm?.Trim() != name)
        {
            return Error.Invalid("confirm", $"Type the workspace's name exactly as it is: {name}");
        }
        return caller.Kind == CallerKind.Operator ? null : await CheckPersonAsync(caller, who!.Email, request, ct);
    }

    private async Task<Error?> CheckPersonAsync(Caller caller, string email, ConfirmedRequest request, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(request.Password))
        {
            return Error.Invalid("password", "Give your password.");
        }
        if (await _gate.TakeAsync(email, caller.Ip, ct) is { } locked)
        {
            return locked;
        }
        var hash = await _system.QuerySingleOrDefaultAsync<string?>(HashSql, new { id = caller.Id }, ct);
        if (await _passwords.VerifyAsync(hash, request.Password, ct) == PasswordVerificationResult.Failed)
        {
            return Error.Invalid("password", "This is not your password.");
        }
        if (await _factors.FindAsync(caller.Id, ct) is { EnabledAt: not null } factor)
        {
            if (string.IsNullOrWhiteSpace(request.Passcode))
            {
                return Errors.GiveCode;
            }
            if (!await _factors.TakeAsync(caller.Id, factor, request.Passcode, caller.Ip, ct))
            {
                return Error.Invalid("passcode", "This code is wrong or was used already. Wait for the next one.");
            }
        }
        await _gate.ClearAsync(email, ct);
        return null;
    }

    private sealed record Who
    {
        public string Email { get; init; } = "";
        public string Role { get; init; } = "";
    }
}
