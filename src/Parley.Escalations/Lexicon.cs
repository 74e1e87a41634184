using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace Parley.Escalations;

/// <summary>The built-in words of one language, from <c>Lexicon/*.json</c>.</summary>
internal sealed class Lexicon
{
    private static readonly FrozenDictionary<string, Lexicon> All = Load();

    private Lexicon(File file)
    {
        FirstPerson = new PhraseSet(file.FirstPerson);
        Hypothetical = new PhraseSet(file.Hypothetical);
        ClauseBreaks = file.ClauseBreaks.ToFrozenSet(StringComparer.Ordinal);
        Disputes = new PhraseSet(file.Disputes);
        Topics = file.Topics.ToFrozenDictionary(t => t.Key, t => new TopicWords(t.Key, new PhraseSet(t.Value.Words), new PhraseSet(t.Value.Problems), new PhraseSet(t.Value.Reports)));
    }

    /// <summary>I, my, we, us …</summary>
    internal PhraseSet FirstPerson { get; }

    /// <summary>How a clause opens that only asks or supposes: what follows is not reported.</summary>
    internal PhraseSet Hypothetical { get; }

    /// <summary>Words at which a new clause begins.</summary>
    internal FrozenSet<string> ClauseBreaks { get; }

    /// <summary>Words that dispute an amount.</summary>
    internal PhraseSet Disputes { get; }

    /// <summary>By topic.</summary>
    internal FrozenDictionary<string, TopicWords> Topics { get; }

    /// <summary>The languages there are words for.</summary>
    internal static IReadOnlyCollection<string> Languages => All.Keys;

    /// <summary>The language's words and the English ones, which customers of every language mix in; all where the language is not known.</summary>
    internal static IEnumerable<Lexicon> For(string? language)
    {
        if (language is null || !All.TryGetValue(language, out var own))
        {
            return language is null ? All.Values : [All["en"]];
        }
        return language == "en" ? [own] : [own, All["en"]];
    }

    private static FrozenDictionary<string, Lexicon> Load()
    {
        const string prefix = "lexicon/";
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            n => Path.GetFileNameWithoutExtension(n[prefix.Length..]),
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                return new Lexicon(JsonSerializer.Deserialize<File>(stream, JsonSerializerOptions.Web)!);
            });
    }

    /// <summary>The words of one topic.</summary>
    /// <param name="Name">As in the rules.</param>
    /// <param name="Mentions">The message is about it.</param>
    /// <param name="Problems">With a first person: it reports a problem with the customer's own account.</param>
    /// <param name="Reports">It does so without one.</param>
    internal sealed record TopicWords(string Name, PhraseSet Mentions, PhraseSet Problems, PhraseSet Reports);

    private sealed record File
    {
        public IReadOnlyList<string> FirstPerson { get; init; } = [];

        public IReadOnlyList<string> Hypothetical { get; init; } = [];

        public IReadOnlyList<string> ClauseBreaks { get; init; } = [];

        public IReadOnlyList<string> Disputes { get; init; } = [];

        public Dictionary<string, Topic> Topics { get; init; } = [];
    }

    private sealed record Topic
    {
        public IReadOnlyList<string> Words { get; init; } = [];

        public IReadOnlyList<string> Problems { get; init; } = [];

        public IReadOnlyList<string> Reports { get; init; } = [];
    }
}
