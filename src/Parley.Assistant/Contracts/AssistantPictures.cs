using Parley.Assistant.Profile;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Assistant.Contracts;

/// <summary>For whoever saves a profile: what only the database can tell of it.</summary>
public static class AssistantPictures
{
    /// <summary>What is wrong: the profile names a picture that this assistant does not have. Null: nothing.</summary>
    /// <param name="session">The transaction that saves.</param>
    /// <param name="assistantId">Whose.</param>
    /// <param name="profile">To be saved.</param>
    /// <param name="prefix">Of the profile in the request.</param>
    public static async Task<Error?> CheckAsync(TenantSession session, Guid assistantId, AssistantProfile profile, string prefix = "") =>
        profile.AvatarId is not { } avatarId || await session.QuerySingleAsync<bool>(Avatars.KnownSql, new { tenantId = session.TenantId, assistantId, avatarId })
            ? null : Error.Invalid(prefix + "avatarId", "This assistant has no such picture. Take it in first.");
}
