using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley eval golden</c>: compares two versions on the tenant's golden questions, as the console does, and leaves the same run there.</summary>
internal static class EvalGoldenCommand
{
    private const string Runs = "v1/quality/golden-runs";
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    private static readonly Option<int?> Base = new("--base") { HelpName = "VERSION", Description = "Version to compare with (default: the one in force; 0: as shipped)" };
    private static readonly Option<int?> Candidate = new("--candidate") { HelpName = "VERSION", Description = "Version to compare (default: the one in force, which measures it)" };
    private static readonly Option<double?> Threshold = new("--threshold") { HelpName = "0..1", Description = "Compare the version in force with itself under this threshold instead" };
    private static readonly Option<string?> Category = new("--category") { HelpName = "NAME", Description = "Only these questions" };
    private static readonly Option<string?> Language = new("--language") { HelpName = "TAG", Description = "Only these questions" };
    private static readonly Option<string?> Tag = new("--tag") { HelpName = "TAG", Description = "Only these questions" };

    internal static Command Create() => CommandFrame.CreateClient(
        "golden", "Compare two versions of the assistant on your golden questions, in a running instance", [Base, Candidate, Threshold, Category, Language, Tag], RunAsync);

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        if (parsed.GetValue(Candidate) is not null && parsed.GetValue(Threshold) is not null)
            throw new CommandException("Give either --candidate or --threshold.");
        var assistants = await context.Http.AllAsync("v1/assistants", ct);
        var assistant = assistants.Find(a => a["isDefault"]?.GetValue<bool>() == true) ?? throw new CommandException("There is no assistant.");
        var request = new JsonObject
        {
            ["assistantId"] = assistant.Text("id"), ["baseVersion"] = parsed.GetValue(Base), ["category"] = parsed.GetValue(Category), ["language"] = parsed.GetValue(Language), ["tag"] = parsed.GetValue(Tag),
        };
        if (parsed.GetValue(Threshold) is { } threshold)
        {
            var profile = (await context.Http.SendAsync(HttpMethod.Get, $"v1/assistants/{assistant.Text("id")}", null, ct))["profile"]!.DeepClone().AsObject();
            profile["threshold"] = threshold;
            request["candidate"] = profile;
        }
        else
        {
            request["candidateVersion"] = parsed.GetValue(Candidate) ?? assistant["publishedVersion"]?.GetValue<int>() ?? 0;
        }
        var run = await context.Http.SendAsync(HttpMethod.Post, Runs, request, ct);
        while (run.Text("state") is "queued" or "running")
        {
            await Task.Delay(Between, ct);
            run = await context.Http.SendAsync(HttpMethod.Get, $"{Runs}/{run.Text("id")}", null, ct);
        }
        if (run.Text("state") != "done")
            throw new CommandException(run.Text("error") ?? "The run failed.");
        return await context.PrintAsync(run, Lines(run));
    }

    private static string Lines(JsonObject run)
    {
        var summary = run["summary"]!.AsObject();
        var lines = new List<string>
        {
            $"Version {run.Number("candidateVersion")} against {run.Number("baseVersion")}: {summary.Text("verdict")}", Line("all", summary["all"]!.AsObject()),
        };
        foreach (var (name, groups) in new[] { ("category", "byCategory"), ("language", "byLanguage") })
            lines.AddRange(summary[groups]!.AsArray().Select(g => Line($"{name} {g!["name"]}", g["result"]!.AsObject())));
        return string.Join('\n', lines);
    }

    private static string Line(string name, JsonObject of) => string.Create(CultureInfo.InvariantCulture,
        $"  {name,-20} {of.Number("questions"),5} questions  right {Share(of, "base")} -> {Share(of, "candidate")}  difference {of["difference"]!.GetValue<double>():+0.000;-0.000;0.000} [{of["low"]!.GetValue<double>():0.000}, {of["high"]!.GetValue<double>():0.000}]  won {of.Number("better")}, lost {of.Number("worse")}");

    private static string Share(JsonObject of, string name) => of[name]!.GetValue<double>().ToString("0.000", CultureInfo.InvariantCulture);
}
