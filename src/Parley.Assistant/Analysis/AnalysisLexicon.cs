using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using Parley.Escalations;

namespace Parley.Assistant.Analysis;

/// <summary>What the analyser knows of one language, from <c>Lexicon/*.json</c>.</summary>
internal sealed class AnalysisLexicon
{
    internal static readonly FrozenDictionary<string, AnalysisLexicon> All = Load();

    private AnalysisLexicon(string language, File file)
    {
        Language = language;
        Greeting = new PhraseSet(file.Greeting);
        Thanks = new PhraseSet(file.Thanks);
        Goodbye = new PhraseSet(file.Goodbye);
        Chat = new PhraseSet(file.Chat);
        Vague = new PhraseSet(file.Vague);
        Vaguenesses = [.. file.Vague.SelectMany(PhraseSet.Expand).Concat(file.VagueFiller)];
        VagueWords = Vaguenesses.SelectMany(v => PhraseSet.Words(v)).Concat(CourtesyWordsOf(file)).ToFrozenSet(StringComparer.Ordinal);
        Person = new PhraseSet(file.Person);
        PersonDeclined = new PhraseSet(file.PersonDeclined);
        Positive = new PhraseSet(file.Positive);
        Negative = new PhraseSet(file.Negative);
        Strong = [.. file.Strong.Select(s => new PhraseSet([s]))];
        FunctionWords = file.Words.ToFrozenSet(StringComparer.Ordinal);
        Courtesies = [.. CourtesiesOf(file)];
        CourtesyWords = CourtesyWordsOf(file).ToFrozenSet(StringComparer.Ordinal);
        TellTale = file.Greeting.Concat(file.Thanks).Concat(file.Goodbye).SelectMany(PhraseSet.Expand).SelectMany(p => p.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(w => w.ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal);
    }

    internal string Language { get; }

    internal PhraseSet Greeting { get; }

    internal PhraseSet Thanks { get; }

    internal PhraseSet Goodbye { get; }

    internal PhraseSet Chat { get; }

    /// <summary>Reports a trouble or asks for help without saying with what.</summary>
    internal PhraseSet Vague { get; }

    /// <summary>The phrases of <see cref="Vague"/> and what goes with them, every alternative written out.</summary>
    internal IReadOnlyList<string> Vaguenesses { get; }

    /// <summary>Words that such a message is made of, courtesies among them, folded.</summary>
    internal FrozenSet<string> VagueWords { get; }

    /// <summary>Asks for a person.</summary>
    internal PhraseSet Person { get; }

    /// <summary>Speaks of talking to people without asking for it.</summary>
    internal PhraseSet PersonDeclined { get; }

    internal PhraseSet Positive { get; }

    internal PhraseSet Negative { get; }

    /// <summary>Each strong word by itself, so that they can be counted.</summary>
    internal IReadOnlyList<PhraseSet> Strong { get; }

    /// <summary>Frequent words as written, for telling languages apart.</summary>
    internal FrozenSet<string> FunctionWords { get; }

    /// <summary>Words of greetings and thanks as written: a message may hold nothing else.</summary>
    internal FrozenSet<string> TellTale { get; }

    /// <summary>Small talk, every alternative written out.</summary>
    internal IReadOnlyList<string> Courtesies { get; }

    /// <summary>Words that small talk is made of, folded.</summary>
    internal FrozenSet<string> CourtesyWords { get; }

    /// <summary>The language's own and the English one, which customers of every language mix in.</summary>
    internal static IEnumerable<AnalysisLexicon> For(string language) =>
        !All.TryGetValue(language, out var own) || language == "en" ? [All["en"]] : [own, All["en"]];

    private static IEnumerable<string> CourtesiesOf(File file) =>
        file.Greeting.Concat(file.Thanks).Concat(file.Goodbye).Concat(file.Chat).SelectMany(PhraseSet.Expand).Concat(file.Filler);

    private static IEnumerable<string> CourtesyWordsOf(File file) => CourtesiesOf(file).SelectMany(c => PhraseSet.Words(c));

    private static FrozenDictionary<string, AnalysisLexicon> Load()
    {
        const string Prefix = "analysis/";
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            return new AnalysisLexicon(Path.GetFileNameWithoutExtension(name[Prefix.Length..]), JsonSerializer.Deserialize<File>(stream, JsonSerializerOptions.Web)!);
        }).ToFrozenDictionary(l => l.Language, StringComparer.Ordinal);
    }

    private sealed record File
    {
        public IReadOnlyList<string> Words { get; init; } = [];

        public IReadOnlyList<string> Greeting { get; init; } = [];

        public IReadOnlyList<string> Thanks { get; init; } = [];

        public IReadOnlyList<string> Goodbye { get; init; } = [];

        public IReadOnlyList<string> Vague { get; init; } = [];

        public IReadOnlyList<string> VagueFiller { get; init; } = [];

        public IReadOnlyList<string> Person { get; init; } = [];

        public IReadOnlyList<string> PersonDeclined { get; init; } = [];

        public IReadOnlyList<string> Chat { get; init; } = [];

        public IReadOnlyList<string> Filler { get; init; } = [];

        public IReadOnlyList<string> Positive { get; init; } = [];

        public IReadOnlyList<string> Negative { get; init; } = [];

        public IReadOnlyList<string> Strong { get; init; } = [];
    }
}
