using System.Collections.Frozen;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Parley.Knowledge.Readers;

/// <summary>Finds the part of a page that is its content: what the page marks as such, else the body without its frame.</summary>
internal static class HtmlMainContent
{
    /// <summary>A marked part with less than this share of the page's text is not believed.</summary>
    private const double LeastShare = .2;

    private static readonly string[] Candidates =
    [
        "main", "[role=main]", "article", "[itemprop=articleBody]", "#content", "#main-content", "#main", ".markdown-body", ".article-body", ".post-content", ".entry-content",
        ".doc-content", ".content",
    ];

    private static readonly FrozenSet<string> FrameRoles = new[]
    {
        "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Whole words of class and id: "toc" must not match "stock".
    private static readonly FrozenSet<string> FrameWords = new[]
    {
        "nav", "navbar", "navigation", "menu", "sidebar", "breadcrumb", "breadcrumbs", "footer", "cookie", "cookies", "consent", "gdpr", "newsletter", "toc", "pagination",
        "pager", "social", "share", "sharing", "skip", "advert", "ads", "promo", "popup", "modal", "feedback", "related", "comments", "search", "onetrust", "cookiebot", "usercentrics", "didomi", "cookiebar", "cookiebanner", "topbar", "siteheader", "globalheader", "masthead", "megamenu", "offcanvas", "subnav",
        "skiplink", "backtotop", "subscribe", "banner",
    }.ToFrozenSet(StringComparer.Ordinal);

    // In what a part says it is to those who do not see it.
    private static readonly string[] FrameLabels = ["cookie", "consent", "breadcrumb", "navigation", "table of contents", "on this page", "sidebar", "newsletter", "share"];

    /// <summary>A part whose text is mostly links is a way to somewhere else.</summary>
    private const double LinkShare = .7;

    private const int LeastLinks = 5;
    private const int ProseLength = 100;

    internal static IElement? Find(IHtmlDocument page)
    {
        if (page.Body is not { } body)
            return null;
        RemoveFrame(body);
        var all = Length(body);
        foreach (var selector in Candidates)
        {
            var found = body.QuerySelectorAll(selector);
            if (found.Length == 0)
                continue;
            // Several articles are a list of teasers or the posts of one thread: their common parent.
            var part = found.Length == 1 ? found[0] : found[0].ParentElement is { } parent && found.All(f => f.ParentElement == parent) ? parent : null;
            if (part is not null && Length(part) >= LeastShare * all)
                return part;
        }
        RemoveLinkLists(body, all);
        return body;
    }

    /// <summary>Where a page marks nothing, what consists of links goes; a page that consists of them as a whole stays as it is.</summary>
    private static void RemoveLinkLists(IElement body, int all)
    {
        var lists = body.QuerySelectorAll("div, ul, ol, section, td, table").Where(IsLinkList).ToList();
        if (lists.Where(l => l.ParentElement is { } p && !lists.Contains(p)).Sum(Length) > .6 * all)
            return;
        foreach (var list in lists.Where(l => l.Parent is not null))
            list.Remove();
    }

    private static bool IsLinkList(IElement element)
    {
        var links = element.QuerySelectorAll("a[href]").Take(500).ToList();
        if (links.Count < LeastLinks || element.QuerySelector("h1, pre, dl") is not null || element.QuerySelectorAll("p").Any(p => Length(p) > ProseLength))
            return false;
        var text = Length(element);
        return text > 0 && links.Sum(Length) > LinkShare * text;
    }

    private static void RemoveFrame(IElement body)
    {
        foreach (var element in body.QuerySelectorAll("*").Where(e => IsFrame(e)).ToList())
        {
            if (element.Parent is not null)
                element.Remove();
        }
    }

    private static bool IsFrame(IElement element)
    {
        if (element.LocalName is "main" or "body")
            return false;
        if (HtmlText.IsInert(element) || HtmlText.IsHidden(element) || element.LocalName is "nav" or "aside" or "dialog" or "menu")
            return true;
        // The head and foot of an article carry its title and its notes; those of the page do not.
        if (element.LocalName is "header" or "footer")
            return element.Closest("main, article") is null && !(element.LocalName == "header" && element.QuerySelector("h1") is not null);
        if (element.GetAttribute("role") is { } role && FrameRoles.Contains(role))
            return true;
        if (element.GetAttribute("aria-label") is { Length: > 0 and < 100 } label && element.LocalName is "div" or "section" or "ul" or "ol" or "form"
            && FrameLabels.Any(l => label.Contains(l, StringComparison.OrdinalIgnoreCase)) && element.QuerySelector("main, article, h1") is null)
            return true;
        return HasFrameWord(element) && element.QuerySelector("main, article, h1") is null;
    }

    private static bool HasFrameWord(IElement element)
    {
        if (element.LocalName is not ("div" or "section" or "ul" or "ol" or "p" or "span" or "form" or "a"))
            return false;
        foreach (var names in (ReadOnlySpan<string?>)[element.Id, element.ClassName])
        {
            foreach (var word in Words(names ?? ""))
            {
                if (FrameWords.Contains(word))
                    return true;
            }
        }
        return false;
    }

    /// <summary>"site-footer", "siteFooter" and "site_footer" are two words each, and one together.</summary>
    private static IEnumerable<string> Words(string names)
    {
        var (start, before) = (0, "");
        for (var i = 1; i <= names.Length; i++)
        {
            var ends = i == names.Length || !char.IsLetterOrDigit(names[i]) || (char.IsUpper(names[i]) && char.IsLower(names[i - 1]));
            if (!ends)
                continue;
            while (start < i && !char.IsLetterOrDigit(names[start]))
                start++;
            if (i > start)
            {
                var word = names[start..i].ToLowerInvariant();
                yield return word;
                yield return before + word;
                before = word;
            }
            start = i;
        }
    }

    private static int Length(IElement element) => TextNormal.OneLine(HtmlText.Of(element)).Length;
}
