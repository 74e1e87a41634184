using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Parley.Bench;

/// <summary>
/// Message sent → first sources, first answer text, done, over HTTP and the feed of a running Parley with railway_docs imported.
/// A conversation sends a message, waits for its end, thinks 5–15 s (seeded), sends again; then a closed loop without thinking.
/// Baseline of the same run: GET /health/live over the same connections, which is the floor of the HTTP stack on this machine.
/// </summary>
internal static class TurnBench
{
    private const int Seed = 20260101;

    private static int _customers;

    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var folder = Path.Combine(Datasets.Root(), "railway_docs", "md");
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"SKIPPED turn: {folder} is not there (set PARLEY_DATASETS)");
            return 0;
        }
        var seconds = int.Parse(Option(args, "--seconds") ?? "60", CultureInfo.InvariantCulture);
        var questions = Questions();
        await using var server = await ServerUnderTest.StartAsync(ct);
        await server.CommandAsync(ct, "import", folder);
        var key = await server.WidgetKeyAsync(ct);
        PinGenerator();
        // One short round that is not counted: the first requests of a process compile code.
        await MeasureAsync(server, key, questions, 8, 5, thinks: false, ct);
        var rows = new List<Row>();
        foreach (var concurrency in (Option(args, "--concurrency") ?? "1,50,200").Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)))
        {
            rows.Add(await MeasureAsync(server, key, questions, concurrency, seconds, thinks: true, ct));
        }
        rows.Add(await MeasureAsync(server, key, questions, 16, Math.Min(seconds, 30), thinks: false, ct));
        var floor = await FloorAsync(server.Url, ct);
        Print(rows, floor, args.Contains("--json"));
        return rows.Any(r => r.Errors > 0) ? 1 : 0;
    }

    private static async Task<Row> MeasureAsync(ServerUnderTest server, string key, string[] questions, int concurrency, int seconds, bool thinks, CancellationToken ct)
    {
        var timings = new ConcurrentBag<TurnTiming>();
        var errors = new ConcurrentBag<string>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var serverCpu = server.CpuSeconds();
        var clock = Stopwatch.StartNew();
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds + 15));
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(n => ConverseAsync(n)));
        var wall = clock.Elapsed.TotalSeconds;
        return new Row(
            thinks ? $"{concurrency}" : $"closed loop, {concurrency}", timings.Count, errors.Count, timings.Count / wall,
            [.. timings], (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / wall, (server.CpuSeconds() - serverCpu) / wall, errors.FirstOrDefault());

        async Task ConverseAsync(int number)
        {
            var random = new Random(Seed + (concurrency * 1000) + number);
            try
            {
                if (thinks)
                {
                    // Customers do not arrive in step.
                    await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * Math.Min(10, seconds / 3.0)), deadline.Token);
                }
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    await using var client = await LoadClient.StartAsync(server.Url, key, Interlocked.Increment(ref _customers), deadline.Token);
                    while (client.Sent < 25 && clock.Elapsed.TotalSeconds < seconds)
                    {
                        timings.Add(await client.AskAsync(questions[random.Next(questions.Length)], deadline.Token));
                        if (thinks)
                        {
                            await Task.Delay(TimeSpan.FromSeconds(5 + (random.NextDouble() * 10)), deadline.Token);
                        }
                    }
                }
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                // The time is over.
            }
            catch (Exception e)
            {
                errors.Add(e.Message);
            }
        }
    }

    private static async Task<double[]> FloorAsync(Uri server, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = server };
        var times = new List<double>();
        for (var i = 0; i < 500; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await http.GetAsync("/health/live", ct);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return [.. times.Skip(100)];
    }

    private static void Print(List<Row> rows, double[] floor, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                rows = rows.Select(r => new
                {
                    conversations = r.Name, turns = r.Turns, errors = r.Errors, turnsPerSecond = Math.Round(r.PerSecond, 2),
                    sourcesMs = Quantiles(r.Of(t => t.Sources)), firstTextMs = Quantiles(r.Of(t => t.FirstText)), doneMs = Quantiles(r.Of(t => t.Done)),
                    generatorCpu = Math.Round(r.GeneratorCpu, 3), serverCpu = Math.Round(r.ServerCpu, 3),
                    outcomes = r.Timings.GroupBy(t => t.Outcome).ToDictionary(g => g.Key, g => g.Count()),
                }),
                baseline = new { name = "GET /health/live", ms = Quantiles(floor) },
            }, Datasets.Indented));
            return;
        }
        Console.WriteLine("| conversations | turns | errors | turns/s | sources p50 / p95 ms | first text p50 / p95 ms | done p50 / p95 ms | generator CPU | server CPU |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var r in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {r.Name} | {r.Turns} | {r.Errors} | {r.PerSecond:0.0} | {Pair(r.Of(t => t.Sources))} | {Pair(r.Of(t => t.FirstText))} | {Pair(r.Of(t => t.Done))} | {r.GeneratorCpu:0.00} | {r.ServerCpu:0.00} |"));
            if (r.FirstError is { } error)
            {
                Console.Error.WriteLine("first error: " + error);
            }
        }
        Console.WriteLine($"baseline GET /health/live p50 / p95: {Pair(floor)} ms");
    }

    private static string Pair(double[] values) => string.Create(CultureInfo.InvariantCulture, $"{Quantile(values, .5):0.0} / {Quantile(values, .95):0.0}");

    private static object Quantiles(double[] values) => new { p50 = Math.Round(Quantile(values, .5), 2), p95 = Math.Round(Quantile(values, .95), 2), p99 = Math.Round(Quantile(values, .99), 2) };

    private static double Quantile(double[] values, double q)
    {
        var sorted = values.Where(v => v >= 0).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * q))];
    }

    // The server runs on the first processor, the generator on the second: neither takes the other's time.
    private static void PinGenerator()
    {
        if (OperatingSystem.IsLinux() && Environment.ProcessorCount > 1)
        {
            Process.GetCurrentProcess().ProcessorAffinity = 2;
        }
    }

    private static string[] Questions() =>
    [
        .. from set in new[] { "railway_faq", "railway_anchor" }
           from line in File.ReadLines(Path.Combine(Datasets.Root(), set, "queries.jsonl"))
           select JsonDocument.Parse(line).RootElement.GetProperty("text").GetString(),
    ];

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

    private sealed record Row(string Name, int Turns, int Errors, double PerSecond, TurnTiming[] Timings, double GeneratorCpu, double ServerCpu, string? FirstError)
    {
        public double[] Of(Func<TurnTiming, double> pick) => [.. Timings.Select(pick)];
    }
}
