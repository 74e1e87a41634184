using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley sources …</c>: what the assistant knows from, how fresh it is, and what can be done about it.</summary>
internal static class SourcesCommand
{
    private static readonly Argument<string> Which = new("SOURCE") { Description = "Its name or its id" };
    private static readonly Argument<string> Address = new("URL") { Description = "A page, a sitemap or a sitemap index" };
    private static readonly Argument<string> Hours = new("HOURS") { Description = "1 to 8760, or 'never'" };
    private static readonly Argument<string?> Question = new("QUESTION") { Description = "What it must answer; left out: show the canary", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string[]> Include = new("--include") { Description = "Only addresses whose path matches; may be repeated" };
    private static readonly Option<string[]> Exclude = new("--exclude") { Description = "No addresses whose path matches; may be repeated" };
    private static readonly Option<int?> MaxPages = new("--max-pages") { Description = "At most so many pages" };
    private static readonly Option<bool> AcceptRemovals = new("--accept-removals") { Description = "Remove what the site no longer shows, however much it is" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };
    private static readonly Option<bool> Remove = new("--remove") { Description = "Ask it no longer" };
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(300);

    internal static Command Create() => new("sources", "What the assistant knows from: look, fetch again, pause, schedule, delete")
    {
        CommandFrame.CreateClient("list", "All sources and how fresh they are", [], ListAsync),
        CommandFrame.CreateClient("show", "One source; of a website the pages that changed, fail or are gone", [Which], ShowAsync),
        CommandFrame.CreateClient("preview", "What an import of a website would bring, what not, and why; imports nothing", [Address, Include, Exclude, MaxPages], PreviewAsync),
        CommandFrame.CreateClient("run", "Fetch a website again now", [Which, AcceptRemovals], RunAsync),
        CommandFrame.CreateClient("pause", "Fetch a website no more; it still answers", [Which], (context, parsed, ct) => SetAsync(context, parsed, "pause", "is paused", ct)),
        CommandFrame.CreateClient("resume", "Fetch a paused website again", [Which], (context, parsed, ct) => SetAsync(context, parsed, "resume", "is active", ct)),
        CommandFrame.CreateClient("schedule", "Fetch a website every so many hours", [Which, Hours], ScheduleAsync),
        CommandFrame.CreateClient("delete", "Delete a source with all its documents", [Which, Yes], DeleteAsync),
        CommandFrame.CreateClient("findings", "Passages that say the same twice, or contradict each other", [], FindingsAsync),
        CommandFrame.CreateClient("canary", "The question that a source must answer while it is there", [Which, Question, Remove], CanaryAsync),
    };

    private static async Task<int> ListAsync(CommandContext context, ParseResult parsed, CancellationToken ct) =>
        await context.PrintAsync("sources", await context.Http.AllAsync("v1/knowledge/sources", ct), Line, "There are no sources. Import some documentation: parley import PATH|URL");

    private static string Line(JsonObject source)
    {
        var freshness = source["freshness"] as JsonObject ?? [];
        string[] troubles = [
            freshness.Text("failingSince") is null ? "" : $"failing since {freshness.Time("failingSince")}: {freshness.Text("failure")}",
            Count(freshness, "pagesFailing", "pages fail"), Count(freshness, "pagesGone", "pages are gone"), Count(freshness, "duplicates", "duplicates"), Count(freshness, "contradictions", "contradictions"),
        ];
        return string.Create(CultureInfo.InvariantCulture,
            $"{source.Text("id")}  {source.Text("name"),-28} {source.Text("kind"),-8} {source.Text("state"),-7} {source.Number("documents"),6} documents  last run {freshness.Time("lastRunAt")}  next {freshness.Time("nextRunAt")}  {string.Join("; ", troubles.Where(t => t.Length > 0))}").TrimEnd();
    }

    private static string Count(JsonObject json, string name, string what) => json.Number(name) is > 0 and var n ? $"{n} {what}" : "";

    private static async Task<int> ShowAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var source = await FindAsync(context, parsed, ct);
        var pages = new Dictionary<string, List<JsonObject>>();
        if (source.Text("kind") == "website")
        {
            foreach (var state in (string[])["changed", "failing", "gone"])
                pages[state] = await context.Http.AllAsync($"v1/knowledge/websites/{source.Text("id")}/pages?state={state}", ct, "after");
        }
        if (context.Json)
        {
            source["pages"] = new JsonObject(pages.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, new JsonArray([.. p.Value.Select(i => i.DeepClone())]))));
            return await context.PrintAsync(source, "");
        }
        await context.Out.WriteLineAsync(Line(source));
        foreach (var (state, list) in pages)
        {
            foreach (var page in list)
                await context.Out.WriteLineAsync($"{state,-8} {page.Text("url")}  {(state == "failing" ? page.Text("failure") : state == "gone" ? page.Time("goneAt") : page.Time("changedAt"))}");
        }
        return 0;
    }

    private static async Task<int> PreviewAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var crawl = await context.Http.SendAsync(HttpMethod.Post, "v1/knowledge/websites/preview", new
        {
            url = parsed.GetValue(Address), include = parsed.GetValue(Include), exclude = parsed.GetValue(Exclude), maxPages = parsed.GetValue(MaxPages),
        }, ct);
        while (crawl.Text("state") is "queued" or "running")
        {
            await Task.Delay(PollEvery, ct);
            crawl = await context.Http.SendAsync(HttpMethod.Get, $"v1/knowledge/crawls/{crawl.Text("id")}", null, ct);
            context.Progress.Report($"{crawl.Number("fetched")} pages, {crawl.Number("pending")} to look at");
        }
        if (crawl.Text("error") is { } error)
            throw new CommandException(error);
        var pages = (await context.Http.AllAsync($"v1/knowledge/crawls/{crawl.Text("id")}/pages", ct)).Where(p => p.Text("kind") == "page").ToList();
        return await context.PrintAsync("pages", pages, p => $"{(p.Text("state") == "fetched" ? "comes" : p.Text("state")),-8} {p.Text("url")}  {p.Text("reason") ?? p.Text("title")}", "Nothing was found there.");
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var source = await FindAsync(context, parsed, ct);
        var import = await context.Http.SendAsync(HttpMethod.Post, $"v1/knowledge/websites/{source.Text("id")}/run", new { acceptRemovals = parsed.GetValue(AcceptRemovals) }, ct);
        while (import.Text("state") is "crawling" or "queued" or "running")
        {
            await Task.Delay(PollEvery, ct);
            import = await context.Http.SendAsync(HttpMethod.Get, $"v1/knowledge/imports/{import.Text("id")}", null, ct);
            context.Progress.Report($"{import.Text("state")}: {import.Number("total")} pages");
        }
        if (import.Text("error") is { } error && import.Text("state") != "succeeded")
            throw new CommandException(error);
        return await context.PrintAsync(import, $"{import.Number("added")} added, {import.Number("changed")} changed, {import.Number("unchanged")} unchanged, {import.Number("removed")} removed, {import.Number("failed")} failed");
    }

    private static async Task<int> SetAsync(CommandContext context, ParseResult parsed, string action, string done, CancellationToken ct)
    {
        var source = await FindAsync(context, parsed, ct);
        return await context.PrintAsync(await context.Http.SendAsync(HttpMethod.Post, $"v1/knowledge/websites/{source.Text("id")}/{action}", null, ct), $"{source.Text("name")} {done}.");
    }

    private static async Task<int> ScheduleAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var given = parsed.GetValue(Hours)!;
        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && given != "never")
            throw new CommandException($"'{given}' is no number of hours: give 1 to 8760, or 'never'.");
        var source = await FindAsync(context, parsed, ct);
        var changed = await context.Http.SendAsync(HttpMethod.Patch, $"v1/knowledge/websites/{source.Text("id")}", new { scheduleHours = hours }, ct);
        return await context.PrintAsync(changed, $"{source.Text("name")} is fetched {(hours == 0 ? "when you say so" : string.Create(CultureInfo.InvariantCulture, $"every {hours} hours, next {(changed["freshness"] as JsonObject).Time("nextRunAt")}"))}.");
    }

    private static async Task<int> DeleteAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var source = await FindAsync(context, parsed, ct);
        if (!parsed.GetValue(Yes))
            throw new CommandException($"This deletes '{source.Text("name")}' with {source.Number("documents")} documents, at once and for good. Add --yes.");
        await context.Http.SendAsync(HttpMethod.Delete, $"v1/knowledge/sources/{source.Text("id")}", null, ct);
        return await context.PrintAsync(new JsonObject { ["sourceId"] = source.Text("id"), ["documents"] = source.Number("documents") }, $"{source.Text("name")} is deleted.");
    }

    private static async Task<int> FindingsAsync(CommandContext context, ParseResult parsed, CancellationToken ct) =>
        await context.PrintAsync("findings", await context.Http.AllAsync("v1/knowledge/findings?state=open", ct),
            f => $"{f.Text("id")}  {f.Text("kind")}\n  {f.Text("sourceName")}, {f.Text("title")}: {f.Text("passage")}\n  {f.Text("otherSourceName")}, {f.Text("otherTitle")}: {f.Text("otherPassage")}", "Nothing is said twice or differently.");

    private static async Task<int> CanaryAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var canaries = ((await context.Http.SendAsync(HttpMethod.Get, "v1/quality/canaries", null, ct))["items"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        // A canary outlives its source, so that its going can be seen.
        var which = parsed.GetValue(Which)!;
        var known = canaries.FirstOrDefault(c => c.Text("sourceId") == which || c.Text("sourceName") == which);
        var id = known.Text("sourceId") ?? (await FindAsync(context, parsed, ct)).Text("id");
        if (parsed.GetValue(Remove))
        {
            await context.Http.SendAsync(HttpMethod.Delete, $"v1/quality/canaries/{id}", null, ct);
            return await context.PrintAsync(new JsonObject { ["sourceId"] = id }, "It is asked no longer.");
        }
        if (parsed.GetValue(Question) is { } question)
            known = await context.Http.SendAsync(HttpMethod.Put, $"v1/quality/canaries/{id}", new { question }, ct);
        return known is null ? throw new CommandException($"'{which}' has no canary. Give a question that it must answer.")
            : await context.PrintAsync(known, $"{known.Text("state")}: {known.Text("question")}");
    }

    private static async Task<JsonObject> FindAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var which = parsed.GetValue(Which)!;
        var sources = await context.Http.AllAsync("v1/knowledge/sources", ct);
        var found = sources.Where(s => s.Text("id") == which).DefaultIfEmpty().Concat(sources.Where(s => s.Text("name") == which)).OfType<JsonObject>().DistinctBy(s => s.Text("id")).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandException($"There is no source '{which}'. 'parley sources list' shows them."),
            _ => throw new CommandException($"{found.Count} sources are called '{which}'. Give the id; 'parley sources list' shows it."),
        };
    }
}
