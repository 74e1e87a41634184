using System.Text;
using AngleSharp.Dom;

namespace Parley.Knowledge.Readers;

/// <summary>Renders HTML inside a paragraph as Markdown without emphasis.</summary>
internal sealed class HtmlInlines(Uri? baseUrl)
{
    private const int MaxDepth = 200;

    /// <summary>The words of a heading in one line; the "#" links that generators add do not count.</summary>
    internal static string Heading(IElement heading)
    {
        foreach (var link in heading.QuerySelectorAll("a").Where(a => TextNormal.OneLine(HtmlText.Of(a)) is "#" or "¶" or "" or "§" or "\U0001F517").ToList())
        {
            if (link.Id is { Length: > 0 } id && string.IsNullOrEmpty(heading.Id))
                heading.Id = id;
            link.Remove();
        }
        return TextNormal.OneLine(HtmlText.Of(heading));
    }

    /// <summary>Everything inside an element as one line, for table cells and terms.</summary>
    internal string Line(IElement element, int depth)
    {
        var run = new StringBuilder();
        Children(run, element, depth, oneLine: true);
        return TextNormal.OneLine(Trim(run));
    }

    internal void Append(StringBuilder run, IElement element, int depth, bool oneLine = false)
    {
        if (HtmlText.IsInert(element) || HtmlText.IsHidden(element))
            return;
        switch (element.LocalName)
        {
            case "br":
                run.Append(oneLine ? ' ' : '\n');
                break;
            case "img":
                Image(run, element);
                break;
            case "code" or "kbd" or "samp" or "tt":
                Code(run, TextNormal.OneLine(HtmlText.Of(element)));
                break;
            case "a":
                Link(run, element, depth, oneLine);
                break;
            default:
                if (oneLine && HtmlText.IsBlock(element))
                    AppendText(run, " ");
                Children(run, element, depth, oneLine);
                if (oneLine && HtmlText.IsBlock(element))
                    AppendText(run, " ");
                break;
        }
    }

    /// <summary>White space collapses as a browser does it.</summary>
    internal static void AppendText(StringBuilder run, string text)
    {
        foreach (var c in TextNormal.Clean(text))
        {
            if (!char.IsWhiteSpace(c))
                run.Append(c);
            else if (run.Length > 0 && run[^1] is not (' ' or '\n'))
                run.Append(' ');
        }
    }

    internal static string Trim(StringBuilder run) => run.ToString().Replace(" \n", "\n", StringComparison.Ordinal).Trim();

    /// <summary>An inline element around block elements (a link around a card) is walked like a block.</summary>
    internal static bool HoldsBlocks(IElement element, int depth)
    {
        if (depth > MaxDepth)
            return false;
        for (var i = 0; i < element.ChildNodes.Length; i++)
        {
            if (element.ChildNodes[i] is IElement child && (HtmlText.IsBlock(child) || HoldsBlocks(child, depth + 1)))
                return true;
        }
        return false;
    }

    private void Children(StringBuilder run, IElement element, int depth, bool oneLine)
    {
        if (depth > MaxDepth)
        {
            AppendText(run, HtmlText.Of(element));
            return;
        }
        for (var i = 0; i < element.ChildNodes.Length; i++)
        {
            if (element.ChildNodes[i] is IText text)
                AppendText(run, text.Data);
            else if (element.ChildNodes[i] is IElement inner)
                Append(run, inner, depth + 1, oneLine);
        }
    }

    private void Link(StringBuilder run, IElement element, int depth, bool oneLine)
    {
        var inner = new StringBuilder();
        Children(inner, element, depth, oneLine);
        var label = Trim(inner);
        if (label.Length == 0)
            return;
        // The spaces at the ends of a label stand outside the link.
        if (inner.Length > 0 && inner[0] == ' ')
            AppendText(run, " ");
        var target = DocumentUrl.Resolve(element.GetAttribute("href"), baseUrl);
        var isBare = target is null || label == target || label.Contains('\n', StringComparison.Ordinal);
        run.Append(isBare ? label : $"[{label}]({target})");
        if (inner[^1] == ' ')
            AppendText(run, " ");
    }

    private void Image(StringBuilder run, IElement image)
    {
        var alt = TextNormal.OneLine(TextNormal.Clean(image.GetAttribute("alt") ?? ""));
        if (alt.Length > 0)
            run.Append($"![{alt.Replace(']', ')')}]({DocumentUrl.Resolve(image.GetAttribute("src"), baseUrl)})");
    }

    private static void Code(StringBuilder run, string code)
    {
        if (code.Length == 0)
            return;
        var ticks = code.Contains('`', StringComparison.Ordinal) ? "``" : "`";
        var pad = code is ['`', ..] or [.., '`'] ? " " : "";
        run.Append(ticks).Append(pad).Append(code).Append(pad).Append(ticks);
    }
}
