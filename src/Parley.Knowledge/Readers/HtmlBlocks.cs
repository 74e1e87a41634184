using System.Text;
using AngleSharp.Dom;

namespace Parley.Knowledge.Readers;

/// <summary>Walks HTML and writes blocks in the same Markdown as the Markdown reader's.</summary>
internal sealed class HtmlBlocks(DocumentBuilder document, Uri? baseUrl)
{
    /// <summary>Below this depth structure is given up and text is kept: recursion must not end the process.</summary>
    private const int MaxDepth = 200;

    private readonly HtmlInlines _inlines = new(baseUrl);
    private readonly StringBuilder _run = new();

    internal DocumentBuilder Document => document;

    internal void Walk(INode node)
    {
        WalkChildren(node, 0);
        Flush();
    }

    private void WalkChildren(INode node, int depth)
    {
        if (depth > MaxDepth)
        {
            HtmlInlines.AppendText(_run, HtmlText.Of(node));
            return;
        }
        // By position: to ask a node for its next sibling walks over all before it.
        for (var i = 0; i < node.ChildNodes.Length; i++)
        {
            var child = node.ChildNodes[i];
            if (child is IText text)
                HtmlInlines.AppendText(_run, text.Data);
            else if (child is IElement element && !HtmlText.IsInert(element) && !HtmlText.IsHidden(element))
                WalkElement(element, depth);
        }
    }

    private void WalkElement(IElement element, int depth)
    {
        if (!HtmlText.IsBlock(element) && !HtmlInlines.HoldsBlocks(element, depth))
        {
            _inlines.Append(_run, element, depth);
            return;
        }
        Flush();
        switch (element.LocalName)
        {
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6":
                document.Heading(element.LocalName[1] - '0', HtmlInlines.Heading(element), AnchorOf(element));
                break;
            case "pre":
                document.Code(HtmlText.Of(element, keepLines: true), CodeLanguage(element));
                break;
            case "ul" or "ol":
                var units = new List<BlockUnit>();
                List(element, "", units, depth);
                document.Add(BlockKind.List, units);
                break;
            case "dl":
                document.Add(BlockKind.List, Definitions(element, depth));
                break;
            case "table" when !IsLayout(element):
                Table(element, depth);
                break;
            case "details":
                Details(element, depth);
                break;
            default:
                Container(element, depth);
                break;
        }
    }

    /// <summary>A panel of tabs or of an accordion stands below its label.</summary>
    private void Container(IElement element, int depth)
    {
        var title = element.GetAttribute(HtmlFolds.Title) is { } label ? TextNormal.OneLine(TextNormal.Clean(label)) : "";
        if (title.Length > 0)
            document.OpenComponent(title);
        WalkChildren(element, depth + 1);
        Flush();
        if (title.Length > 0)
            document.CloseComponent();
    }

    private void Flush()
    {
        var text = HtmlInlines.Trim(_run);
        _run.Clear();
        document.Text(text);
    }

    private void Details(IElement element, int depth)
    {
        var summary = element.Children.FirstOrDefault(c => c.LocalName == "summary");
        var title = summary is null ? "" : HtmlInlines.Heading(summary);
        summary?.Remove();
        if (title.Length > 0)
            document.OpenComponent(title);
        WalkChildren(element, depth + 1);
        Flush();
        if (title.Length > 0)
            document.CloseComponent();
    }

    private void List(IElement list, string indent, List<BlockUnit> units, int depth)
    {
        var number = int.TryParse(list.GetAttribute("start"), out var start) ? start : 1;
        foreach (var item in list.Children.Where(c => !HtmlText.IsInert(c) && !HtmlText.IsHidden(c)))
        {
            if (item.LocalName is "ul" or "ol")
            {
                List(item, indent + "  ", units, depth + 1);
                continue;
            }
            var marker = list.LocalName == "ol" ? $"{number++}. " : "- ";
            Item(item, indent, marker, units, depth + 1);
        }
    }

    /// <summary>The item's own text, code and tables as blocks of a small document; lists inside it follow, indented.</summary>
    private void Item(IElement item, string indent, string marker, List<BlockUnit> units, int depth)
    {
        var inner = indent + new string(' ', marker.Length);
        var first = units.Count;
        var part = new HtmlBlocks(new DocumentBuilder(), baseUrl);
        if (depth > MaxDepth)
            part.Document.Text(TextNormal.OneLine(HtmlText.Of(item)));
        else
            part.WalkChildren(item, depth);
        part.Flush();
        foreach (var block in part.Document.Build("").Blocks)
        {
            foreach (var unit in block.Units)
            {
                var isFirst = units.Count == first;
                units.Add(unit with
                {
                    Text = isFirst ? indent + marker + Indented(unit.Text, inner)[inner.Length..] : Indented(unit.Text, inner),
                    Nested = indent.Length > 0 || !isFirst,
                    Loose = !isFirst && block.Kind is not BlockKind.List && unit == block.Units[0],
                });
            }
        }
    }

    private List<BlockUnit> Definitions(IElement list, int depth)
    {
        var units = new List<BlockUnit>();
        foreach (var child in list.QuerySelectorAll("dt, dd"))
        {
            if (child.LocalName == "dt")
            {
                if (_inlines.Line(child, depth) is { Length: > 0 } term)
                    units.Add(new BlockUnit("- " + term));
            }
            else
            {
                Item(child, "  ", "", units, depth + 1);
            }
        }
        return units;
    }

    private void Table(IElement table, int depth)
    {
        if (table.Children.FirstOrDefault(c => c.LocalName == "caption") is { } caption)
            document.Text(_inlines.Line(caption, depth));
        var rows = table.QuerySelectorAll("tr").Where(r => r.Closest("table") == table)
            .Select(r => r.Children.Where(c => c.LocalName is "td" or "th").ToList()).Where(r => r.Count > 0).ToList();
        var hasHead = rows.Count > 1 && rows[0].TrueForAll(c => c.LocalName == "th" || c.Closest("thead") is not null);
        var texts = rows.ConvertAll(r => r.ConvertAll(c => _inlines.Line(c, depth)));
        document.Add(BlockKind.Table, TableText.Units(hasHead ? texts[0] : [], texts.Skip(hasHead ? 1 : 0), texts.Select(r => r.Count).DefaultIfEmpty(0).Max()));
    }

    /// <summary>A table that only places things: it holds other blocks of weight, or has a single column.</summary>
    private static bool IsLayout(IElement table) =>
        table.GetAttribute("role") == "presentation" || table.QuerySelector("table, h1, h2, h3, pre") is not null
        || table.QuerySelectorAll("tr").All(r => r.Children.Count(c => c.LocalName is "td" or "th") <= 1);

    private static string? AnchorOf(IElement heading)
    {
        if (heading.Id is { Length: > 0 and <= 200 } id)
            return id;
        var inside = heading.QuerySelector("a[id], a[name], span[id]");
        if ((inside?.Id ?? inside?.GetAttribute("name")) is { Length: > 0 and <= 200 } name)
            return name;
        return heading.ParentElement is { LocalName: "section" or "div", Id: { Length: > 0 and <= 200 } parent } around && around.FirstElementChild == heading ? parent : null;
    }

    private static string CodeLanguage(IElement pre)
    {
        foreach (var name in (pre.ClassName + " " + pre.FirstElementChild?.ClassName).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = name.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && name[..dash] is "language" or "lang" or "highlight-source" && name.Length < 40)
                return name[(dash + 1)..];
        }
        return "";
    }

    private static string Indented(string text, string indent) => indent + text.Replace("\n", "\n" + indent, StringComparison.Ordinal);
}
