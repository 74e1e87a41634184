using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Parley.Bench;

/// <summary>
/// Start, import and memory at rest of the real server. Import's baseline in the same run: reading and hashing the same files,
/// which is what an import cannot do without.
/// </summary>
internal static class ServerBench
{
    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var folder = Path.Combine(Datasets.Root(), "railway_docs", "md");
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"SKIPPED server: {folder} is not there (set PARLEY_DATASETS)");
            return 0;
        }
        await using var server = await ServerUnderTest.StartAsync(ct);
        var first = await server.CommandAsync(ct, "import", folder);
        var again = await server.CommandAsync(ct, "import", folder);
        var documents = first.GetProperty("documents").GetProperty("added").GetInt32();
        var (restarts, firstQuestions, secondQuestions) = (new List<double>(), new List<double>(), new List<double>());
        var key = await server.WidgetKeyAsync(ct);
        for (var i = 0; i < 5; i++)
        {
            restarts.Add(await server.RestartAsync(ct));
            await using var customer = await LoadClient.StartAsync(server.Url, key, i, ct);
            firstQuestions.Add((await customer.AskAsync("How do I set a variable?", ct)).FirstText);
            secondQuestions.Add((await customer.AskAsync("How do I add a custom domain?", ct)).FirstText);
        }
        await server.CommandAsync(ct, "ask", "How do I set a variable?");
        await Task.Delay(TimeSpan.FromSeconds(60), ct);
        var (memory, database) = server.Memory();
        var result = new
        {
            firstStartSeconds = Math.Round(server.ReadySeconds, 2),
            restartSeconds = new { median = Math.Round(restarts.Order().ElementAt(2), 2), max = Math.Round(restarts.Max(), 2) },
            firstQuestionAfterRestartMs = new { median = Math.Round(firstQuestions.Order().ElementAt(2)), max = Math.Round(firstQuestions.Max()) },
            secondQuestionMs = new { median = Math.Round(secondQuestions.Order().ElementAt(2)), max = Math.Round(secondQuestions.Max()) },
            import = new
            {
                documents,
                seconds = first.GetProperty("seconds").GetDouble(),
                documentsPerSecond = Math.Round(documents / first.GetProperty("seconds").GetDouble(), 1),
                unchangedSeconds = again.GetProperty("seconds").GetDouble(),
                baselineReadAndHashSeconds = Math.Round(ReadAndHash(folder), 3),
            },
            memoryAtRestMb = new { server = Math.Round(memory), database = Math.Round(database), sum = Math.Round(memory + database) },
        };
        Console.WriteLine(args.Contains("--json")
            ? JsonSerializer.Serialize(result, Datasets.Indented)
            : string.Create(CultureInfo.InvariantCulture, $"""
               | figure | value |
               |---|---|
               | first start on an empty data folder | {result.firstStartSeconds} s |
               | restart to ready, median (max) of 5 | {result.restartSeconds.median} ({result.restartSeconds.max}) s |
               | first question after a restart: message sent to first text, median (max) of 5 | {result.firstQuestionAfterRestartMs.median} ({result.firstQuestionAfterRestartMs.max}) ms |
               | baseline: the second question | {result.secondQuestionMs.median} ({result.secondQuestionMs.max}) ms |
               | import of railway_docs, {documents} documents | {result.import.seconds:0.00} s = {result.import.documentsPerSecond} documents/s |
               | the same import again, nothing changed | {result.import.unchangedSeconds:0.00} s |
               | baseline: reading and hashing the files | {result.import.baselineReadAndHashSeconds} s |
               | memory at rest (PSS after 60 s): server + database | {result.memoryAtRestMb.server} + {result.memoryAtRestMb.database} = {result.memoryAtRestMb.sum} MB |
               """));
        return 0;
    }

    private static double ReadAndHash(string folder)
    {
        var clock = Stopwatch.StartNew();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            SHA256.HashData(File.ReadAllBytes(file));
        }
        return clock.Elapsed.TotalSeconds;
    }
}
