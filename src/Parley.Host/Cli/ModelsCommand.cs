using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley models …</c>: which models serve what. Keys come from standard input or the environment, never from the arguments, which other programs can read.</summary>
internal static class ModelsCommand
{
    private const string Settings = "v1/models/settings";
    private static readonly string[] Tiers = ["small", "medium", "large"];

    private static readonly Argument<string[]> Choice = new("FEATURE [TIER] ACCOUNT MODEL")
    {
        Description = "What for (answer, rewrite, judge, summarise, vision, embed, rerank), for answer the tier (small, medium, large), the account and the model", Arity = new ArgumentArity(1, 4),
    };

    private static readonly Option<bool> Also = new("--also") { Description = "Ask it after those that are chosen already, instead of in their place" };
    private static readonly Option<bool> None = new("--none") { Description = "Nobody serves this any more: FEATURE [TIER] alone" };
    private static readonly Option<bool> Free = new("--free") { Description = "It runs on a machine of your own and costs nothing" };
    private static readonly Option<decimal?> Input = new("--input") { HelpName = "DOLLARS", Description = "What a million tokens of a prompt cost" };
    private static readonly Option<decimal?> Output = new("--output") { HelpName = "DOLLARS", Description = "What a million tokens of an answer cost" };
    private static readonly Option<int?> Dimensions = new("--dimensions") { HelpName = "N", Description = "Of a model that makes vectors: their length" };
    private static readonly Option<string?> Strategy = new("--strategy") { Description = "complexity: by what the question looks like; attempts: the smallest first, a better one where its answer is in doubt" };
    private static readonly Option<double?> CascadeBelow = new("--cascade-below") { HelpName = "0..1", Description = "An answer of less confidence is asked of a better tier" };
    private static readonly Option<int?> MaxAttempts = new("--max-attempts") { HelpName = "1..3", Description = "Models asked for one answer at most" };
    private static readonly Option<string?> Customers = new("--customers") { HelpName = "on|off", Description = "Whether customers get answers that models wrote" };
    private static readonly Option<int?> Publish = new("--publish") { HelpName = "VERSION", Description = "Put an earlier version in force again; 0: no models at all" };

    internal static Command Create() => new("models", "Models of any provider: accounts, which model serves what, prices")
    {
        ModelAccountsCommand.Create(),
        CommandFrame.CreateClient("choose", "Say which model serves a feature", [Choice, Also, None, Free, Input, Output, Dimensions], ChooseAsync),
        CommandFrame.CreateClient("settings", "What is chosen; with options, change how", [Strategy, CascadeBelow, MaxAttempts, Customers, Publish], SettingsAsync),
        CommandFrame.CreateClient("catalogue", "Known models with their prices", [], CatalogueAsync),
    };

    private static async Task<int> ChooseAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var given = parsed.GetValue(Choice)!;
        var feature = given[0];
        var tiered = feature == "answer";
        var none = parsed.GetValue(None);
        var expected = (tiered ? 2 : 1) + (none ? 0 : 2);
        if (given.Length != expected || (tiered && !Tiers.Contains(given[1])))
            throw new CommandException(none ? "Give FEATURE, and for answer TIER (small, medium or large)." : tiered ? "Give: answer TIER ACCOUNT MODEL; TIER is small, medium or large." : $"Give: {feature} ACCOUNT MODEL. Only answer has tiers.");
        var tier = tiered ? given[1] : "small";
        var (settings, version) = await ReadAsync(context, ct);
        var choices = (JsonArray)settings["choices"]!;
        var same = choices.OfType<JsonObject>().Where(choice => choice.Text("feature") == feature && choice.Text("tier") == tier).ToList();
        if (!parsed.GetValue(Also))
            same.ForEach(choice => choices.Remove(choice));
        if (!none)
        {
            var account = await ModelAccountsCommand.FindAsync(context.Http, given[^2], ct);
            AddPrices(settings, parsed, account.Text("provider")!, given[^1], feature);
            choices.Add(new JsonObject { ["feature"] = feature, ["tier"] = tier, ["accountId"] = account.Text("id"), ["model"] = given[^1] });
        }
        return await SaveAsync(context, settings, version, ct);
    }

    /// <summary>An entry of one's own for what the catalogue lacks, or has other prices for.</summary>
    private static void AddPrices(JsonObject settings, ParseResult parsed, string provider, string model, string feature)
    {
        var (free, input, output) = (parsed.GetValue(Free), parsed.GetValue(Input), parsed.GetValue(Output));
        if (!free && input is null && output is null)
            return;
        if (free && (input is not null || output is not null))
            throw new CommandException("Give --free or prices, not both.");
        var kind = feature switch { "embed" => "embedding", "rerank" => "rerank", _ => "chat" };
        var models = (JsonArray)settings["models"]!;
        var known = models.OfType<JsonObject>().FirstOrDefault(own => own.Text("provider") == provider && own.Text("model") == model);
        var entry = known?.DeepClone().AsObject() ?? new JsonObject { ["provider"] = provider, ["model"] = model, ["kind"] = kind };
        entry["prices"] = new JsonObject { ["input"] = free ? 0 : input, ["output"] = kind == "chat" ? free ? 0 : output : null };
        // The server dates what has changed.
        entry.Remove("asOf");
        if (parsed.GetValue(Dimensions) is { } length)
            (entry["capabilities"] ??= new JsonObject())["dimensions"] = length;
        if (known is not null)
            models.Remove(known);
        models.Add(entry);
    }

    private static async Task<int> SettingsAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        if (parsed.GetValue(Publish) is { } back)
            return await ShowAsync(context, await context.Http.SendAsync(HttpMethod.Post, Settings + "/publish", new { version = back }, ct), ct);
        var (settings, version) = await ReadAsync(context, ct);
        var before = settings.ToJsonString();
        if (parsed.GetValue(Strategy) is { } strategy)
            settings["strategy"] = strategy is "complexity" or "attempts" ? strategy : throw new CommandException($"'{strategy}' is no strategy: give complexity or attempts.");
        if (parsed.GetValue(CascadeBelow) is { } below)
            settings["cascadeBelow"] = below;
        if (parsed.GetValue(MaxAttempts) is { } most)
            settings["maxAttempts"] = most;
        if (parsed.GetValue(Customers) is { } customers)
            settings["forCustomers"] = ModelAccountsCommand.OnOff("--customers", customers);
        return settings.ToJsonString() == before
            ? await ShowAsync(context, await context.Http.SendAsync(HttpMethod.Get, Settings, null, ct), ct)
            : await SaveAsync(context, settings, version, ct);
    }

    private static async Task<int> CatalogueAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var catalogue = await context.Http.SendAsync(HttpMethod.Get, "v1/models/catalogue", null, ct);
        if (context.Json)
            return await context.PrintAsync(catalogue, "");
        foreach (var entry in (catalogue["models"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var model = (JsonObject)entry["model"]!;
            await context.Out.WriteLineAsync($"{model.Text("provider"),-18} {model.Text("model"),-28} {model.Text("kind"),-10} {PriceOf(model),-46} {model.Text("asOf")}  {entry.Text("origin"),-9} {entry.Text("stale")}".TrimEnd());
        }
        await context.Out.WriteLineAsync("Dollars for a million tokens (in, out) or for a thousand searches; batch: what of it work costs that may wait a day. Check them with the provider before you rely on a budget.");
        return 0;
    }

    private static string PriceOf(JsonObject model)
    {
        if (model["prices"] is not JsonObject prices)
            return "no price";
        string[] parts = [.. new[] { ("input", "in"), ("output", "out"), ("searches", "searches") }.Where(p => prices[p.Item1] is not null)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item2} {prices[p.Item1]!.GetValue<decimal>():0.####}"))];
        return string.Join(", ", parts) + (HasBatches(model) ? string.Create(CultureInfo.InvariantCulture, $", batch ×{prices["batch"]?.GetValue<decimal>() ?? .5m:0.##}") : "");
    }

    private static bool HasBatches(JsonObject model) => model["capabilities"]?["batch"] is JsonValue lane && lane.GetValue<bool>();

    private static async Task<(JsonObject Settings, int Version)> ReadAsync(CommandContext context, CancellationToken ct)
    {
        var detail = await context.Http.SendAsync(HttpMethod.Get, Settings, null, ct);
        return (detail["settings"]!.DeepClone().AsObject(), detail.Number("version"));
    }

    private static async Task<int> SaveAsync(CommandContext context, JsonObject settings, int version, CancellationToken ct) =>
        await ShowAsync(context, await context.Http.SendAsync(HttpMethod.Put, Settings, new JsonObject { ["settings"] = settings, ["version"] = version, ["note"] = "From the command line" }, ct), ct);

    private static async Task<int> ShowAsync(CommandContext context, JsonObject detail, CancellationToken ct)
    {
        if (context.Json)
            return await context.PrintAsync(detail, "");
        var settings = (JsonObject)detail["settings"]!;
        var choices = ((JsonArray)settings["choices"]!).OfType<JsonObject>().ToList();
        if (choices.Count == 0)
        {
            await context.Out.WriteLineAsync("No model is chosen: answers are the sources' own sentences. Add an account, then choose: parley models choose answer small ACCOUNT MODEL");
            return 0;
        }
        var names = (await context.Http.AllAsync("v1/models/accounts", ct)).ToDictionary(account => account.Text("id")!, account => account.Text("name"));
        foreach (var choice in choices)
            await context.Out.WriteLineAsync($"{choice.Text("feature"),-10} {(choice.Text("feature") == "answer" ? choice.Text("tier") : ""),-7} {choice.Text("model"),-28} {names.GetValueOrDefault(choice.Text("accountId")!) ?? "(gone)"}");
        await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"Version {detail.Number("version")}, strategy {settings.Text("strategy")}, cascade below {settings["cascadeBelow"]!.GetValue<double>():0.##}, at most {settings.Number("maxAttempts")} attempts, customers {(settings["forCustomers"]!.GetValue<bool>() ? "on" : "off")}"));
        foreach (var warning in detail["warnings"] as JsonArray ?? [])
            await context.Out.WriteLineAsync($"Note: {warning}");
        return 0;
    }
}
