using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>How assistants show themselves to customers. Implemented by the Assistant module: calls go down, so the interface lives here.</summary>
public interface IAssistantFaces
{
    /// <summary>By the profile in force.</summary>
    /// <param name="session">The reader's transaction.</param>
    /// <param name="assistantId">Whose; an unknown one has the face of one that nobody has changed.</param>
    /// <param name="locale">Language tag of the customer; null: not known.</param>
    Task<AssistantFace> ReadAsync(TenantSession session, Guid assistantId, string? locale);

    /// <summary>An assistant's picture; null: there is none with this id.</summary>
    Task<AssistantPicture?> PictureAsync(TenantSession session, Guid assistantId, Guid avatarId);
}

/// <summary>What customers see of an assistant.</summary>
/// <param name="Name">Empty: the name it was made with.</param>
/// <param name="Tone">One of <see cref="AssistantTone"/>.</param>
/// <param name="Welcome">First words of an empty conversation, in the customer's language.</param>
/// <param name="SuggestedQuestions">Offered in an empty conversation; may be none.</param>
/// <param name="AvatarId">Its picture; null: initials on a colour.</param>
/// <param name="AvatarInitials">One or two letters; empty: of its name.</param>
/// <param name="AvatarColor">#rrggbb; empty: the widget's.</param>
/// <param name="Texts">The assistant's own words for fixed texts in the customer's language, by key, of whichever module; may be none.</param>
public sealed record AssistantFace(
    string Name, string Tone, string Welcome, IReadOnlyList<string> SuggestedQuestions, Guid? AvatarId, string AvatarInitials, string AvatarColor, IReadOnlyDictionary<string, string> Texts);

/// <summary>A picture that was checked when it was taken in.</summary>
public sealed record AssistantPicture
{
    /// <summary>image/png or image/jpeg.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>The file.</summary>
    public byte[] Content { get; init; } = [];

    /// <summary>As an answer that can be nothing but a picture, on pages of this origin. A picture never changes under its address.</summary>
    public FileContentHttpResult Show(HttpContext http)
    {
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        http.Response.Headers.ContentDisposition = "inline; filename=\"avatar\"";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        http.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return TypedResults.Bytes(Content, MediaType);
    }
}

/// <summary>In which tone the fixed texts are said. The names are stored.</summary>
public static class AssistantTone
{
    /// <summary>Formal where a language knows formal address: the plain texts.</summary>
    public const string Professional = "professional";

    /// <summary>Informal and warm.</summary>
    public const string Friendly = "friendly";

    /// <summary>Terse and exact.</summary>
    public const string Technical = "technical";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Professional, Friendly, Technical];
}
