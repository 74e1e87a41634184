using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Host.Instance;
using Parley.Inference.Contracts;
using Parley.Platform.Cli;
using Parley.Platform.Errors;

namespace Parley.Host.Cli;

/// <summary><c>parley models accounts …</c>: of a tenant over HTTP; with <c>--instance</c> those that all tenants share, on the instance's own machine.</summary>
internal static class ModelAccountsCommand
{
    private const string Accounts = "v1/models/accounts";
    private static readonly Argument<string> Which = new("ACCOUNT") { Description = "Its name or its id" };
    private static readonly Argument<string> Name = new("NAME") { Description = "How you will know it" };
    private static readonly Argument<string> Provider = new("PROVIDER") { Description = "anthropic, openai, openai-compatible, voyage, cohere, jina or tei" };
    private static readonly Argument<string> Model = new("MODEL") { Description = "As its provider names it" };
    private static readonly Argument<string> Feature = new("FEATURE") { Description = "What for (default: answer)", DefaultValueFactory = _ => "answer" };
    private static readonly Option<string?> NewName = new("--name") { Description = "Another name" };
    private static readonly Option<string?> Url = new("--url") { HelpName = "URL", Description = "Where the API is; 'default': the provider's own address" };
    private static readonly Option<bool> KeyStdin = new("--key-stdin") { Description = "Read the key from standard input" };
    private static readonly Option<string?> KeyEnv = new("--key-env") { HelpName = "VARIABLE", Description = "Read the key from this environment variable" };
    private static readonly Option<bool> NoKey = new("--no-key") { Description = "It has no key any more" };
    private static readonly Option<string?> Requests = new("--requests-per-minute") { HelpName = "N|none" };
    private static readonly Option<string?> Tokens = new("--tokens-per-minute") { HelpName = "N|none" };
    private static readonly Option<string?> Concurrency = new("--concurrency") { HelpName = "N|none", Description = "Calls at once" };
    private static readonly Option<string?> Enabled = new("--enabled") { HelpName = "on|off" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Also where it serves something: its choices go with it" };
    private static readonly Option<bool> OfInstance = new("--instance") { Description = "An account that all tenants share; works on the instance's own machine only" };
    private static readonly Symbol[] Entry = [Url, KeyStdin, KeyEnv, Requests, Tokens, Concurrency, Enabled, OfInstance];

    internal static Command Create() => new("accounts", "Access to providers of models")
    {
        Either("list", "All accounts", [OfInstance], ListAsync, ListSharedAsync),
        Either("add", "Add an account; give its key with --key-stdin or --key-env", [Name, Provider, .. Entry], AddAsync, (all, parsed, ct) => SaveSharedAsync(all, parsed, isNew: true, ct)),
        Either("set", "Change an account; what is not given stays", [Which, NewName, NoKey, .. Entry], SetAsync, (all, parsed, ct) => SaveSharedAsync(all, parsed, isNew: false, ct)),
        Either("remove", "Remove an account", [Which, Yes, OfInstance], RemoveAsync, RemoveSharedAsync),
        CommandFrame.CreateClient("test", "Make the smallest real call; says what is wrong and what it cost", [Which, Model, Feature], TestAsync),
    };

    /// <summary>By id or name; of several of one name the tenant's own.</summary>
    internal static async Task<JsonObject> FindAsync(HttpClient http, string which, CancellationToken ct)
    {
        var all = await http.AllAsync(Accounts, ct);
        return all.Find(a => a.Text("id") == which) ?? all.Where(a => a.Text("name") == which).OrderBy(a => a["ofInstance"]!.GetValue<bool>()).FirstOrDefault()
            ?? throw new CommandException($"There is no account '{which}'. 'parley models accounts list' shows them.");
    }

    internal static bool OnOff(string option, string value) => value switch { "on" => true, "off" => false, _ => throw new CommandException($"{option} is on or off, not '{value}'.") };

    private static Command Either(
        string name, string description, IEnumerable<Symbol> symbols, Func<CommandContext, ParseResult, CancellationToken, Task<int>> tenant, Func<InstanceModelAccounts, ParseResult, CancellationToken, Task<JsonNode>> instance) =>
        CommandFrame.Create(name, description, [.. symbols, CommandFrame.Tenant, CommandFrame.Json, CommandFrame.Quiet], async (parsed, ct) =>
        {
            var progress = CommandFrame.ProgressOf(parsed);
            if (!parsed.GetValue(OfInstance))
            {
                await using var client = await InstanceClient.ConnectAsync(CommandFrame.DataOf(parsed), parsed.GetValue(CommandFrame.Tenant)!, progress, ct);
                return await tenant(new CommandContext(client.Http, parsed.GetValue(CommandFrame.Json), parsed.InvocationConfiguration.Output, progress), parsed, ct);
            }
            await using var access = await ServiceAccess.OpenAsync(CommandFrame.DataOf(parsed), progress, ct);
            var result = await instance(access.Services.GetRequiredService<InstanceModelAccounts>(), parsed, ct);
            var lines = parsed.GetValue(CommandFrame.Json) ? result.ToJsonString() : string.Join('\n', (result["accounts"] as JsonArray ?? [result]).OfType<JsonObject>().Select(Line).DefaultIfEmpty("The instance has no accounts."));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(lines);
            return 0;
        });

    private static async Task<int> ListAsync(CommandContext context, ParseResult parsed, CancellationToken ct) =>
        await context.PrintAsync("accounts", await context.Http.AllAsync(Accounts, ct), Line, "There are no accounts. Parley answers without models; to add one: parley models accounts add NAME PROVIDER --key-stdin");

    private static async Task<int> AddAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var body = await EntryAsync(parsed, new JsonObject { ["name"] = parsed.GetValue(Name), ["provider"] = parsed.GetValue(Provider) }, ct);
        var added = await context.Http.SendAsync(HttpMethod.Post, Accounts, body, ct);
        return await context.PrintAsync(added, Line(added));
    }

    private static async Task<int> SetAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var account = await FindAsync(context.Http, parsed.GetValue(Which)!, ct);
        var body = await EntryAsync(parsed, account.DeepClone().AsObject(), ct);
        var changed = await context.Http.SendAsync(HttpMethod.Put, $"{Accounts}/{account.Text("id")}", body, ct);
        return await context.PrintAsync(changed, Line(changed));
    }

    private static async Task<int> RemoveAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var account = await FindAsync(context.Http, parsed.GetValue(Which)!, ct);
        if (!parsed.GetValue(Yes) && account["serves"] is JsonArray { Count: > 0 } serves)
            throw new CommandException($"'{account.Text("name")}' serves {string.Join(", ", serves.Select(each => each!.ToString()))}. Choose other models for that first, or add --yes: its choices then go with it.");
        await context.Http.SendAsync(HttpMethod.Delete, $"{Accounts}/{account.Text("id")}?removeChoices={(parsed.GetValue(Yes) ? "true" : "false")}", null, ct);
        return await context.PrintAsync(new JsonObject { ["id"] = account.Text("id") }, $"{account.Text("name")} is removed.");
    }

    private static async Task<int> TestAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var account = await FindAsync(context.Http, parsed.GetValue(Which)!, ct);
        var result = await context.Http.SendAsync(HttpMethod.Post, $"{Accounts}/{account.Text("id")}/test", new { feature = parsed.GetValue(Feature), model = parsed.GetValue(Model) }, ct);
        var cost = result["cost"]!.GetValue<decimal>();
        await context.PrintAsync(result, string.Create(CultureInfo.InvariantCulture,
            $"{result.Text("result")}: {result.Text("message")}\n{(result["latencyMs"] is { } ms ? $"{ms.GetValue<double>():0} ms, " : "")}{TokensOf(result)}cost {cost:0.#########} dollars{(result["costKnown"]!.GetValue<bool>() ? "" : " (booked; the real cost is not known)")}"));
        return result["ok"]!.GetValue<bool>() ? 0 : 1;
    }

    private static string TokensOf(JsonObject result) => result["usage"] is JsonObject usage
        ? string.Create(CultureInfo.InvariantCulture, $"{usage["inputTokens"]!.GetValue<long>() + usage["cachedReadTokens"]!.GetValue<long>() + usage["cacheWriteTokens"]!.GetValue<long>()} tokens in, {usage["outputTokens"]!.GetValue<long>()} out, ") : "";

    private static async Task<JsonNode> ListSharedAsync(InstanceModelAccounts accounts, ParseResult parsed, CancellationToken ct) =>
        new JsonObject { ["accounts"] = new JsonArray([.. (await accounts.ListAsync(ct)).Select(Json)]) };

    private static async Task<JsonNode> SaveSharedAsync(InstanceModelAccounts accounts, ParseResult parsed, bool isNew, CancellationToken ct)
    {
        var before = isNew ? null : await FindSharedAsync(accounts, parsed.GetValue(Which)!, ct);
        var entry = await EntryAsync(parsed, before is null ? new JsonObject { ["name"] = parsed.GetValue(Name), ["provider"] = parsed.GetValue(Provider) } : Json(before), ct);
        var saved = await accounts.SaveAsync(before?.Id, new InstanceModelAccountEntry(entry.Text("name")!, entry.Text("provider")!, entry.Text("baseUrl"), entry.Text("apiKey"))
        {
            Enabled = entry["enabled"]?.GetValue<bool>() ?? true,
            Limits = new ModelAccountLimits { RequestsPerMinute = (int?)entry["requestsPerMinute"], TokensPerMinute = (int?)entry["tokensPerMinute"], Concurrency = (int?)entry["concurrency"] },
        }, ct);
        return Json(Value(saved));
    }

    private static async Task<JsonNode> RemoveSharedAsync(InstanceModelAccounts accounts, ParseResult parsed, CancellationToken ct)
    {
        var account = await FindSharedAsync(accounts, parsed.GetValue(Which)!, ct);
        Value(await accounts.RemoveAsync(account.Id, parsed.GetValue(Yes), ct));
        return Json(account);
    }

    private static async Task<InstanceModelAccount> FindSharedAsync(InstanceModelAccounts accounts, string which, CancellationToken ct) =>
        (await accounts.ListAsync(ct)).FirstOrDefault(account => account.Id.ToString() == which || account.Name == which)
            ?? throw new CommandException($"The instance has no account '{which}'. 'parley models accounts list --instance' shows them.");

    private static T Value<T>(Result<T> result) => result.TryGet(out var value, out var error) ? value
        : throw new CommandException(error.Fields.Count > 0 ? string.Join(" ", error.Fields.SelectMany(field => field.Value.Select(text => $"{field.Key}: {text}"))) : error.Message);

    private static JsonObject Json(InstanceModelAccount account) => JsonSerializer.SerializeToNode(account, JsonSerializerOptions.Web)!.AsObject();

    private static string Line(JsonObject account)
    {
        var serves = string.Join(", ", (account["serves"] as JsonArray ?? []).Select(each => each!.ToString()));
        var tested = account.Text("testResult") is { } result ? $"tested {account.Time("testedAt")}: {result}" : "";
        string[] rest =
        [
            account["ofInstance"]?.GetValue<bool>() == true ? "of the instance" : account.Text("baseUrl") ?? "", account.Text("keyHint") is { } hint ? "key " + hint : "",
            account["enabled"]?.GetValue<bool>() == false ? "off" : "", tested, serves.Length > 0 ? "serves " + serves : "",
        ];
        return $"{account.Text("id")}  {account.Text("name"),-20} {account.Text("provider"),-18} {string.Join("  ", rest.Where(part => part.Length > 0))}".TrimEnd();
    }

    /// <summary>What was given, over what there was.</summary>
    private static async Task<JsonObject> EntryAsync(ParseResult parsed, JsonObject entry, CancellationToken ct)
    {
        if (Has(parsed, NewName) && parsed.GetValue(NewName) is { } name)
            entry["name"] = name;
        if (parsed.GetValue(Url) is { } url)
            entry["baseUrl"] = url == "default" ? null : url;
        foreach (var (option, field) in new[] { (Requests, "requestsPerMinute"), (Tokens, "tokensPerMinute"), (Concurrency, "concurrency") })
        {
            if (parsed.GetValue(option) is { } text)
                entry[field] = text == "none" ? null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new CommandException($"{option.Name} is a number or 'none', not '{text}'.");
        }
        if (parsed.GetValue(Enabled) is { } enabled)
            entry["enabled"] = OnOff("--enabled", enabled);
        if (await KeyAsync(parsed, ct) is { } key)
            entry["apiKey"] = key;
        return entry;
    }

    private static async Task<string?> KeyAsync(ParseResult parsed, CancellationToken ct)
    {
        var (stdin, variable, none) = (parsed.GetValue(KeyStdin), parsed.GetValue(KeyEnv), Has(parsed, NoKey) && parsed.GetValue(NoKey));
        if ((stdin ? 1 : 0) + (variable is null ? 0 : 1) + (none ? 1 : 0) > 1)
            throw new CommandException("Give one of --key-stdin, --key-env and --no-key.");
        if (none)
            return "";
        if (stdin)
            return (await Console.In.ReadLineAsync(ct))?.Trim() is { Length: > 0 } line ? line : throw new CommandException("Standard input holds no key.");
        return variable is null ? null
            : Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value ? value : throw new CommandException($"The environment has no variable {variable}, or it is empty.");
    }

    private static bool Has(ParseResult parsed, Option option) => parsed.CommandResult.Command.Options.Contains(option);
}
