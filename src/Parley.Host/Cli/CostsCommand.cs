using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley costs</c> and <c>parley budget</c>: what paid calls cost by whatever one wants to know it by, and how near the limits are.</summary>
internal static class CostsCommand
{
    private static readonly Option<string> By = new("--by") { HelpName = "WHAT", Description = "service, provider, model, feature, assistant, tier, day or conversation", DefaultValueFactory = _ => "service" };
    private static readonly Option<string?> From = new("--from") { HelpName = "DAY", Description = "The first day, UTC, as 2026-01-31 (default: 30 days ago)" };
    private static readonly Option<string?> To = new("--to") { HelpName = "DAY", Description = "The last day (default: today)" };

    internal static Command Create() => CommandFrame.CreateClient("costs", "What paid calls cost", [By, From, To], RunAsync);

    internal static Command CreateBudget() => CommandFrame.CreateClient("budget", "The limits of what paid calls may cost, and how much of them is used", [], BudgetAsync);

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var query = string.Join('&', new[] { ("by", parsed.GetValue(By)), ("from", parsed.GetValue(From)), ("to", parsed.GetValue(To)) }
            .Where(each => each.Item2 is not null).Select(each => $"{each.Item1}={Uri.EscapeDataString(each.Item2!)}"));
        var report = await context.Http.SendAsync(HttpMethod.Get, "v1/costs?" + query, null, ct);
        if (context.Json)
        {
            await context.Out.WriteLineAsync(report.ToJsonString());
            return 0;
        }
        var (total, rest) = ((JsonObject)report["total"]!, (JsonObject)report["rest"]!);
        if (total.Number("calls") == 0)
        {
            await context.Out.WriteLineAsync($"Nothing was paid from {report.Text("from")} to {report.Text("to")}.");
            return 0;
        }
        foreach (var row in (report["rows"] as JsonArray ?? []).OfType<JsonObject>())
        {
            await context.Out.WriteLineAsync(Line(row.Text("label") ?? row.Text("key") ?? "none", row));
        }
        if (rest.Number("calls") > 0)
        {
            await context.Out.WriteLineAsync(Line("all others", rest));
        }
        await context.Out.WriteLineAsync(Line($"total, {report.Text("from")} to {report.Text("to")}", total));
        await context.Out.WriteLineAsync(Line("as many days before", (JsonObject)report["before"]!));
        return 0;
    }

    private static string Line(string name, JsonObject of) => string.Create(CultureInfo.InvariantCulture,
        $"{name,-40} {of.Number("calls"),8} calls {Tokens(of),14:n0} tokens {Dollars(of, "cost"),16}{(of.Number("unsettledCalls") is > 0 and var n ? $"  ({n} with an unknown bill: {Dollars(of, "unsettledCost")})" : "")}");

    private static long Tokens(JsonObject of) => new[] { "inputTokens", "outputTokens", "cachedTokens", "cacheWriteTokens" }.Sum(name => of[name]?.GetValue<long>() ?? 0);

    /// <summary>To the last digit that is stored, without empty ones.</summary>
    private static string Dollars(JsonObject of, string name) => of[name] is { } value ? "$" + value.GetValue<decimal>().ToString("0.00#######", CultureInfo.InvariantCulture) : "-";

    private static async Task<int> BudgetAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var budget = await context.Http.SendAsync(HttpMethod.Get, "v1/budget", null, ct);
        if (context.Json)
        {
            await context.Out.WriteLineAsync(budget.ToJsonString());
            return 0;
        }
        foreach (var scope in new[] { "scopes", "conversations", "customers" }.SelectMany(name => (budget[name] as JsonArray ?? []).OfType<JsonObject>()))
        {
            await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{Name(scope),-50} {Dollars(scope, "settled"),14} spent {Dollars(scope, "held"),10} held  of {(scope["limit"] is null ? "no limit" : Dollars(scope, "limit")),-12} {(scope["percent"] is { } percent ? percent.GetValue<double>().ToString("0.#", CultureInfo.InvariantCulture) + " %" : "")}{(scope["hard"]!.GetValue<bool>() ? "  never passed" : "")}"));
        }
        foreach (var alert in (budget["alerts"] as JsonArray ?? []).OfType<JsonObject>())
        {
            await context.Out.WriteLineAsync($"{alert.Time("at")}  {alert.Text("kind")} of {alert.Text("period")} reached {alert.Text("step")} %: {Dollars(alert, "spent")} of {Dollars(alert, "budget")}");
        }
        foreach (var day in (budget["unusual"] as JsonArray ?? []).OfType<JsonObject>())
        {
            await context.Out.WriteLineAsync($"{day.Text("day")} was unusual: {Dollars(day, "cost")}, usually {Dollars(day, "usual")}");
        }
        return 0;
    }

    private static string Name(JsonObject scope) => scope.Text("kind") switch
    {
        "tenant_month" => "this month",
        "tenant_day" => "today",
        "anonymous" => "visitors today",
        "end_user" => "customer " + scope.Text("subjectId"),
        var kind => $"{kind} {scope.Text("subjectId")}",
    };
}
