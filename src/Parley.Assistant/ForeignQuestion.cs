using System.Collections.Frozen;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant;

/// <summary>A question in a language that no document is in, of which most could not be matched. Pure.</summary>
/// <param name="Own">The question's language, as it calls itself.</param>
/// <param name="Documentation">The documents', as they call themselves.</param>
/// <param name="Words">What no document holds, as the customer wrote it; empty in scripts without spaces.</param>
internal sealed record ForeignQuestion(string Own, string Documentation, IReadOnlyList<string> Words)
{
    /// <summary>A name or an acronym is a word of every language: so much of the question at least must be unknown.</summary>
    private const double UnknownFrom = .5;

    private const int MostWords = 6;
    private const int MostLanguages = 3;

    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["ar"] = "العربية", ["bg"] = "български", ["cs"] = "čeština", ["da"] = "dansk", ["de"] = "Deutsch", ["el"] = "Ελληνικά", ["en"] = "English", ["es"] = "español", ["fa"] = "فارسی",
        ["fi"] = "suomi", ["fr"] = "français", ["he"] = "עברית", ["hi"] = "हिन्दी", ["hu"] = "magyar", ["id"] = "Bahasa Indonesia", ["it"] = "italiano", ["ja"] = "日本語", ["ko"] = "한국어",
        ["nl"] = "Nederlands", ["no"] = "norsk", ["pl"] = "polski", ["pt"] = "português", ["ro"] = "română", ["ru"] = "русский", ["sv"] = "svenska", ["th"] = "ไทย", ["tr"] = "Türkçe",
        ["uk"] = "українська", ["vi"] = "Tiếng Việt", ["zh"] = "中文",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Spaceless = FrozenSet.ToFrozenSet(["zh", "ja", "ko", "th"], StringComparer.Ordinal);

    /// <summary>"the", "how" and their kind say nothing about what was missed.</summary>
    private static bool IsFunctionWord(string word, string language) =>
        Analysis.AnalysisLexicon.All.GetValueOrDefault(language)?.FunctionWords.Contains(word.ToLowerInvariant()) == true;

    /// <summary>Null: the documentation is in the question's language, or the question was understood, or either language is not known.</summary>
    internal static ForeignQuestion? Of(string language, RetrievalResult found)
    {
        if (found.Languages.Count == 0 || found.Languages.Contains(language) || !Names.TryGetValue(language, out var own)
            || found.Terms.Where(t => !t.Known).Sum(t => t.Weight) < UnknownFrom || found.Languages.Take(MostLanguages).Where(Names.ContainsKey).ToList() is not { Count: > 0 } known)
        {
            return null;
        }
        return new ForeignQuestion(own, string.Join(", ", known.Select(l => Names[l])), Spaceless.Contains(language) ? [] : [.. found.MissingTerms.Where(w => !IsFunctionWord(w, language)).Take(MostWords)]);
    }
}
