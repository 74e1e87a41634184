using System.CommandLine;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley articles …</c>: what is written in Parley itself.</summary>
internal static class ArticlesCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "The article's id" };
    private static readonly Argument<string> File = new("FILE") { Description = "A Markdown file; '-' reads standard input" };
    private static readonly Option<string> Locale = new("--locale") { HelpName = "TAG", Description = "Which language of it", DefaultValueFactory = _ => "en" };
    private static readonly Option<string?> Title = new("--title") { Description = "Left out: its first heading" };
    private static readonly Option<string?> Article = new("--id") { HelpName = "ID", Description = "Change this article; left out: write a new one" };

    internal static Command Create() => new("articles", "Articles written in Parley: list, read, write, review, publish")
    {
        CommandFrame.CreateClient("list", "All articles", [], async (context, parsed, ct) => await context.PrintAsync("articles", await context.Http.AllAsync("v1/knowledge/articles", ct), Line, "There are no articles.")),
        CommandFrame.CreateClient("show", "Print an article's text", [Id, Locale], ShowAsync),
        CommandFrame.CreateClient("save", "Write a draft; it answers nothing before it is published", [File, Article, Locale, Title], SaveAsync),
        Step("review", "Say that a draft is ready to be read", "waits for review"),
        Step("publish", "Let the assistant answer from it", "is published"),
        Step("unpublish", "Let the assistant answer from it no longer", "is published no longer"),
        CommandFrame.CreateClient("delete", "Delete an article in all languages", [Id], async (context, parsed, ct) =>
        {
            await context.Http.SendAsync(HttpMethod.Delete, $"v1/knowledge/articles/{parsed.GetValue(Id)}", null, ct);
            return await context.PrintAsync(new JsonObject { ["id"] = parsed.GetValue(Id) }, "It is deleted.");
        }),
    };

    private static Command Step(string name, string description, string done) => CommandFrame.CreateClient(name, description, [Id, Locale], async (context, parsed, ct) =>
        await context.PrintAsync(await context.Http.SendAsync(HttpMethod.Post, $"v1/knowledge/articles/{parsed.GetValue(Id)}/texts/{parsed.GetValue(Locale)}/{name}", null, ct), $"It {done}."));

    private static string Line(JsonObject article) =>
        $"{article.Text("id")}  {article.Text("locale"),-5} {article.Text("state"),-9} {article.Text("title")}";

    private static async Task<int> ShowAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var text = await TextAsync(context, parsed.GetValue(Id)!, parsed.GetValue(Locale)!, ct)
            ?? throw new CommandException($"The article has no text in '{parsed.GetValue(Locale)}'.");
        return await context.PrintAsync(text, $"# {text.Text("title")}\n\n{text.Text("body")}");
    }

    private static async Task<int> SaveAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var path = parsed.GetValue(File)!;
        if (path != "-" && !System.IO.File.Exists(path))
            throw new CommandException($"There is no file '{path}'.");
        var body = path == "-" ? await Console.In.ReadToEndAsync(ct) : await System.IO.File.ReadAllTextAsync(path, ct);
        var (heading, rest) = Heading(body);
        var title = parsed.GetValue(Title) ?? heading ?? throw new CommandException("The file begins with no heading: give --title.");
        var locale = parsed.GetValue(Locale)!;
        var text = parsed.GetValue(Title) is null ? rest : body;
        var saved = parsed.GetValue(Article) is { } id
            ? await context.Http.SendAsync(HttpMethod.Put, $"v1/knowledge/articles/{id}/texts/{locale}", new { title, body = text, revision = (await TextAsync(context, id, locale, ct))?.Number("revision") }, ct)
            : await context.Http.SendAsync(HttpMethod.Post, "v1/knowledge/articles", new { locale, title, body = text }, ct);
        return await context.PrintAsync(saved, $"Saved as a draft: {saved.Text("id")}. Publish it with: parley articles publish {saved.Text("id")} --locale {locale}");
    }

    private static async Task<JsonObject?> TextAsync(CommandContext context, string id, string locale, CancellationToken ct) =>
        ((await context.Http.SendAsync(HttpMethod.Get, $"v1/knowledge/articles/{id}", null, ct))["texts"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(t => t.Text("locale") == locale);

    /// <summary>The heading of the first level with which a text begins, and the rest.</summary>
    private static (string? Title, string Body) Heading(string body)
    {
        var text = body.TrimStart('\uFEFF', '\r', '\n', ' ');
        if (!text.StartsWith("# ", StringComparison.Ordinal))
            return (null, body);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? (text[2..].Trim(), "") : (text[2..end].Trim(), text[(end + 1)..].TrimStart('\r', '\n'));
    }
}
