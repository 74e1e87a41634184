using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace Parley.Escalations.Contracts;

/// <summary>
/// Fixed texts by language, from a module's resources <c>texts/*.json</c>: flat objects of key and text with <c>{name}</c> places.
/// English is complete and stands in for languages and keys that are missing. <c>tones/TONE/*.json</c> say the same in another tone.
/// </summary>
public sealed class LocalizedTexts
{
    /// <summary>The language that has every text.</summary>
    public const string Fallback = "en";

    private readonly FrozenDictionary<string, FrozenDictionary<string, string>> _texts;
    private readonly FrozenDictionary<string, LocalizedTexts> _tones;

    private LocalizedTexts(FrozenDictionary<string, FrozenDictionary<string, string>> texts, FrozenDictionary<string, LocalizedTexts> tones) => (_texts, _tones) = (texts, tones);

    /// <summary>The languages there are texts in.</summary>
    public IReadOnlyCollection<string> Languages => _texts.Keys;

    /// <summary>The tones that differ from the plain texts.</summary>
    public IReadOnlyCollection<string> Tones => _tones.Keys;

    /// <summary>Reads an assembly's texts.</summary>
    public static LocalizedTexts Of(Assembly assembly)
    {
        var texts = Read(assembly, "texts/");
        var tones = assembly.GetManifestResourceNames().Where(n => n.StartsWith("tones/", StringComparison.Ordinal)).Select(n => n.Split('/')[1]).Distinct();
        return new LocalizedTexts(texts, tones.ToFrozenDictionary(t => t, t => new LocalizedTexts(Over(texts, Read(assembly, $"tones/{t}/")), FrozenDictionary<string, LocalizedTexts>.Empty)));
    }

    /// <summary>The same texts in a tone; what the tone does not say otherwise, and every unknown tone, is plain.</summary>
    public LocalizedTexts In(string? tone) => tone is not null && _tones.TryGetValue(tone, out var texts) ? texts : this;

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

    private static FrozenDictionary<string, FrozenDictionary<string, string>> Read(Assembly assembly, string prefix) =>
        assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            n => Path.GetFileNameWithoutExtension(n[prefix.Length..]),
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                return JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!.ToFrozenDictionary(StringComparer.Ordinal);
            });

    // A language that a tone lacks stays plain as a whole: no text mixes two ways of address.
    private static FrozenDictionary<string, FrozenDictionary<string, string>> Over(
        FrozenDictionary<string, FrozenDictionary<string, string>> plain, FrozenDictionary<string, FrozenDictionary<string, string>> tone) =>
        plain.ToFrozenDictionary(p => p.Key, p => tone.TryGetValue(p.Key, out var own)
            ? p.Value.Select(t => KeyValuePair.Create(t.Key, own.GetValueOrDefault(t.Key, t.Value))).ToFrozenDictionary(StringComparer.Ordinal) : p.Value);
}
