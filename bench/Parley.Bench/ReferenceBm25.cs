using System.Runtime.InteropServices;
using Parley.Knowledge.Analysis;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>
/// The baseline of every comparison: plain BM25 over title and text in one field, with Lucene's stop words, Porter stems and pairs of
/// characters for spaceless scripts. Written for clarity, apart from the engine that it judges; of that it shares the tokeniser.
/// </summary>
internal sealed class ReferenceBm25
{
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
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (!StopWords.IsFunctionWord(reader.Word))
                terms.Add(buffer[..TextAnalyzer.StemInPlace(buffer[..reader.Word.Length])].ToString());
        }
        return terms;
    }
}
