using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Parley.Knowledge.Analysis;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>
/// The baseline of every comparison: plain BM25 over title and text in one field, with Lucene's stop words, Porter stems and pairs of
/// characters for spaceless scripts. Written for clarity and apart from the engine that it judges: its tokeniser is its own too.
/// </summary>
internal sealed partial class ReferenceBm25
{
    private static readonly Dictionary<char, char> Base = Bases();
    private readonly double _k1;
    private readonly Dictionary<string, List<(int Document, int Frequency)>> _postings = [];
    private readonly double[] _norms;
    private readonly string[] _ids;

    internal ReferenceBm25(IReadOnlyList<DatasetDocument> documents, double k1, double b)
    {
        _k1 = k1;
        _ids = [.. documents.Select(d => d.Id)];
        var lengths = new int[_ids.Length];
        for (var i = 0; i < _ids.Length; i++)
        {
            var terms = Analyze(documents[i].Title + " " + documents[i].Text);
            lengths[i] = terms.Count;
            foreach (var group in terms.CountBy(t => t))
            {
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_postings, group.Key, out _);
                (list ??= []).Add((i, group.Value));
            }
        }
        var mean = lengths.Length == 0 ? 1 : lengths.Average();
        _norms = Array.ConvertAll(lengths, l => _k1 * (1 - b + (b * l / (mean == 0 ? 1 : mean))));
    }

    internal List<string> Rank(string question, int count)
    {
        var scores = new Dictionary<int, double>();
        foreach (var term in Analyze(question))
        {
            if (!_postings.TryGetValue(term, out var postings))
                continue;
            var idf = Math.Log(1 + ((_ids.Length - postings.Count + .5) / (postings.Count + .5)));
            foreach (var (document, frequency) in postings)
                CollectionsMarshal.GetValueRefOrAddDefault(scores, document, out _) += idf * frequency / (frequency + _norms[document]);
        }
        return [.. scores.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Take(count).Select(s => _ids[s.Key])];
    }

    private static List<string> Analyze(string text)
    {
        var terms = new List<string>();
        foreach (Match run in Spaceless().Matches(text))
            terms.AddRange(run.Length == 1 ? [run.Value] : Enumerable.Range(0, run.Length - 1).Select(i => run.Value.Substring(i, 2)));
        text = WithoutMarks(Spaceless().Replace(text, " ")).ToLowerInvariant();
        foreach (Match match in Word().Matches(text))
        {
            var word = Possessive().Replace(match.Value, "").Replace("'", "", StringComparison.Ordinal).Replace("’", "", StringComparison.Ordinal);
            if (word.Length == 0 || StopWords.IsFunctionWord(word))
                continue;
            var letters = word.ToCharArray();
            terms.Add(System.Text.Ascii.IsValid(word) ? new string(letters, 0, PorterStemmer.Stem(letters)) : word);
        }
        return terms;
    }

    private static string WithoutMarks(string text) => string.Concat(
        text.Where(c => char.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark).Select(c => Base.TryGetValue(c, out var plain) ? plain : c));

    private static Dictionary<char, char> Bases()
    {
        var bases = new Dictionary<char, char>();
        CanonicalBase.ForEach(bases.Add);
        return bases;
    }

    [GeneratedRegex(@"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")]
    private static partial Regex Spaceless();

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*")]
    private static partial Regex Word();

    [GeneratedRegex("['’]s$")]
    private static partial Regex Possessive();
}
