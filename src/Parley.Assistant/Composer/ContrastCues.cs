using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Composer;

/// <summary>
/// Words by which a question asks for the contrary of what a text says. Languages without a list of their own have none: there the cues say
/// nothing.
/// </summary>
internal sealed class ContrastCues
{
    /// <summary>"not" added or taken away leaves a word, not a syllable.</summary>
    private const int ShortestStem = 4;

    private static readonly FrozenDictionary<string, ContrastCues> All = Load();
    private static readonly ContrastCues None = new(new File([], [], [], []));

    private readonly FrozenSet<string> _negations;
    private readonly FrozenSet<string> _reports;
    private readonly string[] _prefixes;
    private readonly Dictionary<string, HashSet<string>> _opposites = new(StringComparer.Ordinal);

    private ContrastCues(File file)
    {
        (_negations, _reports, _prefixes) = (file.Negations.ToFrozenSet(StringComparer.Ordinal), file.Reports.ToFrozenSet(StringComparer.Ordinal), file.Prefixes);
        foreach (var pair in file.Opposites.Select(o => o.Split(' ')))
        {
            Opposites(Stem(pair[0])).Add(Stem(pair[1]));
            Opposites(Stem(pair[1])).Add(Stem(pair[0]));
        }
    }

    internal static ContrastCues For(string language) => All.GetValueOrDefault(language, None);

    /// <summary>
    /// The question is negated and the text is not. Who tells of a trouble ("I cannot …", "my … does not", "why is it not …") is answered by
    /// texts that say what does work: that is no contrast.
    /// </summary>
    internal bool IsNegatedOnlyIn(IReadOnlyList<string> question, IReadOnlyList<string> text) =>
        question.Any(_negations.Contains) && !question.Any(_reports.Contains) && !text.Any(_negations.Contains);

    /// <summary>The text holds the opposite of a word of the question, and neither that word nor another one of its side.</summary>
    internal bool HasOpposite(IReadOnlyList<string> question, IReadOnlyList<string> text)
    {
        if (_opposites.Count == 0)
            return false;
        var said = text.Select(Stem).ToHashSet(StringComparer.Ordinal);
        foreach (var word in question.Select(Stem).Distinct(StringComparer.Ordinal).Where(w => !said.Contains(w)))
        {
            if (_opposites.TryGetValue(word, out var opposites) && opposites.Any(o => said.Contains(o) && !said.Overlaps(_opposites[o])))
                return true;
            if (IsNegatedForm(word, said))
                return true;
        }
        return false;
    }

    /// <summary>"important" in the question and "unimportant" in the text, or the other way round.</summary>
    private bool IsNegatedForm(string word, HashSet<string> said)
    {
        if (word.Length < ShortestStem)
            return false;
        foreach (var prefix in _prefixes)
        {
            if (said.Contains(prefix + word) || (word.Length >= prefix.Length + ShortestStem && word.StartsWith(prefix, StringComparison.Ordinal) && said.Contains(word[prefix.Length..])))
                return true;
        }
        return false;
    }

    /// <summary>All words, folded, stop words among them; "don't" is one.</summary>
    internal static List<string> Words(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
            words.Add(reader.Word.ToString());
        return words;
    }

    private static string Stem(string word)
    {
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        word.CopyTo(buffer);
        return buffer[..TextAnalyzer.StemInPlace(buffer[..word.Length])].ToString();
    }

    private HashSet<string> Opposites(string word)
    {
        if (!_opposites.TryGetValue(word, out var opposites))
            _opposites[word] = opposites = new HashSet<string>(StringComparer.Ordinal);
        return opposites;
    }

    private static FrozenDictionary<string, ContrastCues> Load()
    {
        const string Prefix = "cues/";
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(n => Path.GetFileNameWithoutExtension(n[Prefix.Length..]), n =>
        {
            using var stream = assembly.GetManifestResourceStream(n)!;
            return new ContrastCues(JsonSerializer.Deserialize<File>(stream, JsonSerializerOptions.Web)!);
        }, StringComparer.Ordinal);
    }

    /// <param name="Negations">Words that deny.</param>
    /// <param name="Reports">Words of somebody who tells of a trouble or asks for its reason.</param>
    /// <param name="Prefixes">What turns a word into its contrary.</param>
    /// <param name="Opposites">Pairs "a b".</param>
    private sealed record File(string[] Negations, string[] Reports, string[] Prefixes, string[] Opposites);
}
