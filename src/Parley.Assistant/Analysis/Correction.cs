using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Escalations;

namespace Parley.Assistant.Analysis;

/// <summary>"No, I meant the CLI", "not the dashboard, the CLI": what a message puts in place of something that was asked before.</summary>
/// <param name="New">In the customer's words.</param>
/// <param name="Old">What it replaces; null where the message does not say.</param>
internal sealed record Correction(string New, string? Old)
{
    /// <summary>A longer message says more than what was meant.</summary>
    private const int MostWords = 16;

    /// <summary>"No, the CLI": so short a refusal names what is wanted instead.</summary>
    private const int BareWords = 4;

    private static readonly FrozenDictionary<string, Patterns> All = Load();

    /// <summary>Null: the message corrects nothing.</summary>
    internal static Correction? Of(string message, string language)
    {
        var text = message.Trim();
        if (PhraseSet.Words(text).Count is 0 or > MostWords)
            return null;
        // "I meant" is long enough not to mean something else in another language; "no" and "not" are not.
        var own = All.GetValueOrDefault(language) is { } found ? found.Refusals.Concat(All["en"].Refusals) : All["en"].Refusals;
        foreach (var pattern in All.Values.SelectMany(p => p.Meant).Concat(own))
        {
            if (pattern.Match(text) is { Success: true } match && Subject(match.Groups["new"].Value) is { } put)
                return new Correction(put, Subject(match.Groups["old"].Value));
        }
        return null;
    }

    /// <summary>The earlier question with the new in the place of the old, or behind it.</summary>
    internal string Apply(string question)
    {
        if (Old is not null && Place(question) is { } place)
            return string.Concat(question.AsSpan(0, place.Start.Value), New, question.AsSpan(place.End.Value));
        return question.TrimEnd('?', '？', '؟', '.', '!', ' ', ';') + " " + New;
    }

    /// <summary>Where the question speaks of what is replaced: the words as they are, an article apart.</summary>
    private Range? Place(string question)
    {
        for (var words = Old!.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList(); words.Count > 0; words.RemoveAt(0))
        {
            var at = question.IndexOf(string.Join(' ', words), StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && QuestionParts.HasSubject(string.Join(' ', words)))
                return at..(at + string.Join(' ', words).Length);
        }
        return null;
    }

    private static string? Subject(string text)
    {
        text = text.Trim(' ', ',', ';', ':', '.', '!', '?', '"', '“', '”', '„', '«', '»', '–', '—', '-', '，', '。', '、', '？', '！', '؟', '،');
        return text.Length > 0 && QuestionParts.HasSubject(text) ? text : null;
    }

    private static FrozenDictionary<string, Patterns> Load()
    {
        const string prefix = "corrections/";
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            n => Path.GetFileNameWithoutExtension(n[prefix.Length..]),
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                return new Patterns(JsonSerializer.Deserialize<File>(stream, JsonSerializerOptions.Web)!);
            },
            StringComparer.Ordinal);
    }

    private sealed class Patterns
    {
        internal Patterns(File file)
        {
            var space = file.Spaceless ? @"[\s\p{P}]*" : @"[\s\p{P}]+";
            var (no, not, but, meant) = ($"(?:{string.Join('|', file.No)})", $"(?:{string.Join('|', file.Not)})", $"(?:{string.Join('|', file.But)})", $"(?:{string.Join('|', file.Meant)})");
            var refusal = $"^(?:{no}{space})*";
            string[] says = file.After
                ? [$"{refusal}(?<new>.+?){space}{meant}\\W*$"]
                : [$"{refusal}{meant}{space}(?<new>.+?){space}{not}{space}(?<old>.+)$", $"{refusal}{meant}{space}(?<new>.+)$"];
            string[] refuses = file.After
                ? [$"{refusal}(?<old>.+?){space}{not}{space}(?:{but}{space})?(?<new>.+)$"]
                :
                [
                    $"{refusal}{not}{space}(?<old>.+?)(?:\\s*[,;:–—，、،]\\s*(?:{but}{space})?|{space}{but}{space})(?<new>.+)$",
                    $"^(?:{no}\\s*[,;:–—，、،.]\\s*)(?<new>.+?)\\s*[,;:–—，、،]\\s*{not}{space}(?<old>.+)$",
                ];
            var bare = file.Spaceless ? "" : $@"^{no}\s*[,;:–—،]\s*(?<new>\S+(?:\s+\S+){{0,{BareWords - 1}}})$";
            (Meant, Refusals) = (Compile(says), Compile([.. refuses, bare]));
        }

        internal IReadOnlyList<Regex> Meant { get; }

        internal IReadOnlyList<Regex> Refusals { get; }

        private static List<Regex> Compile(string[] forms) =>
            [.. forms.Where(f => f.Length > 0).Select(f => new Regex(f, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase))];
    }

    private sealed record File
    {
        public IReadOnlyList<string> No { get; init; } = [];

        public IReadOnlyList<string> Not { get; init; } = [];

        public IReadOnlyList<string> But { get; init; } = [];

        public IReadOnlyList<string> Meant { get; init; } = [];

        /// <summary>"… I meant" stands behind what was meant.</summary>
        public bool After { get; init; }

        public bool Spaceless { get; init; }
    }
}
