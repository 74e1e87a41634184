using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley conversations search</c>: what was said, found by its words, as the console finds it.</summary>
internal static class ConversationsCommand
{
    private static readonly Argument<string> Words = new("WORDS") { Description = "Every word must stand in one message; the last may be only begun" };
    private static readonly Option<string?> Status = new("--status") { HelpName = "STATUS", Description = "open or closed" };
    private static readonly Option<string?> Outcome = new("--outcome") { HelpName = "OUTCOME", Description = "answered, abstained, unresolved, … with commas between several" };
    private static readonly Option<string?> Channel = new("--channel") { HelpName = "CHANNEL", Description = "widget, page, api, email, slack, voice or sms" };
    private static readonly Option<string?> Language = new("--language") { HelpName = "TAG", Description = "The customer's language, as en or pt-BR" };
    private static readonly Option<string?> From = new("--from") { HelpName = "DAY", Description = "Begun on this day (UTC) or later, as 2026-01-31" };
    private static readonly Option<string?> To = new("--to") { HelpName = "DAY", Description = "Begun on this day or earlier" };
    private static readonly Option<int> Limit = new("--limit") { HelpName = "N", Description = "How many at most, 1 to 200", DefaultValueFactory = _ => 20 };

    internal static Command Create() => new("conversations", "Conversations with customers")
    {
        CommandFrame.CreateClient("search", "Find conversations by what was said in them", [Words, Status, Outcome, Channel, Language, From, To, Limit], SearchAsync),
    };

    private static async Task<int> SearchAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var query = string.Join('&', new (string Name, string? Value)[]
        {
            ("q", parsed.GetValue(Words)), ("status", parsed.GetValue(Status)), ("outcome", parsed.GetValue(Outcome)), ("channel", parsed.GetValue(Channel)), ("language", parsed.GetValue(Language)),
            ("from", parsed.GetValue(From)), ("to", parsed.GetValue(To)), ("limit", parsed.GetValue(Limit).ToString(CultureInfo.InvariantCulture)),
        }.Where(each => each.Value is not null).Select(each => $"{each.Name}={Uri.EscapeDataString(each.Value!)}"));
        var page = await context.Http.SendAsync(HttpMethod.Get, "v1/conversations/search?" + query, null, ct);
        return await context.PrintAsync("conversations", [.. (page["items"] as JsonArray ?? []).OfType<JsonObject>()], Line, "Nothing was said in these words.");
    }

    private static string Line(JsonObject found)
    {
        var (conversation, match) = ((JsonObject)found["conversation"]!, (JsonObject)found["match"]!);
        return $"{conversation.Text("id")}  {match.Time("createdAt")}  {conversation.Text("status"),-6}  {conversation.Text("subject") ?? "-"}\n    {match.Text("authorKind")}: {Marked(match)}";
    }

    /// <summary>The words that were looked for stand in brackets: a terminal need not know colours.</summary>
    private static string Marked(JsonObject match)
    {
        var text = match.Text("text") ?? "";
        foreach (var mark in (match["marks"] as JsonArray ?? []).OfType<JsonObject>().Reverse())
        {
            text = text.Insert(mark.Number("start") + mark.Number("length"), "]").Insert(mark.Number("start"), "[");
        }
        return text;
    }
}
