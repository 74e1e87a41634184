using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace Parley.Escalations.Contracts;

/// <summary>
/// Fixed texts by language, from a module's resources <c>texts/*.json</c>: flat objects of key and text with <c>{name}</c> places.
/// English is complete and stands in for languages and keys that are missing.
/// </summary>
public sealed class LocalizedTexts
{
    /// <summary>The language that has every text.</summary>
    public const string Fallback = "en";

    private readonly FrozenDictionary<string, FrozenDictionary<string, string>> _texts;

    private LocalizedTexts(FrozenDictionary<string, FrozenDictionary<string, string>> texts) => _texts = texts;

    /// <summary>The languages there are texts in.</summary>
    public IReadOnlyCollection<string> Languages => _texts.Keys;

    /// <summary>Reads an assembly's texts.</summary>
    public static LocalizedTexts Of(Assembly assembly)
    {
        const string prefix = "texts/";
        return new LocalizedTexts(assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            n => Path.GetFileNameWithoutExtension(n[prefix.Length..]),
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                return JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!.ToFrozenDictionary(StringComparer.Ordinal);
            }));
    }

    /// <summary>The text's language for a tag: <c>de-AT</c> → <c>de</c>; English where there is none.</summary>
    public string LanguageOf(string? tag)
    {
        var language = tag?.Split('-', '_')[0].ToLowerInvariant();
        return language is not null && _texts.ContainsKey(language) ? language : Fallback;
    }

    /// <summary>A text with its places filled in; throws on a key that English does not have.</summary>
    /// <param name="tag">Language tag of the customer; null: English.</param>
    /// <param name="key">Which text.</param>
    /// <param name="places">Name and value of each place.</param>
    public string Get(string? tag, string key, params ReadOnlySpan<(string Name, string Value)> places)
    {
        var text = _texts[LanguageOf(tag)].GetValueOrDefault(key) ?? _texts[Fallback][key];
        foreach (var (name, value) in places)
        {
            text = text.Replace("{" + name + "}", value, StringComparison.Ordinal);
        }
        return text;
    }
}
