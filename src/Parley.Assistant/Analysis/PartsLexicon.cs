using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Parley.Assistant.Analysis;

/// <summary>How one language joins two questions in a sentence, from <c>Parts/*.json</c>. A language without a file joins none.</summary>
internal sealed class PartsLexicon
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    private static readonly FrozenDictionary<string, PartsLexicon> All = Load();

    private PartsLexicon(File file)
    {
        // \b does not know scripts without spaces; there a word may begin anywhere.
        var (before, after) = file.Spaceless ? ("", "") : (@"(?<![\p{L}\p{M}\p{N}'’])", @"(?![\p{L}\p{M}\p{N}])");
        var asks = string.Join('|', file.Asks);
        // Arabic writes "and" and the word after it as one.
        Joint = new Regex($@"[,;،؛，]?\s*{before}(?:{string.Join('|', file.And)}){(file.And.Contains("و") ? "" : after)}\s*", Options);
        Asks = new Regex($"{before}(?:{asks}){after}", Options);
        AsksFirst = file.Initial ? new Regex($@"^\W*(?:{asks}){after}", Options) : Asks;
        IsInitial = file.Initial;
        EndsAsking = new Regex($@"{before}(?:{asks})\W*$", Options);
        Apart = new Regex($"{before}(?:{string.Join('|', file.Apart)}){after}", Options);
    }

    /// <summary>"and", with a comma before it.</summary>
    internal Regex Joint { get; }

    /// <summary>A question word, or a verb before its subject.</summary>
    internal Regex Asks { get; }

    /// <summary>The clause asks: begins with a question word, in languages where it must.</summary>
    internal Regex AsksFirst { get; }

    /// <summary>Ends with a question word: where these may stand anywhere, two of them beside each other ask one thing ("how and when").</summary>
    internal Regex EndsAsking { get; }

    internal bool IsInitial { get; }

    /// <summary>Words that need both halves: "the difference between what … and what …".</summary>
    internal Regex Apart { get; }

    internal static PartsLexicon? For(string language) => All.GetValueOrDefault(language);

    private static FrozenDictionary<string, PartsLexicon> Load()
    {
        const string prefix = "parts/";
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            n => Path.GetFileNameWithoutExtension(n[prefix.Length..]),
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                return new PartsLexicon(JsonSerializer.Deserialize<File>(stream, JsonSerializerOptions.Web)!);
            },
            StringComparer.Ordinal);
    }

    private sealed record File
    {
        public bool Initial { get; init; }

        public bool Spaceless { get; init; }

        public IReadOnlyList<string> And { get; init; } = [];

        public IReadOnlyList<string> Asks { get; init; } = [];

        public IReadOnlyList<string> Apart { get; init; } = [];
    }
}
