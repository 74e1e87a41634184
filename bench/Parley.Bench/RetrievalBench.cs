using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Knowledge.Retrieval;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>Compares the index with reference BM25 over all sets, all questions, in one run.</summary>
internal static class RetrievalBench
{
    private const int Depth = 100;

    private sealed record SetUnderTest(string Name, string Family, string? Queries = null, bool History = false);

    /// <summary>Published nDCG@10 of reference BM25 1.2/.75 (at most 2,000 sampled questions there): our port must come within ± .01.</summary>
    private static readonly Dictionary<string, double> PublishedBaseline = new(StringComparer.Ordinal)
    {
        ["banking77_oos"] = .875, ["mtrag_mini"] = .604, ["mtrag_mini:allturns"] = .438, ["mtrag_mini:rewrite"] = .644, ["railway_anchor"] = .609,
        ["railway_faq"] = .698, ["scifact"] = .683, ["squad2"] = .888, ["stackfaq"] = .725, ["xquad_en"] = .965, ["xquad_es"] = .954,
        ["xquad_zh"] = .963, ["xquad_de"] = .927, ["xquad_el"] = .909, ["xquad_ro"] = .926, ["xquad_ru"] = .871, ["xquad_tr"] = .870,
        ["xquad_ar"] = .889, ["xquad_vi"] = .938, ["xquad_th"] = .943, ["xquad_hi"] = .920, ["xquad_xling_en"] = .208,
    };

    private static readonly SetUnderTest[] Sets =
    [
        new("railway_faq", "railway"), new("railway_anchor", "railway"), new("stackfaq", "stackfaq"), new("squad2", "squad2"), new("scifact", "scifact"),
        new("banking77_oos", "banking77"), new("mtrag_mini", "mtrag"), new("mtrag_mini:history", "", History: true),
        new("mtrag_mini:allturns", "", "queries_allturns.jsonl"), new("mtrag_mini:rewrite", "", "queries_rewrite.jsonl"),
        .. "en es de el ro ru tr ar vi th zh hi".Split(' ').Select(l => new SetUnderTest("xquad_" + l, "xquad")), new("xquad_xling_en", ""),
    ];

    private sealed record Row(
        string Set, int Documents, int Questions, double Baseline, double? PublishedBaseline, double Ours, double[] Ci95, double Difference,
        double[] DifferenceCi95, bool SignificantlyWorse, Latency LatencyMs, double IndexSeconds, double IndexMb);

    internal static int Run(string[] args)
    {
        var json = args.Contains("--json");
        var only = args.SkipWhile(a => a != "--sets").Skip(1).FirstOrDefault()?.Split(',');
        var rows = new List<(SetUnderTest Set, Row Row)>();
        foreach (var set in Sets.Where(s => only is null || only.Contains(s.Name)))
        {
            if (Datasets.Find(set.Name.Split(':')[0], set.Queries) is not { } data)
                continue;
            var row = Measure(set, data);
            rows.Add((set, row));
            if (!json)
                Console.Error.WriteLine($"{row.Set,-22} {row.Baseline:f3} -> {row.Ours:f3}");
        }
        var mean = MeanOfFamilies(rows);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { mean7 = mean, sets = rows.ConvertAll(r => r.Row) }, JsonSerializerOptions.Web));
        else
            Print(rows.ConvertAll(r => r.Row), mean);
        return rows.Exists(r => r.Row.SignificantlyWorse || Math.Abs(r.Row.Baseline - (r.Row.PublishedBaseline ?? r.Row.Baseline)) > .01) ? 1 : 0;
    }

    private static Row Measure(SetUnderTest set, Dataset data)
    {
        var bm25 = new ReferenceBm25(data.Documents, 1.2, .75);
        var baseline = RetrievalRun.Over(data.Questions, q => bm25.Rank(q.Text, Depth));

        var start = Stopwatch.GetTimestamp();
        var index = KnowledgeIndex.Build(ToIndexDocuments(data.Documents), 1);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        IReadOnlyList<string> Rank(DatasetQuestion q) =>
            index.Search(ToQuery(q, set.History)).Documents.Select(d => data.Documents[OrdinalOf(d.Id)].Id).ToList();
        foreach (var question in data.Questions.Take(200))
            Rank(question);
        var ours = RetrievalRun.Over(data.Questions, Rank);

        var difference = Bootstrap.Compare(ours.Ndcg, baseline.Ndcg);
        var interval = Bootstrap.MeanInterval(ours.Ndcg);
        return new Row(
            set.Name, data.Documents.Count, data.Questions.Count, Round(baseline.Ndcg.Average()), PublishedBaseline.GetValueOrDefault(set.Name) is var p and > 0 ? p : null,
            Round(ours.Ndcg.Average()), [Round(interval.Low), Round(interval.High)], Round(difference.Mean),
            [Round(difference.Interval.Low), Round(difference.Interval.High)], difference.IsSignificantlyWorse, ours.Latency, Math.Round(seconds, 3),
            Math.Round(index.ApproximateBytes / 1e6, 1));
    }

    private static RetrievalQuery ToQuery(DatasetQuestion question, bool history) => new()
    {
        Text = question.Text,
        Documents = Depth,
        History = history
            ? question.History.Select(t => new HistoryTurn(t.IsCustomer ? TurnAuthor.Customer : TurnAuthor.Assistant, t.Text)).ToList()
            : [],
    };

    /// <summary>Each whole document as one passage: ranking is by document, so chunking does not touch these figures.</summary>
    internal static IEnumerable<IndexDocument> ToIndexDocuments(IReadOnlyList<DatasetDocument> documents) =>
        documents.Select((d, i) => new IndexDocument
        {
            Id = IdOf(i),
            Version = 1,
            SourceId = Guid.Empty,
            Title = d.Title,
            Chunks = [new IndexChunk { Id = IdOf(i), Version = 1, Text = d.Text }],
        });

    private static Guid IdOf(int ordinal) => new(ordinal, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private static int OrdinalOf(Guid id) => BitConverter.ToInt32(id.ToByteArray());

    private static double? MeanOfFamilies(List<(SetUnderTest Set, Row Row)> rows)
    {
        var families = rows.Where(r => r.Set.Family.Length > 0).GroupBy(r => r.Set.Family).ToList();
        return families.Count == 7 ? Round(families.Average(f => f.Average(r => r.Row.Ours))) : null;
    }

    private static void Print(List<Row> rows, double? mean)
    {
        Console.WriteLine("| set | documents | questions | BM25 1.2/.75 (published) | **Parley** | 95 % | difference, 95 % | p50 / p95 ms | index s | index MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var r in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {r.Set} | {r.Documents} | {r.Questions} | {r.Baseline:f3} ({r.PublishedBaseline:f3}) | **{r.Ours:f3}** | {r.Ci95[0]:f3}–{r.Ci95[1]:f3} | {Signed(r.Difference)} ({Signed(r.DifferenceCi95[0])} to {Signed(r.DifferenceCi95[1])}) | {r.LatencyMs.P50:f2} / {r.LatencyMs.P95:f2} | {r.IndexSeconds:f2} | {r.IndexMb:f1} |"));
        }
        Console.WriteLine();
        Console.WriteLine(mean is null ? "mean7: not all families present" : string.Create(CultureInfo.InvariantCulture, $"mean7 nDCG@10: **{mean:f3}**"));
    }

    /// <summary>Rounded first: a small negative number must not print as minus plus zero.</summary>
    private static string Signed(double value) => (Math.Round(value, 3) + 0d).ToString("+.000;-.000;.000", CultureInfo.InvariantCulture);

    private static double Round(double value) => Math.Round(value, 4);
}
