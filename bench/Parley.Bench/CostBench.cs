using System.Globalization;
using System.Text.Json;
using Parley.Inference;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Inference.Costs;
using Parley.Knowledge.Retrieval;

namespace Parley.Bench;

/// <summary>What 1,000 questions cost on three tiers, as a function of how many the small one answers: computed from the shipped prices, both strategies side by side.</summary>
internal static class CostBench
{
    private const int Questions = 1_000, EvidenceBudget = 2_000;
    private const string Set = "railway_faq";

    /// <summary>As values of the prompt's layout say; nothing of them is measured here.</summary>
    private const double System = 800, History = 300;

    /// <summary>25 of the 40 of a hundred questions that the small tier cannot answer.</summary>
    private const double MediumOfRest = .625;

    /// <summary>Of the mean question where the data set is not there: as it measured last.</summary>
    private const double EvidenceWithoutSet = 1_234, QuestionWithoutSet = 9, AnswerWithoutSet = 68;

    /// <summary>The expected shares: small 60, medium 25, large 15 of a hundred questions; and those of the other requirement.</summary>
    private static readonly (double Small, double Medium, double Large)[] Expected = [(.60, .25, .15), (.70, .25, .05)];

    private static readonly (string Name, string Provider, string Small, string Medium, string Large)[] Families =
    [
        ("Anthropic", "anthropic", "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"),
        ("OpenAI", "openai", "gpt-6-luna", "gpt-6-sol", "gpt-6-astra"),
        // Its larger model is not in the catalogue: two steps, and what the first cannot answer the second does.
        ("Gemini (two models)", "openai-compatible", "gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-3.8-flash"),
    ];

    internal static int Run(string[] args)
    {
        if (Options.Read(args) is not { } options)
        {
            return 2;
        }
        var (tokens, measured) = Tokens(options);
        var results = Families.Select(family => Result(family, tokens)).ToList();
        if (options.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { tokens, measured, formulas = new { call = TierSimulation.CallFormula, complexity = TierSimulation.ComplexityFormula, attempts = TierSimulation.AttemptsFormula }, families = results }, Json));
            return 0;
        }
        Line($"tokens of a question: {tokens.Prefix:0} prefix, {tokens.Rest:0} evidence, history and question, {tokens.Answer:0} answer ({measured}); {tokens.CachedShare:p0} of the calls find the prefix in the cache");
        Line($"{TierSimulation.CallFormula}\ncomplexity (a prior that is always right) = {TierSimulation.ComplexityFormula}\nattempts = {TierSimulation.AttemptsFormula}\ns: answered by the small tier; m = 0.625 of the others by the medium one (25 of 40)");
        foreach (var result in results)
        {
            Line($"\n{result.Family}: {result.Models}; everything on the large tier {result.AllLarge:f2} $ per {Questions} questions");
            Line($"| s | complexity $ | saved | attempts $ | saved |\n|---|---|---|---|---|");
            foreach (var row in result.Rows)
                Line($"| {row.Small:f1} | {row.Complexity:f2} | {row.ComplexitySaved:p1} | {row.Attempts:f2} | {row.AttemptsSaved:p1} |");
            foreach (var expected in result.Expected)
                Line($"at {expected.Shares}: complexity {expected.Complexity:f2} $ ({expected.ComplexitySaved:p1} saved), attempts {expected.Attempts:f2} $ ({expected.AttemptsSaved:p1} saved); aim ≥ 80 %: {(expected.ComplexitySaved >= .8 ? "reached" : "missed")} / {(expected.AttemptsSaved >= .8 ? "reached" : "missed")}");
        }
        return 0;

        static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static FamilyResult Result((string Name, string Provider, string Small, string Medium, string Large) family, QuestionTokens tokens)
    {
        var prices = new TierPrices(Price(family.Small), Price(family.Medium), Price(family.Large));
        var large = TierSimulation.AllLarge(prices, tokens);
        var twoSteps = family.Medium == family.Large;
        var rows = Enumerable.Range(0, 11).Select(i => i / 10d).Select(small => Row(small, MediumOfRest)).ToList();
        var expected = Expected.Select(shares => (shares, Row(shares.Small, shares.Medium / (shares.Medium + shares.Large))))
            .Select(each => new ExpectedRow(string.Create(CultureInfo.InvariantCulture, $"{each.shares.Small * 100:0}/{each.shares.Medium * 100:0}/{each.shares.Large * 100:0}"), each.Item2.Complexity, each.Item2.ComplexitySaved, each.Item2.Attempts, each.Item2.AttemptsSaved)).ToList();
        return new FamilyResult(family.Name, string.Join(" / ", new[] { family.Small, family.Medium, family.Large }.Distinct()), large * Questions, rows, expected);

        ModelPrices Price(string model) => ModelCatalogue.Shipped.Find(family.Provider, model)?.Prices ?? throw new InvalidOperationException($"The catalogue has no price of {model}: say in CostBench which models stand for the tiers now.");

        SuccessRow Row(double small, double mediumOfRest)
        {
            mediumOfRest = twoSteps ? 1 : mediumOfRest;
            var (complexity, attempts) = (TierSimulation.Complexity(prices, tokens, small, mediumOfRest), TierSimulation.Attempts(prices, tokens, small, mediumOfRest));
            return new SuccessRow(small, complexity * Questions, 1 - (complexity / large), attempts * Questions, 1 - (attempts / large));
        }
    }

    /// <summary>Evidence by rank up to its budget, as it goes into a prompt, the question, and an answer as long as the sources' own sentences.</summary>
    private static (QuestionTokens Tokens, string Measured) Tokens(Options options)
    {
        var (evidence, question, answer, measured) = (EvidenceWithoutSet, QuestionWithoutSet, AnswerWithoutSet, "stated, not measured: the data set is not there");
        if (Datasets.Find(Set) is { } data)
        {
            var corpus = ChunkedCorpus.Of(data);
            var all = data.Questions.Select(q => Measure(corpus, q.Text)).ToList();
            (evidence, question, answer) = (all.Average(q => q.Evidence), all.Average(q => q.Question), all.Where(q => q.Answer > 0).Average(q => q.Answer));
            measured = string.Create(CultureInfo.InvariantCulture, $"means over {all.Count} questions of {Set} by the token estimate: evidence {evidence:0}, question {question:0}, answer {answer:0}; stated: system {System:0}, history {History:0}");
        }
        return (new QuestionTokens(options.System ?? System, evidence + question + (options.History ?? History), options.Answer ?? answer, options.Cached), measured);
    }

    private static (int Evidence, int Question, int Answer) Measure(ChunkedCorpus corpus, string question)
    {
        var (retrieval, answer) = corpus.Answer(new RetrievalQuery { Text = question });
        var evidence = 0;
        foreach (var tokens in retrieval.Chunks.Select(chunk => TokenEstimate.Count(corpus.TextOf(chunk.Id))))
        {
            if (evidence + tokens > EvidenceBudget)
                break;
            evidence += tokens;
        }
        return (evidence, TokenEstimate.Count(question), answer.Abstained is null ? TokenEstimate.Count(answer.Text) : 0);
    }

    private sealed record Options(bool Json, double Cached, double? System, double? History, double? Answer)
    {
        internal static Options? Read(string[] args)
        {
            var (json, values) = (false, new Dictionary<string, double>());
            for (var i = 0; i < args.Length; i++)
            {
                if (args[i] == "--json")
                {
                    json = true;
                }
                else if (args[i] is "--cached" or "--system" or "--history" or "--answer" && i + 1 < args.Length
                    && double.TryParse(args[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && (args[i] != "--cached" || value <= 1))
                {
                    values[args[i++]] = value;
                }
                else
                {
                    Console.Error.WriteLine("usage: ./parley bench cost [--json] [--cached 0..1] [--system TOKENS] [--history TOKENS] [--answer TOKENS]");
                    return null;
                }
            }
            return new Options(json, values.GetValueOrDefault("--cached"), Get("--system"), Get("--history"), Get("--answer"));

            double? Get(string name) => values.TryGetValue(name, out var value) ? value : null;
        }
    }

    private sealed record SuccessRow(double Small, double Complexity, double ComplexitySaved, double Attempts, double AttemptsSaved);

    private sealed record ExpectedRow(string Shares, double Complexity, double ComplexitySaved, double Attempts, double AttemptsSaved);

    private sealed record FamilyResult(string Family, string Models, double AllLarge, IReadOnlyList<SuccessRow> Rows, IReadOnlyList<ExpectedRow> Expected);
}
