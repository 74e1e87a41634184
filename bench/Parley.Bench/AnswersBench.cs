using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Assistant.Composer;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Retrieval;
using Parley.Quality;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>Composes an answer to every question: how often it holds the answer, how long it is, how well it abstains.</summary>
internal static class AnswersBench
{
    private static readonly string[] Sets =
        ["squad2", "railway_faq", "banking77_oos", "mtrag_mini", .. "en es de el ro ru tr ar vi th zh hi".Split(' ').Select(l => "xquad_" + l)];

    private sealed record Row(
        string Set, int Questions, double Hit, double HitWhenForced, double Answered, double? TokenF1, int WordsP50, int WordsP90, IReadOnlyDictionary<string, ByType> Unanswerable, double Ece, double[] EceCi95, double Grounded,
        Latency LatencyMs);

    private sealed record ByType(int N, double Auroc, double AbstainRecall);

    private sealed record Outcome(Composition Forced, bool Hit, double? F1)
    {
        internal bool Answers => Forced.Confidence >= SupportModel.AnswerThreshold && Forced.Abstained is null;
    }

    internal static int Run(string[] args)
    {
        var only = args.SkipWhile(a => a != "--sets").Skip(1).FirstOrDefault()?.Split(',');
        var rows = new List<Row>();
        foreach (var name in only ?? Sets)
        {
            if (Datasets.Find(name) is { } data)
                rows.Add(Measure(data));
        }
        if (args.Contains("--json"))
            Console.WriteLine(JsonSerializer.Serialize(rows, JsonSerializerOptions.Web));
        else
            Print(rows);
        return rows.Exists(r => r.Grounded < 1) ? 1 : 0;
    }

    private static Row Measure(Dataset data)
    {
        var corpus = ChunkedCorpus.Of(data);
        var milliseconds = new List<double>();
        var grounded = 0;
        Outcome Ask(DatasetQuestion question)
        {
            var start = Stopwatch.GetTimestamp();
            var (_, answer) = corpus.Answer(new RetrievalQuery { Text = question.Text }, threshold: 0);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            grounded += answer.Quotes.All(q => corpus.TextOf(q.ChunkId).AsSpan(q.Start).StartsWith(q.Text, StringComparison.Ordinal)) ? 1 : 0;
            return new Outcome(answer, IsHit(question, answer, corpus), AnswerMatch.F1(question.Answers, answer.Text));
        }

        var answerable = data.Questions.Select(Ask).ToList();
        var unanswerable = data.Unanswerable.Select(q => (q.Type, Outcome: Ask(q))).ToList();
        var positives = answerable.ConvertAll(o => o.Forced.Confidence);
        var forecasts = AnswerCalibration.Forecasts([
            .. answerable.Zip(data.Questions, (o, q) => ToAsked(q.Id, null, o)), .. unanswerable.Zip(data.Unanswerable, (u, q) => ToAsked(q.Id, u.Type ?? "", u.Outcome))]);
        var f1 = answerable.Where(o => o.Answers).Select(o => o.F1).OfType<double>().ToList();
        var words = answerable.Where(o => o.Answers).Select(o => TextAnalyzer.CountWords(o.Forced.Text)).Order().ToList();
        return new Row(
            data.Name, answerable.Count, Share(answerable, o => o.Hit && o.Answers), Share(answerable, o => o.Hit), Share(answerable, o => o.Answers), f1.Count == 0 ? null : Math.Round(f1.Average(), 4),
            words.Count == 0 ? 0 : words[words.Count / 2], words.Count == 0 ? 0 : words[words.Count * 9 / 10],
            unanswerable.GroupBy(u => u.Type ?? "").ToDictionary(g => g.Key, g => new ByType(
                g.Count(), Math.Round(Discrimination.Auroc(positives, g.Select(u => u.Outcome.Forced.Confidence).ToList()), 4),
                Math.Round(g.Average(u => u.Outcome.Answers ? 0d : 1d), 4))),
            Math.Round(Discrimination.ExpectedCalibrationError(forecasts), 4), EceInterval.Of(forecasts),
            (double)grounded / (answerable.Count + unanswerable.Count), Latency.Of(milliseconds));
    }

    private static AskedQuestion ToAsked(string id, string? type, Outcome outcome) =>
        new(id, type, outcome.Forced.RawConfidence, outcome.Forced.Abstained is null, outcome.Hit);

    /// <summary>As <c>eval answers</c> judges.</summary>
    internal static bool IsHit(DatasetQuestion question, Composition answer, ChunkedCorpus corpus) =>
        AnswerMatch.IsHit(question, answer.Text, answer.Quotes.Select(q => corpus.NameOf(q.DocumentId)));

    private static double Share(List<Outcome> outcomes, Func<Outcome, bool> predicate) => Math.Round((double)outcomes.Count(predicate) / outcomes.Count, 4);

    private static void Print(List<Row> rows)
    {
        Console.WriteLine("| set | questions | answer hit | answer hit if it never abstained | answered | token F1 | words p50 / p90 | unanswerable: AUROC, abstained | calibration error | quotes unchanged | p50 / p95 ms |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var r in rows)
        {
            var types = string.Join("; ", r.Unanswerable.Select(u => string.Create(CultureInfo.InvariantCulture, $"{u.Key} {u.Value.Auroc:f3}, {u.Value.AbstainRecall:p0}")));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {r.Set} | {r.Questions} | {r.Hit:f3} | {r.HitWhenForced:f3} | {r.Answered:p0} | {r.TokenF1:f3} | {r.WordsP50} / {r.WordsP90} | {types} | {r.Ece:f3} ({r.EceCi95[0]:f3}–{r.EceCi95[1]:f3}) | {r.Grounded:p0} | {r.LatencyMs.P50:f2} / {r.LatencyMs.P95:f2} |"));
        }
    }
}
