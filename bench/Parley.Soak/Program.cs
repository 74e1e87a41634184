using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Parley.Soak;
using Parley.Testkit;
using Parley.Testkit.Faults;

if (args is [NodeProcess.Command])
{
    return await NodeProcess.RunAsync();
}
var name = new Argument<string>("NAME") { Description = string.Join(", ", Scenarios.Names) };
name.AcceptOnlyFromAmong([.. Scenarios.Names]);
var rounds = new Option<int>("--rounds") { Description = "How many rounds there are to be in all", DefaultValueFactory = _ => 20 };
var minutes = new Option<double>("--minutes") { Description = "No round begins after so many minutes; run it again to go on", DefaultValueFactory = _ => 30 };
var seed = new Option<int>("--seed") { Description = "Of a new run", DefaultValueFactory = _ => 20260101 };
var restart = new Option<bool>("--restart") { Description = "Begin anew instead of going on with the rounds that are done" };
var json = new Option<bool>("--json") { Description = "Print the rounds as one JSON document; the verdict goes to standard error" };
var command = new RootCommand("Rounds of faults against the real server in a scratch folder: each ends with a check that nothing was lost or doubled") { name, rounds, minutes, seed, restart, json };

command.SetAction(async (parsed, _) =>
{
    var chosen = parsed.GetValue(name)!;
    var run = SoakRun.Open(Path.Combine(Repository.Root, "artifacts", "soak", chosen + ".json"), chosen, parsed.GetValue(rounds), parsed.GetValue(seed), parsed.GetValue(restart));
    if (run.State.Rounds.Count > 0)
    {
        Console.Error.WriteLine($"{run.State.Rounds.Count} of {run.State.Wanted} rounds are done already; --restart begins anew.");
    }
    await using var scenarios = new Scenarios(chosen);
    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    await run.RunAsync(scenarios.RoundAsync, TimeSpan.FromMinutes(parsed.GetValue(minutes)), new Lines(), stop.Token);
    Report(run, parsed.GetValue(json));
    return run.State.Failed > 0 ? 1 : 0;

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Console.Error.WriteLine("Stopping after this round.");
        stop.Cancel();
    }
});
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static void Report(SoakRun run, bool json)
{
    var figures = run.Figures().ToDictionary(f => f.Key, f => new { sum = f.Value.Sum, max = f.Value.Max });
    if (json)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { run.State.Name, run.State.Seed, run.State.Wanted, run.State.Failed, figures, run.State.Rounds }, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }));
        Console.Error.WriteLine(run.Verdict());
        return;
    }
    foreach (var (figure, value) in figures)
    {
        Console.WriteLine(FormattableString.Invariant($"{figure}: {value.sum} in all, {value.max} at most in a round"));
    }
    Console.WriteLine(run.Verdict());
}

internal sealed class Lines : IProgress<string>
{
    public void Report(string value) => Console.Error.WriteLine(value);
}
