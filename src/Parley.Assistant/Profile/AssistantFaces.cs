using Parley.Assistant.Contracts;
using Parley.Conversations.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Assistant.Profile;

/// <summary>How assistants show themselves, by the profile in force.</summary>
internal sealed class AssistantFaces(ConfigurationStore configurations) : IAssistantFaces
{
    private static readonly AssistantProfile Shipped = new();

    public async Task<AssistantFace> ReadAsync(TenantSession session, Guid assistantId, string? locale)
    {
        var p = (await configurations.PublishedAsync<AssistantProfile>(session, AssistantProfile.Kind, assistantId))?.Body ?? Shipped;
        return new AssistantFace(p.Name, p.Tone, p.WelcomeIn(locale), p.QuestionsIn(locale), p.AvatarId, p.AvatarInitials, p.AvatarColor, p.OwnTexts(locale));
    }

    public Task<AssistantPicture?> PictureAsync(TenantSession session, Guid assistantId, Guid avatarId) => Avatars.ReadAsync(session, assistantId, avatarId);
}
