using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Platform.Authorization;

namespace Parley.Assistant.Profile;

/// <summary>The product's fixed texts in one language.</summary>
/// <param name="Language">Whose; English where the wanted one has none.</param>
/// <param name="Languages">All there are texts in.</param>
/// <param name="Tones">By tone, then by key.</param>
/// <param name="Handover">The same for what is told about a request for a person; <c>{position}</c>, <c>{when}</c> and <c>{agent}</c> are filled in when it is said.</param>
internal sealed record AssistantTextsView(
    string Language, IReadOnlyList<string> Languages, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Tones, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Handover);

/// <summary>Shows what the product says in each tone, so that whoever sets a tone sees what customers will read.</summary>
internal static class GetAssistantTexts
{
    private static readonly string[] Shown = [.. AssistantTexts.Keys, AssistantTexts.AskBack, AssistantTexts.HandingOver];

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/assistant/texts", (string? language) => TypedResults.Ok(Of(language))).WithName("GetAssistantTexts").RequirePermission(Permission.AssistantRead);

    internal static AssistantTextsView Of(string? language)
    {
        var all = AssistantTexts.All;
        var tag = all.LanguageOf(language);
        return new AssistantTextsView(tag, [.. all.Languages.Order(StringComparer.Ordinal)], ByTone(all, tag, Shown), ByTone(EscalationConfiguration.Texts, tag, EscalationConfiguration.Steps));
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> ByTone(LocalizedTexts texts, string tag, IReadOnlyList<string> keys) =>
        AssistantTone.All.ToDictionary(tone => tone, IReadOnlyDictionary<string, string> (tone) => keys.ToDictionary(key => key, key => texts.In(tone).Get(tag, key)));
}
