using Parley.Escalations;

namespace Parley.Assistant;

/// <summary>"Yes, please": the whole message accepts what was offered just before.</summary>
internal static class Affirmation
{
    private static readonly Dictionary<string, HashSet<string>> Known = AssistantTexts.All.Languages.ToDictionary(
        language => language, language => AssistantTexts.All.Get(language, AssistantTexts.Affirmations).Split('|').Select(Normal).ToHashSet(StringComparer.Ordinal));

    internal static bool Is(string message, string language)
    {
        var words = Normal(message);
        return Known[AssistantTexts.All.LanguageOf(language)].Contains(words) || Known["en"].Contains(words);
    }

    private static string Normal(string text) => string.Join(' ', PhraseSet.Words(text));
}
