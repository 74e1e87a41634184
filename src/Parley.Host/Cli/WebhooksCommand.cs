using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley webhooks …</c>: who is told what happens in conversations, what was sent, and sending it again.</summary>
internal static class WebhooksCommand
{
    private const string Root = "v1/webhooks";
    private static readonly Argument<string> Which = new("WEBHOOK") { Description = "Its address or its id" };
    private static readonly Argument<string> Address = new("URL") { Description = "Where to: an https address" };
    private static readonly Argument<string> Delivery = new("DELIVERY") { Description = "The delivery's id" };
    private static readonly Option<string[]> Events = new("--event") { Description = "What to send; may be repeated. 'parley webhooks events' lists what there is", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Description = new("--description") { Description = "What it is for" };
    private static readonly Option<string?> State = new("--state") { Description = "Only deliveries that are pending, delivered, failed or cancelled" };
    private static readonly Option<bool> SkipMissed = new("--skip-missed") { Description = "Begin with what happens from now on, instead of catching up" };
    private static readonly Option<DateTimeOffset?> Since = new("--since") { Description = "From when on, such as 2026-01-31T09:00:00Z (default: all that is kept)" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    internal static Command Create() => new("webhooks", "Tell other programs what happens: add, test, look at deliveries, send again")
    {
        CommandFrame.CreateClient("list", "All webhooks and how they do", [], async (context, parsed, ct) =>
            await context.PrintAsync("webhooks", await context.Http.AllAsync(Root, ct), Line, "There are no webhooks. Add one: parley webhooks add URL --event message.created")),
        CommandFrame.CreateClient("events", "What can be subscribed to", [], async (context, parsed, ct) =>
            await context.PrintAsync("events", await context.Http.AllAsync(Root + "/events", ct), type => $"{type.Text("type"),-24} {type.Text("description")}", "")),
        CommandFrame.CreateClient("add", "Add a webhook; prints its secret, which is shown this once", [Address, Events, Description], AddAsync),
        CommandFrame.CreateClient("test", "Send one test event now and say what came of it", [Which], TestAsync),
        CommandFrame.CreateClient("enable", "Switch a webhook on; it catches up with what happened meanwhile", [Which, SkipMissed], (context, parsed, ct) =>
            ChangeAsync(context, parsed, new { enabled = true, skipMissed = parsed.GetValue(SkipMissed) }, "is on", ct)),
        CommandFrame.CreateClient("disable", "Switch a webhook off", [Which], (context, parsed, ct) => ChangeAsync(context, parsed, new { enabled = false }, "is off", ct)),
        CommandFrame.CreateClient("rotate", "Make a new secret; the old one signs for one more day", [Which], RotateAsync),
        CommandFrame.CreateClient("delete", "Delete a webhook with its deliveries", [Which, Yes], DeleteAsync),
        CommandFrame.CreateClient("deliveries", "What was sent to a webhook, the newest first", [Which, State], DeliveriesAsync),
        CommandFrame.CreateClient("show", "One delivery: what was sent and how each attempt went", [Delivery], ShowAsync),
        CommandFrame.CreateClient("resend", "Send one delivery again", [Delivery], async (context, parsed, ct) =>
            await context.PrintAsync(await context.Http.SendAsync(HttpMethod.Post, $"{Root}/deliveries/{IdOf(parsed)}/replay", null, ct), "It is sent again.")),
        CommandFrame.CreateClient("resend-failed", "Send again what was given up", [Which, Since], ResendFailedAsync),
    };

    private static async Task<int> AddAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var made = await context.Http.SendAsync(HttpMethod.Post, Root, new { url = parsed.GetValue(Address), events = parsed.GetValue(Events), description = parsed.GetValue(Description) }, ct);
        return await context.PrintAsync(made, $"{(made["webhook"] as JsonObject).Text("id")}\nSecret {made.Text("secret")}\nKeep the secret now: it is not shown again.");
    }

    private static async Task<int> TestAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var tried = await context.Http.SendAsync(HttpMethod.Post, $"{Root}/{(await FindAsync(context, parsed, ct)).Text("id")}/test", null, ct);
        await context.PrintAsync(tried, Attempt((tried["attemptLog"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault() ?? []));
        return tried.Text("state") == "delivered" ? 0 : 1;
    }

    private static async Task<int> ChangeAsync(CommandContext context, ParseResult parsed, object change, string done, CancellationToken ct)
    {
        var webhook = await FindAsync(context, parsed, ct);
        return await context.PrintAsync(await context.Http.SendAsync(HttpMethod.Patch, $"{Root}/{webhook.Text("id")}", change, ct), $"{webhook.Text("url")} {done}.");
    }

    private static async Task<int> RotateAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var made = await context.Http.SendAsync(HttpMethod.Post, $"{Root}/{(await FindAsync(context, parsed, ct)).Text("id")}/secret", null, ct);
        return await context.PrintAsync(made, $"Secret {made.Text("secret")}\nThe old one signs until {(made["webhook"] as JsonObject).Time("previousSecretUntil")} UTC. Keep the new one now: it is not shown again.");
    }

    private static async Task<int> DeleteAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var webhook = await FindAsync(context, parsed, ct);
        if (!parsed.GetValue(Yes))
            throw new CommandException($"{webhook.Text("url")} and its deliveries would be deleted. Repeat with --yes.");
        await context.Http.SendAsync(HttpMethod.Delete, $"{Root}/{webhook.Text("id")}", null, ct);
        return await context.PrintAsync(webhook, $"{webhook.Text("url")} is deleted.");
    }

    private static async Task<int> DeliveriesAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var state = parsed.GetValue(State);
        var page = await context.Http.SendAsync(HttpMethod.Get,
            $"{Root}/{(await FindAsync(context, parsed, ct)).Text("id")}/deliveries?limit=100{(state is null ? "" : "&state=" + Uri.EscapeDataString(state))}", null, ct);
        return await context.PrintAsync("deliveries", [.. (page["items"] as JsonArray ?? []).OfType<JsonObject>()], DeliveryLine, "Nothing was sent.");
    }

    private static async Task<int> ShowAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var delivery = await context.Http.SendAsync(HttpMethod.Get, $"{Root}/deliveries/{IdOf(parsed)}", null, ct);
        var attempts = (delivery["attemptLog"] as JsonArray ?? []).OfType<JsonObject>().Select(Attempt);
        return await context.PrintAsync(delivery, string.Join('\n', [DeliveryLine(delivery), .. attempts, delivery["payload"]?.ToJsonString() ?? ""]).TrimEnd());
    }

    private static async Task<int> ResendFailedAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var since = parsed.GetValue(Since) ?? DateTimeOffset.UnixEpoch;
        var done = await context.Http.SendAsync(HttpMethod.Post, $"{Root}/{(await FindAsync(context, parsed, ct)).Text("id")}/replay", new { since }, ct);
        return await context.PrintAsync(done, $"{done.Number("count")} are sent again.");
    }

    private static string Line(JsonObject webhook) => string.Create(CultureInfo.InvariantCulture,
        $"{webhook.Text("id")}  {StateOf(webhook),-30} {webhook.Text("url")}  {webhook.Number("waiting")} waiting, {webhook.Number("failed")} given up  {string.Join(' ', (webhook["events"] as JsonArray ?? []).Select(e => e?.ToString()))}");

    private static string StateOf(JsonObject webhook) => webhook["enabled"]?.GetValue<bool>() != true
        ? webhook.Text("disabledReason") switch { "gone" => "off: the receiver is gone", "failing" => "off: it only failed", _ => "off" }
        : webhook.Text("failingSince") is null ? "on" : $"failing since {webhook.Time("failingSince")}";

    private static string DeliveryLine(JsonObject delivery) => string.Create(CultureInfo.InvariantCulture,
        $"{delivery.Text("id")}  {delivery.Time("createdAt")}  {delivery.Text("state"),-9} {delivery.Text("type"),-22} {delivery.Number("attempts")} attempts  {delivery.Text("lastStatus") ?? "-"}  {delivery.Text("lastError")}").TrimEnd();

    private static string Attempt(JsonObject attempt) => string.Create(CultureInfo.InvariantCulture,
        $"{attempt.Time("at")}  {attempt.Text("status") ?? "no answer"} after {attempt.Number("durationMs")} ms  {attempt.Text("error") ?? "accepted"}");

    private static string IdOf(ParseResult parsed) =>
        Guid.TryParse(parsed.GetValue(Delivery), out var id) ? id.ToString("D") : throw new CommandException($"'{parsed.GetValue(Delivery)}' is no delivery's id: give one of 'parley webhooks deliveries'.");

    private static async Task<JsonObject> FindAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var which = parsed.GetValue(Which)!;
        var found = (await context.Http.AllAsync(Root, ct)).Where(w => w.Text("id") == which || w.Text("url") == which).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandException($"There is no webhook '{which}'. 'parley webhooks list' shows them."),
            _ => throw new CommandException($"{found.Count} webhooks go to {which}. Give the id; 'parley webhooks list' shows it."),
        };
    }
}
