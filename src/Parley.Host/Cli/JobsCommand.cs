using System.CommandLine;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley jobs dead|retry|discard</c>: the work that failed for good.</summary>
internal static class JobsCommand
{
    private const string Dead = "v1/jobs/dead";
    private const string Everything = "all";
    private static readonly Argument<string> Which = new("ID") { Description = "The job's id, or 'all'" };

    internal static Command Create() => new("jobs", "Work that failed for good: see it, try it again, give it up")
    {
        CommandFrame.CreateClient("dead", "List the jobs that were given up, with their errors", [], async (context, parsed, ct) =>
            await context.PrintAsync("jobs", await context.Http.AllAsync(Dead, ct), Line, "No job has failed for good.")),
        CommandFrame.CreateClient("retry", "Give a job all its attempts again", [Which], (context, parsed, ct) => ChangeAsync(context, parsed, "retried", HttpMethod.Post, "/retry", ct)),
        CommandFrame.CreateClient("discard", "Forget a job", [Which], (context, parsed, ct) => ChangeAsync(context, parsed, "discarded", HttpMethod.Delete, "", ct)),
    };

    private static string Line(JsonObject job) =>
        $"{job.Text("id")}  {job.Text("kind"),-24} {job.Time("deadAt")}  after {job.Number("attempts")} attempts: {job.Text("error")}";

    private static async Task<int> ChangeAsync(CommandContext context, ParseResult parsed, string done, HttpMethod method, string action, CancellationToken ct)
    {
        var which = parsed.GetValue(Which)!;
        var ids = which == Everything ? (await context.Http.AllAsync(Dead, ct)).ConvertAll(job => job.Text("id")!)
            : Guid.TryParse(which, out var one) ? [one.ToString("D")] : throw new CommandException($"'{which}' is no job's id: give an id of 'parley jobs dead', or '{Everything}'.");
        foreach (var id in ids)
            await context.Http.SendAsync(method, $"v1/jobs/{id}{action}", null, ct);
        return await context.PrintAsync(new JsonObject { ["jobs"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]) }, $"{ids.Count} {done}.");
    }
}
