using System.Collections.Frozen;
using Parley.Platform.Authorization;
using Parley.Platform.Errors;

namespace Parley.Identity;

/// <summary>Who may give which role to whom.</summary>
internal static class RoleRules
{
    internal const string Owner = "owner";

    /// <summary>A built-in role's permissions come from the catalogue in code, a custom one's from its row; what is not in the catalogue is nothing.</summary>
    internal static FrozenSet<string> PermissionsOf(string role, IEnumerable<string>? custom) =>
        Permission.BuiltInRoles.TryGetValue(role, out var builtIn) ? builtIn : (custom ?? []).Where(Permission.All.Contains).ToFrozenSet();

    /// <summary>Holds all that an owner holds: an owner, a key with every scope, the operator.</summary>
    internal static bool IsOwner(Caller caller) => Permission.BuiltInRoles[Owner].IsSubsetOf(caller.Permissions);

    /// <summary>Nobody hands out, takes away or replaces more than they hold themselves.</summary>
    internal static Error? MayHandle(Caller caller, FrozenSet<string> permissions) =>
        permissions.IsSubsetOf(caller.Permissions)
            ? null
            : new Error("role.exceeds_yours", "This role holds permissions that you do not hold: "
                + string.Join(", ", permissions.Except(caller.Permissions).Order(StringComparer.Ordinal)) + ".", 403);
}
