using System.Text.Json;
using Parley.Testkit;
using Parley.Testkit.Faults;

namespace Parley.Soak;

/// <summary>The whole variants of what tests/integration/Faults shows in small: more customers, real documents, many random moments.</summary>
internal sealed class Scenarios(string name) : IAsyncDisposable
{
    private const int Customers = 8;
    private FaultInstance? _instance;
    private ImportFault? _import;
    private DeleteFault? _delete;
    private WebsiteDouble? _site;
    private CrawlFault? _crawl;
    private BudgetRun? _budget;
    private WebhookFault? _webhook;

    internal static IReadOnlyList<string> Names { get; } = ["import", "import-kills", "delete", "disk", "crawl", "memory", "turns", "handoff", "database", "webhook", "budget", "bill"];

    /// <summary>One round; the instance stays for the next one, unless this one failed.</summary>
    internal async Task<FaultRound> RoundAsync(int number, Random random)
    {
        try
        {
            if (name == "disk") return await DiskAsync(number, random);
            if (name == "budget") return await (_budget ??= new BudgetRun()).RunAsync(random, calls: 10_000);
            if (name == "bill") return await BillRun.RunAsync(turns: 1_000);
            if (name == "memory")
            {
                await using var memory = await MemoryRun.StartAsync();
                return await memory.RunAsync(20_000, Texts());
            }
            if (name == "webhook") return await (_webhook ??= await WebhookFault.StartAsync()).RunAsync(random, Customers);
            if (name == "crawl")
            {
                _crawl ??= await CrawlFault.StartAsync(most: 40);
                return await _crawl.RunAsync(random, kills: 1 + (number % 3), number % 4 == 0 ? (Outage)(number / 4 % 3) : null);
            }
            _instance ??= await FaultInstance.StartAsync();
            return name switch
            {
                "import" => await (_import ??= await ImportFault.PrepareAsync(_instance, Corpus())).RunAsync(random, kills: 1 + (number % 2)),
                "import-kills" => await (_import ??= await ImportFault.PrepareAsync(_instance, Corpus())).RunManyAsync(random, kills: 20),
                "delete" => await (_delete ??= await DeleteFault.PrepareAsync(_instance)).RunAsync(random, deletes: 50),
                "turns" => await TurnFault.RunAsync(_instance, random, Customers, (number % 5) switch { 0 => Ending.Terminate, 3 => Ending.Interrupt, _ => Ending.Kill }),
                "handoff" => await HandoffFault.RunAsync(_instance, random, Customers),
                _ => await DatabaseFault.RunAsync(_instance, random, Customers, (Outage)(number % 3)),
            };
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>The disk of the files, then that of the database, in turn.</summary>
    private async Task<FaultRound> DiskAsync(int number, Random random)
    {
        if (SmallDisk.Problem is { } problem) return FaultRound.Of($"SKIPPED: {problem}");
        _site ??= await WebsiteDouble.StartAsync();
        _instance ??= await DiskFault.StartAsync(_site);
        return number % 2 == 1 ? await DiskFault.FilesAsync(_instance, _site, random) : await DiskFault.DatabaseAsync(_instance, random);
    }

    public async ValueTask DisposeAsync()
    {
        if (_budget is { } budget)
        {
            _budget = null;
            await budget.DisposeAsync();
        }
        if (_webhook is { } webhook)
        {
            _webhook = null;
            await webhook.DisposeAsync();
        }
        if (_crawl is { } crawl)
        {
            _crawl = null;
            await crawl.DisposeAsync();
        }
        if (_site is { } site)
        {
            _site = null;
            await site.DisposeAsync();
        }
        if (_instance is { } instance)
        {
            if (_delete is { } delete) await delete.DisposeAsync();
            (_instance, _import, _delete) = (null, null, null);
            await instance.DisposeAsync();
        }
    }

    private static FaultCorpus Corpus()
    {
        if (DatasetFolder.Find("railway_docs") is { } railway)
        {
            return FaultCorpus.Of(Path.Combine(railway, "md"), Questions());
        }
        Console.Error.WriteLine("SKIPPED railway_docs: it is not there (set PARLEY_DATASETS). 400 made documents take its place.");
        return FaultCorpus.Made(400, seed: 1);
    }
    /// <summary>The documents of all data sets.</summary>
    private static List<string> Texts()
    {
        var texts = new List<string>();
        if (DatasetFolder.Find("railway_docs") is { } railway)
        {
            texts.AddRange(Directory.EnumerateFiles(Path.Combine(railway, "md"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText));
        }
        foreach (var set in (string[])["scifact", "squad2", "stackfaq", "mtrag_mini", "xquad_de", "xquad_es", "xquad_ru", "xquad_tr"])
        {
            if (DatasetFolder.Find(set) is not { } folder) continue;
            texts.AddRange(File.ReadLines(Path.Combine(folder, "corpus.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).Select(d => $"# {d.GetProperty("title").GetString()}\n\n{d.GetProperty("text").GetString()}"));
        }
        if (texts.Count > 0) return texts;
        Console.Error.WriteLine("SKIPPED data sets: they are not there (set PARLEY_DATASETS). Made documents take their place.");
        return [.. FaultCorpus.Made(400, seed: 1).Files.Select(f => System.Text.Encoding.UTF8.GetString(f.Content))];
    }

    /// <summary>What people ask about them.</summary>
    private static IReadOnlyList<string> Questions() => DatasetFolder.Find("railway_faq") is not { } faq ? ["How do I deploy?"] :
        [.. File.ReadLines(Path.Combine(faq, "queries.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("text").GetString()!).Take(100)];
}
