using System.Globalization;
using Parley.Knowledge.Retrieval;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>
/// Writes the signals behind <c>SupportModel</c>, question by question, for fitting it. Beside a set's own unanswerable questions, half of each corpus is left
/// out and its questions asked all the same: unanswerable ones in every language, in the style of the answerable.
/// </summary>
internal static class SupportBench
{
    private static readonly string[] Sets =
        ["railway_faq", "stackfaq", "squad2", "banking77_oos", .. "en es de el ro ru tr ar vi th zh hi".Split(' ').Select(l => "xquad_" + l)];

    internal static int Run(string[] args)
    {
        Console.WriteLine("set\ttype\thit\tconfidence\tmatch\tmargin\tname\tnegated\topposed\tcoverage\tunknown");
        foreach (var name in args.Length > 0 ? args : Sets)
        {
            if (Datasets.Find(name) is not { } data)
                continue;
            var corpus = ChunkedCorpus.Of(data);
            foreach (var question in data.Questions.Take(1200))
                Write(name, "answerable", question, corpus);
            foreach (var question in data.Unanswerable.Take(1500))
                Write(name, question.Type ?? "", question, corpus);
            if (name == "banking77_oos")
                continue;
            var half = data with { Documents = [.. data.Documents.Take(data.Documents.Count / 2)] };
            var known = half.Documents.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
            corpus = ChunkedCorpus.Of(half);
            foreach (var question in data.Questions.Where(q => !q.Relevant.Overlaps(known)).Take(600))
                Write(name, "left-out", question, corpus);
        }
        return 0;
    }

    private static void Write(string set, string type, DatasetQuestion question, ChunkedCorpus corpus)
    {
        var (r, answer) = corpus.Answer(new RetrievalQuery { Text = question.Text }, threshold: 0);
        if (r.Documents.Count == 0)
            return;
        var hit = type == "answerable" && AnswersBench.IsHit(question, answer, corpus) ? 1 : 0;
        var signals = answer.Signals;
        double[] values =
        [
            answer.Confidence, signals.Match, signals.Margin, signals.MissingName, signals.IsNegated ? 1 : 0, signals.IsOpposed ? 1 : 0, answer.Coverage,
            r.Terms.Where(t => !t.Known).Sum(t => t.Weight),
        ];
        Console.WriteLine($"{set}\t{type}\t{hit}\t{string.Join('\t', values.Select(v => v.ToString("f5", CultureInfo.InvariantCulture)))}");
    }
}
