using System.Globalization;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>The expected failures of this module.</summary>
internal static class Errors
{
    internal static readonly Error SignInFailed = new("auth.failed", "The e-mail address or the password is not right.", 401);

    internal static readonly Error NoTenant = new("auth.no_tenant", "This account belongs to no workspace. Ask an owner to add you.", 403);

    internal static readonly Error WrongPassword = Error.Invalid("current", "This is not your current password.");

    internal static readonly Error AlreadyMember = new("member.exists", "This address is a member already.", 409)
    {
        Fields = new Dictionary<string, string[]> { ["email"] = ["This address is a member already."] },
    };

    internal static readonly Error HasAccount = new("member.has_account", "This address has an account on this instance already.", 409)
    {
        Fields = new Dictionary<string, string[]>
        {
            ["email"] = ["This address has an account on this instance already. Invite its owner instead: POST /v1/invitations."],
        },
    };

    internal static readonly Error SharedAccount = Error.Conflict("member.shared_account",
        "This account is used in other workspaces too, so none of them may reset its password. The operator of the machine can: parley operator reset.");

    /// <summary>The password was right; nothing else is told to whoever does not know it.</summary>
    internal static readonly Error SecondFactorNeeded = new("auth.second_factor_needed", "Give the code of your authenticator app, or a recovery code, as passcode.", 401);

    internal static readonly Error SecondFactorWrong = new("auth.second_factor_wrong", "This code is wrong or was used already. Wait for the next one, or use a recovery code.", 401)
    {
        Fields = new Dictionary<string, string[]> { ["passcode"] = ["This code is wrong or was used already. Wait for the next one, or use a recovery code."] },
    };

    internal static readonly Error GiveCode = Error.Invalid("passcode", "Give the code that your authenticator app shows.");

    internal static readonly Error SecondFactorThere = Error.Conflict("second_factor.exists", "You have a second factor already. Switch it off first to set up another.");

    internal static readonly Error SecondFactorNotBegun = Error.Conflict("second_factor.not_begun", "There is no second factor that waits for its first code. Begin with POST /v1/auth/second-factor.");

    internal static readonly Error NoSecondFactor = Error.Conflict("second_factor.none", "There is no second factor to change.");

    internal static readonly Error SecondFactorRequired = Error.Conflict("second_factor.required", "Your role needs a second factor, so it cannot be switched off.");

    internal static readonly Error OwnFactorFirst = Error.Conflict("second_factor.own_first", "Set up your own second factor first: your role is about to need one.");

    internal static readonly Error OwnAccountPage = Error.Conflict("member.oneself",
        "This is your own account. Change your password or your second factor on your account page, which asks for them.");

    internal static readonly Error MemberChanged = Error.Conflict("member.changed", "This member's role, or yours, was changed at the same moment. Look again, then try again.");

    internal static readonly Error OwnersLiftFactor = new("role.owner_only", "Only an owner takes the need of a second factor away.", 403);

    internal static readonly Error PasswordLinkOver = Error.Invalid("link", "This link was used already, was replaced by another, or is older than a day. Ask for a new one.");

    internal static readonly Error LastOwner = Error.Conflict("member.last_owner", "This is the last owner. Make another member an owner first.");

    internal static Error Locked(DateTimeOffset until, DateTimeOffset now)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling((until - now).TotalSeconds));
        return new("auth.locked", string.Create(CultureInfo.InvariantCulture,
            $"Too many wrong passwords. Try again in {Math.Max(1, (seconds + 59) / 60)} minutes."), 429) { RetryAfterSeconds = seconds };
    }

    internal static readonly Error BuiltInRole = Error.Conflict("role.built_in", "A built-in role keeps its name and its permissions. Make a role of your own instead.");

    internal static readonly Error TooManyRoles = Error.Conflict("role.too_many", "A workspace has 50 roles at most. Delete one that nobody has.");

    internal static Error RoleInUse(int members, int invitations) => Error.Conflict("role.in_use", string.Create(CultureInfo.InvariantCulture,
        $"This role is in use: {members} members, {invitations} invitations. Give them another one first."));

    internal static Error NoSuchRole(IEnumerable<string> known) =>
        Error.Invalid("role", "There is no such role. Choose one of: " + string.Join(", ", known) + ".");
}

/// <summary>Collects what is wrong with a request's fields.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, string[]> _fields = new(StringComparer.Ordinal);

    internal FieldErrors Add(string field, string? problem)
    {
        if (problem is not null)
        {
            _fields[field] = [problem];
        }
        return this;
    }

    internal Error? ToError() => _fields.Count == 0 ? null : Error.Invalid(_fields);
}

/// <summary>Rules for fields that several requests share.</summary>
internal static class Fields
{
    private const int MaxEmailLength = 254;

    /// <summary>Addresses are compared and stored in lower case.</summary>
    internal static string Email(string? email) => (email ?? "").Trim().ToLowerInvariant();

    internal static string? EmailProblem(string email)
    {
        var at = email.IndexOf('@', StringComparison.Ordinal);
        return email.Length is 0 or > MaxEmailLength || at < 1 || at == email.Length - 1 || at != email.LastIndexOf('@')
            || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? "Give an e-mail address such as ana@example.com."
            : null;
    }

    internal static string? NameProblem(string? name, int max) =>
        string.IsNullOrWhiteSpace(name) || name.Length > max || name.Any(char.IsControl)
            ? string.Create(CultureInfo.InvariantCulture, $"Give a name of 1 to {max} characters in one line.")
            : null;
}
