using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley jobs dead|retry|discard</c>: the work that failed for good.</summary>
internal static class JobsCommand
{
    private const string Everything = "all";
    private static readonly Argument<string> Which = new("ID") { Description = "The job's id, or 'all'" };

    internal static Command Create() => new("jobs", "Work that failed for good: see it, try it again, give it up")
    {
        CommandFrame.CreateClient("dead", "List the jobs that were given up, with their errors", [], DeadAsync),
        CommandFrame.CreateClient("retry", "Give a job all its attempts again", [Which], (context, parsed, ct) => ChangeAsync(context, parsed, "retried", (http, id) => http.PostAsync($"v1/jobs/{id}/retry", null, ct), ct)),
        CommandFrame.CreateClient("discard", "Forget a job", [Which], (context, parsed, ct) => ChangeAsync(context, parsed, "discarded", (http, id) => http.DeleteAsync($"v1/jobs/{id}", ct), ct)),
    };

    private static async Task<int> DeadAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var jobs = await ListAsync(context.Http, ct);
        if (context.Json)
        {
            await context.Out.WriteLineAsync(JsonSerializer.Serialize(new { jobs }, JsonSerializerOptions.Web));
            return 0;
        }
        foreach (var job in jobs)
            await context.Out.WriteLineAsync($"{job.Id}  {job.Kind,-24} {job.DeadAt:yyyy-MM-dd HH:mm:ss}  after {job.Attempts} attempts: {job.Error}");
        if (jobs.Count == 0) await context.Out.WriteLineAsync("No job has failed for good.");
        return 0;
    }

    private static async Task<int> ChangeAsync(CommandContext context, ParseResult parsed, string done, Func<HttpClient, Guid, Task<HttpResponseMessage>> change, CancellationToken ct)
    {
        var which = parsed.GetValue(Which)!;
        var ids = which == Everything ? (await ListAsync(context.Http, ct)).ConvertAll(job => job.Id)
            : Guid.TryParse(which, out var one) ? [one] : throw new CommandException($"'{which}' is no job's id: give an id of 'parley jobs dead', or '{Everything}'.");
        foreach (var id in ids)
        {
            using var response = await change(context.Http, id);
            await EnsureAsync(response, ct);
        }
        await context.Out.WriteLineAsync(context.Json ? JsonSerializer.Serialize(new { jobs = ids }, JsonSerializerOptions.Web) : $"{ids.Count} {done}.");
        return 0;
    }

    private static async Task<List<Item>> ListAsync(HttpClient http, CancellationToken ct)
    {
        var jobs = new List<Item>();
        string? next = null;
        do
        {
            using var response = await http.GetAsync("v1/jobs/dead?limit=200" + (next is null ? "" : "&cursor=" + next), ct);
            await EnsureAsync(response, ct);
            var page = (await response.Content.ReadFromJsonAsync<PageOfItems>(JsonSerializerOptions.Web, ct))!;
            jobs.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return jobs;
    }

    private static async Task EnsureAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode) return;
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        throw new CommandException(problem.TryGetProperty("title", out var title) ? title.GetString()! : $"The instance answered {(int)response.StatusCode}.");
    }

    private sealed record PageOfItems(List<Item> Items, string? Next);

    private sealed record Item(Guid Id, string Kind, int Attempts, string? Error, DateTimeOffset CreatedAt, DateTimeOffset DeadAt);
}
