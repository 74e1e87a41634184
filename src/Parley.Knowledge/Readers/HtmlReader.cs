using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Parley.Knowledge.Readers;

/// <summary>Reads the main content of a page. Scripts, styles and forms never become text, and nothing is executed or fetched.</summary>
internal static class HtmlReader
{
    // "Scripting" only makes noscript opaque, as in a browser; there is no engine that could run anything.
    private static readonly HtmlParserOptions Options = new() { IsScripting = true };

    internal static ReadDocument Read(string text, string path)
    {
        var page = new HtmlParser(Options).ParseDocument(text);
        var url = DocumentUrl.Web(page.QuerySelector("link[rel~=canonical]")?.GetAttribute("href"))
            ?? DocumentUrl.Web(page.QuerySelector("meta[property='og:url']")?.GetAttribute("content"));
        var address = DocumentUrl.Web(path) ?? url;
        HtmlFolds.Open(page);
        var blocks = new HtmlBlocks(new DocumentBuilder(), address is null ? null : new Uri(address));
        if (HtmlMainContent.Find(page) is { } main)
            blocks.Walk(main);
        var title = blocks.Document.FirstTitle ?? SiteTitle(page) ?? DocumentTitle.FromPath(path);
        return blocks.Document.Build(TextNormal.Truncate(title, DocumentTitle.MaxLength)) with
        {
            Url = url,
            Language = LanguageTag.Parse(page.DocumentElement?.GetAttribute("lang")),
            Metadata = Metadata(page),
        };
    }

    /// <summary>The words of a fragment in one line.</summary>
    internal static string PlainText(string html) => TextNormal.OneLine(HtmlText.Of(Fragment(html)));

    /// <summary>The blocks of a fragment as Markdown, for HTML inside a Markdown file.</summary>
    internal static string ToMarkdown(string html)
    {
        var blocks = new HtmlBlocks(new DocumentBuilder(), null);
        blocks.Walk(Fragment(html));
        return string.Join("\n\n", blocks.Document.Build("").Blocks.Select(b => b.Text));
    }

    private static IElement Fragment(string html) => new HtmlParser(Options).ParseDocument(html).Body!;

    /// <summary>"Cron jobs | Docs" names page and site; the page stands first.</summary>
    private static string? SiteTitle(IHtmlDocument page)
    {
        var title = TextNormal.OneLine(TextNormal.Clean(page.Title ?? ""));
        foreach (var separator in (ReadOnlySpan<string>)[" | ", " – ", " — ", " · ", " :: "])
        {
            if (title.IndexOf(separator, StringComparison.Ordinal) is > 0 and var end)
                title = title[..end];
        }
        return title.Length == 0 ? null : title;
    }

    private static Dictionary<string, string> Metadata(IHtmlDocument page)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (ReadOnlySpan<string>)["description", "keywords", "author", "date"])
        {
            if (page.QuerySelector($"meta[name='{name}']")?.GetAttribute("content") is { Length: > 0 } content)
                metadata[name] = TextNormal.Truncate(TextNormal.OneLine(TextNormal.Clean(content)), 1000);
        }
        return metadata;
    }
}
