using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Tests.Unit.Knowledge;

/// <summary>The fusion written down as in the paper it comes from, leg by leg and document by document: slow, in double, without an index.</summary>
internal sealed class NaiveFusion
{
    private readonly List<(List<string> Stems, List<string> Grams, List<string> Pairs, List<string> Title, List<string> Headings)> _documents = [];

    internal NaiveFusion(IEnumerable<IndexDocument> documents)
    {
        foreach (var d in documents)
        {
            var title = TextAnalyzer.Stems(d.Title);
            var headings = new List<string>();
            var body = new List<List<string>>();
            var grams = TextAnalyzer.Grams(d.Title);
            var seen = new HashSet<string>();
            foreach (var chunk in d.Chunks)
            {
                var path = "";
                foreach (var heading in chunk.HeadingPath)
                {
                    path += "\n" + heading;
                    if (!seen.Add(path))
                        continue;
                    headings.AddRange(TextAnalyzer.Stems(heading));
                    body.Add(TextAnalyzer.Stems(heading));
                    grams.AddRange(TextAnalyzer.Grams(heading));
                }
                body.Add(TextAnalyzer.Stems(chunk.Text));
                grams.AddRange(TextAnalyzer.Grams(chunk.Text));
            }
            List<List<string>> runs = [title, .. body];
            _documents.Add(([.. runs.SelectMany(r => r)], grams, [.. runs.SelectMany(Pairs)], TitleWords(d.Title), headings));
        }
    }

    internal double[] Score(string question)
    {
        var stems = TextAnalyzer.Stems(question);
        var titleWords = TitleWords(question);
        var grams = TextAnalyzer.Grams(question);
        var all = _documents.ConvertAll(d => d.Stems);
        var titles = _documents.ConvertAll(d => d.Title);
        double TitleIdf(string w) => all.Exists(d => d.Contains(w)) ? Idf(all, w) : Idf(titles, w);
        var ideal = Positive(stems.Sum(w => Idf(all, w)));
        var gramIdeal = Positive(grams.Sum(g => Idf(_documents.ConvertAll(d => d.Grams), g)));
        var titleIdeal = Positive(titleWords.Sum(TitleIdf));

        var scores = new double[_documents.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var shared = titleWords.Distinct().Where(titles[i].Contains).Sum(TitleIdf);
            var own = titles[i].Distinct().Sum(TitleIdf);
            scores[i] = Bm25(all, stems, i, 1.5, .75) / ideal
                + (1.25 * Bm25(_documents.ConvertAll(d => d.Grams), grams, i, 1.5, .75) / gramIdeal)
                + (shared == 0 ? 0 : 1.5 * shared * shared / (titleIdeal * own))
                + (.6 * Bm25(_documents.ConvertAll(d => d.Pairs), [.. Pairs(stems)], i, 1.2, .5) / ideal)
                + (.4 * stems.Sum(w => PowerLaw(all, w, i)) / ideal)
                + (.3 * Bm25(titles, titleWords, i, 1.2, .75) / titleIdeal)
                + (Bm25(_documents.ConvertAll(d => d.Headings), stems, i, 1.2, .5, w => Idf(all, w)) / ideal);
        }
        return scores;
    }

    private static double Bm25(List<List<string>> fields, List<string> question, int document, double k1, double b, Func<string, double>? idf = null)
    {
        var mean = fields.Sum(f => f.Count) == 0 ? 1 : fields.Average(f => f.Count);
        return question.Sum(w =>
        {
            double tf = fields[document].Count(x => x == w);
            return tf == 0 ? 0 : (idf?.Invoke(w) ?? Idf(fields, w)) * tf / (tf + (k1 * (1 - b + (b * fields[document].Count / mean))));
        });
    }

    private static double PowerLaw(List<List<string>> fields, string word, int document)
    {
        double tf = fields[document].Count(x => x == word);
        if (tf == 0)
            return 0;
        var lambda = (double)fields.Count(f => f.Contains(word)) / fields.Count;
        var t = tf * Math.Log(1 + (fields.Average(f => f.Count) / Math.Max(1, fields[document].Count)));
        var x = t / (t + 1);
        return Math.Max(0, -Math.Log(lambda == 1 ? 1 - x : Math.Max((Math.Pow(lambda, x) - lambda) / (1 - lambda), 1e-9)));
    }

    private static double Idf(List<List<string>> fields, string word)
    {
        var df = fields.Count(f => f.Contains(word));
        return Math.Log(1 + ((fields.Count - df + .5) / (df + .5)));
    }

    private static IEnumerable<string> Pairs(List<string> stems) => stems.Zip(stems.Skip(1), (a, b) => a + " " + b);

    private static double Positive(double value) => value > 0 ? value : 1;

    private static List<string> TitleWords(string text)
    {
        var words = new List<string>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            if (!StopWords.IsFunctionWord(reader.Word))
                words.Add(buffer[..TextAnalyzer.StemInPlace(buffer[..reader.Word.Length])].ToString());
        }
        return words;
    }
}
