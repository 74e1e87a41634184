using System.Globalization;
using System.Text;
using Parley.Assistant.Composer;
using Parley.Knowledge.Retrieval;
using Parley.Quality;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>What each leg of the score and each signal of the confidence is worth: the figures without it, over all questions of all sets.</summary>
internal static class AblationBench
{
    private static readonly (string Family, string[] Sets)[] Families =
    [
        ("railway", ["railway_faq", "railway_anchor"]), ("stackfaq", ["stackfaq"]), ("squad2", ["squad2"]), ("scifact", ["scifact"]), ("banking77", ["banking77_oos"]),
        ("mtrag", ["mtrag_mini"]), ("xquad", [.. "en es de el ro ru tr ar vi th zh hi".Split(' ').Select(l => "xquad_" + l)]),
    ];

    private static readonly (string Name, FusionWeights Weights)[] Rankings =
    [
        ("all", FusionWeights.Shipped),
        ("− A, body", FusionWeights.Shipped with { Body = 0 }),
        ("− G, four-grams", FusionWeights.Shipped with { Grams = 0 }),
        ("− Tcos², title cover", FusionWeights.Shipped with { TitleCover = 0 }),
        ("− Bi, pairs", FusionWeights.Shipped with { Pairs = 0 }),
        ("− SPL, power law", FusionWeights.Shipped with { PowerLaw = 0 }),
        ("− Tt, titles", FusionWeights.Shipped with { Title = 0 }),
        ("− H, headings", FusionWeights.Shipped with { Headings = 0 }),
        ("− P, classifier", FusionWeights.Shipped with { Phrasings = 0 }),
    ];

    private static readonly (string Name, Func<SupportSignals, SupportSignals> Without)[] Signals =
    [
        ("all six", s => s),
        ("− margin", s => s with { Margin = 0 }),
        ("− missing names", s => s with { MissingName = 0 }),
        ("− negation", s => s with { IsNegated = false }),
        ("− opposites", s => s with { IsOpposed = false }),
        ("− unknown words", s => s with { Unknown = 0 }),
        ("match alone", s => new SupportSignals(s.Match, 0, 0, false, false)),
    ];

    internal static int Run()
    {
        var sets = Families.SelectMany(f => f.Sets).Select(s => Datasets.Find(s)).OfType<Dataset>().ToDictionary(d => d.Name);
        if (sets.Count != Families.Sum(f => f.Sets.Length))
            return 1;
        PrintRanking(sets);
        PrintSignals();
        PrintPassages();
        return 0;
    }

    /// <summary>Does what is read first hold an accepted text: the whole document, the first passage, one of the first five; and does the answer.</summary>
    private static void PrintPassages()
    {
        Console.WriteLine();
        Console.WriteLine("| an accepted text is in | best whole document | best section of 512 | best passage of 256 | best five passages | answer from passages | answer from whole documents |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var name in (string[])["squad2", "xquad_en", "xquad_de", "xquad_zh"])
        {
            var data = Datasets.Find(name)!;
            var (cut, whole) = (ChunkedCorpus.Of(data), ChunkedCorpus.Whole(data));
            double[] hits = new double[6];
            foreach (var question in data.Questions)
            {
                var query = new RetrievalQuery { Text = question.Text };
                var (passages, answer) = cut.Answer(query, threshold: 0);
                var (documents, longer) = whole.Answer(query, threshold: 0);
                bool Holds(IEnumerable<string> texts) => AnswerMatch.Contains(string.Join("\n\n", texts), question.Answers);
                hits[0] += Holds(documents.Chunks.Take(1).Select(c => whole.TextOf(c.Id))) ? 1 : 0;
                hits[1] += Holds(cut.SectionOf(passages.Chunks)) ? 1 : 0;
                hits[2] += Holds(passages.Chunks.Take(1).Select(c => cut.TextOf(c.Id))) ? 1 : 0;
                hits[3] += Holds(passages.Chunks.Take(5).Select(c => cut.TextOf(c.Id))) ? 1 : 0;
                hits[4] += AnswersBench.IsHit(question, answer, cut) ? 1 : 0;
                hits[5] += AnswersBench.IsHit(question, longer, whole) ? 1 : 0;
            }
            Console.WriteLine($"| {name} | {string.Join(" | ", hits.Select(h => (h / data.Questions.Count).ToString("f3", CultureInfo.InvariantCulture)))} |");
        }
    }

    private static void PrintRanking(Dictionary<string, Dataset> sets)
    {
        Console.WriteLine($"| ranking | {string.Join(" | ", Families.Select(f => f.Family))} | **mean7** |");
        Console.WriteLine($"|---|{string.Concat(Families.Select(_ => "---|"))}---|");
        foreach (var (name, weights) in Rankings)
            PrintRow(name, Families.Select(f => f.Sets.Average(s => Ndcg(sets[s], weights, q => q))));
        PrintRow("all, one typo per question", Families.Select(f => f.Sets.Average(s => Ndcg(sets[s], FusionWeights.Shipped, Typo.In))));
        PrintRow("− G, one typo per question", Families.Select(f => f.Sets.Average(s => Ndcg(sets[s], FusionWeights.Shipped with { Grams = 0 }, Typo.In))));
    }

    private static double Ndcg(Dataset data, FusionWeights weights, Func<string, string> asked)
    {
        var index = KnowledgeIndex.Build(RetrievalBench.ToIndexDocuments(data.Documents), 1, weights);
        return RetrievalRun.Over(data.Questions, q => index.Search(new RetrievalQuery { Text = asked(q.Text), Documents = 10 + q.Exclude.Count, Chunks = 0 })
            .Documents.Select(d => data.Documents[BitConverter.ToInt32(d.Id.ToByteArray())].Id).ToList()).Ndcg.Average();
    }

    private static void PrintRow(string name, IEnumerable<double> families)
    {
        var values = families.ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", values.Select(v => v.ToString("f3", CultureInfo.InvariantCulture)))} | **{values.Average():f3}** |"));
    }

    private static void PrintSignals()
    {
        Console.WriteLine();
        Console.WriteLine("| AUROC | railway_faq other-product | banking77 out-of-domain | banking77 in-domain-oos | squad2 adversarial |");
        Console.WriteLine("|---|---|---|---|---|");
        var asked = new[] { "railway_faq", "banking77_oos", "squad2" }.ToDictionary(s => s, s => Ask(Datasets.Find(s)!));
        foreach (var (name, without) in Signals)
        {
            var cells = new[] { ("railway_faq", "other-product"), ("banking77_oos", "out-of-domain"), ("banking77_oos", "in-domain-oos"), ("squad2", "adversarial") }.Select(c =>
            {
                List<double> Of(string? type) => [.. asked[c.Item1].Where(a => a.Type == type).Select(a => SupportModel.Confidence(without(a.Signals)))];
                return Discrimination.Auroc(Of(null), Of(c.Item2)).ToString("f3", CultureInfo.InvariantCulture);
            });
            Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
        }
    }

    private static List<(string? Type, SupportSignals Signals)> Ask(Dataset data)
    {
        var corpus = ChunkedCorpus.Of(data);
        return [.. data.Questions.Select(q => (q, (string?)null)).Concat(data.Unanswerable.Select(q => (q, (string?)(q.Type ?? ""))))
            .Select(q => (q.Item2, corpus.Answer(new RetrievalQuery { Text = q.q.Text }, threshold: 0).Answer.Signals))];
    }
}

/// <summary>One slip of the finger in a word of at least four letters: two letters swapped, one left out, doubled or replaced. The question decides which.</summary>
internal static class Typo
{
    private const int ShortestWord = 4;

    internal static string In(string question)
    {
        var words = new List<(int Start, int Length)>();
        for (int i = 0, start = 0; i <= question.Length; i++)
        {
            if (i < question.Length && char.IsLetter(question[i]))
                continue;
            if (i - start >= ShortestWord)
                words.Add((start, i - start));
            start = i + 1;
        }
        if (words.Count == 0)
            return question;
        var random = new Random((int)StableHash.Of(question));
        var (from, length) = words[random.Next(words.Count)];
        var at = from + 1 + random.Next(length - 2);
        var text = new StringBuilder(question);
        switch (random.Next(4))
        {
            case 0: (text[at], text[at + 1]) = (text[at + 1], text[at]); break;
            case 1: text.Remove(at, 1); break;
            case 2: text.Insert(at, text[at]); break;
            default: text[at] = question[from + random.Next(length)]; break;
        }
        return text.ToString();
    }
}
