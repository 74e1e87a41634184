using System.Text;
using AngleSharp.Dom;

namespace Parley.Knowledge.Readers;

/// <summary>Which elements say nothing, and the bare text of those that do.</summary>
internal static class HtmlText
{
    /// <summary>Never content, wherever they stand.</summary>
    internal static bool IsInert(IElement element) => element.LocalName
        is "script" or "style" or "noscript" or "template" or "iframe" or "object" or "embed" or "svg" or "canvas" or "audio" or "video" or "map" or "math"
        or "button" or "input" or "select" or "textarea" or "datalist" or "progress" or "meter" or "link" or "meta" or "title" or "head" or "base";

    internal static bool IsHidden(IElement element) =>
        element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true"
        || (element.GetAttribute("style") is { } style && style.Replace(" ", "", StringComparison.Ordinal).Contains("display:none", StringComparison.OrdinalIgnoreCase));

    internal static bool IsBlock(IElement element) => element.LocalName
        is "address" or "article" or "aside" or "blockquote" or "body" or "center" or "dd" or "details" or "dialog" or "div" or "dl" or "dt" or "fieldset" or "figcaption"
        or "figure" or "footer" or "form" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "header" or "hgroup" or "hr" or "html" or "li" or "main" or "nav" or "ol"
        or "p" or "pre" or "search" or "section" or "summary" or "table" or "tbody" or "td" or "tfoot" or "th" or "thead" or "tr" or "ul" or "caption";

    /// <summary>All text below a node, in document order, without recursion: a page may nest as deep as it likes.</summary>
    internal static string Of(INode root, bool keepLines = false)
    {
        var text = new StringBuilder();
        // Where the walk stands in each node above; by position, because a node's next sibling is found by walking over all before it.
        var path = new Stack<(INode Node, int Next)>();
        path.Push((root, 0));
        while (path.TryPop(out var at))
        {
            if (at.Next >= at.Node.ChildNodes.Length)
                continue;
            path.Push((at.Node, at.Next + 1));
            var node = at.Node.ChildNodes[at.Next];
            if (node is IText { Data: var data })
                text.Append(data);
            else if (node is IElement { LocalName: "br" })
                text.Append('\n');
            else if (node is IElement element && !keepLines && IsBlock(element))
                text.Append(' ');
            if (!(node is IElement inert && IsInert(inert)))
                path.Push((node, 0));
        }
        return TextNormal.Clean(text.ToString());
    }
}
