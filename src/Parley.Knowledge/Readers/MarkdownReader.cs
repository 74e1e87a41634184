using System.Globalization;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Parley.Knowledge.Readers;

/// <summary>Reads Markdown and its dialects (front matter, tables, admonitions, HTML tags, MDX components) into blocks.</summary>
internal sealed partial class MarkdownReader
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseTaskLists().UseAutoLinks().DisableHtml().Build();

    private readonly DocumentBuilder _document = new();
    private readonly MarkdownInlines _inlines;

    private MarkdownReader(Uri? baseUrl) => _inlines = new MarkdownInlines(baseUrl);

    internal static ReadDocument Read(string text, string path)
    {
        var (values, body) = FrontMatter.Split(text);
        var url = DocumentUrl.FromMetadata(values);
        var reader = new MarkdownReader(url is null ? null : new Uri(url));
        var syntax = Markdown.Parse(MdxPass.Rewrite(body), Pipeline);
        foreach (var block in syntax)
            reader.Add(block);
        var title = values.GetValueOrDefault("title") ?? reader._document.FirstTitle ?? DocumentTitle.FromPath(path);
        return reader._document.Build(TextNormal.Truncate(title, DocumentTitle.MaxLength)) with
        {
            Metadata = values,
            Url = url,
            Language = LanguageTag.Parse(values.GetValueOrDefault("lang") ?? values.GetValueOrDefault("language") ?? values.GetValueOrDefault("locale")),
        };
    }

    private void Add(Block block)
    {
        switch (block)
        {
            case HeadingBlock heading:
                AddHeading(heading.Level, _inlines.Plain(heading.Inline));
                break;
            case ParagraphBlock paragraph:
                AddParagraph(_inlines.Markdown(paragraph.Inline));
                break;
            case CodeBlock code:
                _document.Code(TextOf(code), LanguageOf(code));
                break;
            case ListBlock list:
                var units = new List<BlockUnit>();
                AddList(list, "", units);
                _document.Add(BlockKind.List, units);
                break;
            case Table table:
                _document.Add(BlockKind.Table, Rows(table));
                break;
            case ContainerBlock container:
                foreach (var child in container)
                    Add(child);
                break;
        }
    }

    private void AddHeading(int level, string text)
    {
        var id = ExplicitId().Match(text);
        _document.Heading(level, id.Success ? text[..id.Index].TrimEnd() : text, id.Success ? id.Groups[1].Value : null);
    }

    private void AddParagraph(string text)
    {
        if (text is [TextNormal.OpenMark, .. var title])
            _document.OpenComponent(title);
        else if (text is [TextNormal.CloseMark])
            _document.CloseComponent();
        else
            _document.Text(Alert().Replace(text, m => char.ToUpperInvariant(m.Groups[1].Value[0]) + m.Groups[1].Value[1..].ToLowerInvariant() + ": "));
    }

    private void AddList(ListBlock list, string indent, List<BlockUnit> units)
    {
        var number = list.IsOrdered && int.TryParse(list.OrderedStart, NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : 1;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var marker = list.IsOrdered ? (number++).ToString(CultureInfo.InvariantCulture) + ". " : "- ";
            var first = units.Count;
            var inner = indent + new string(' ', marker.Length);
            foreach (var child in item)
                AddToItem(child, inner, units, indent.Length > 0 || units.Count > first);
            if (units.Count == first)
                continue;
            var head = units[first];
            // What the item begins with carries its marker; an item that begins with a nested list gets a line for it.
            if (head.Text.StartsWith(inner, StringComparison.Ordinal) && (head.Text.Length == inner.Length || head.Text[inner.Length] != ' '))
                units[first] = head with { Text = indent + marker + head.Text[inner.Length..], Nested = indent.Length > 0, Loose = false };
            else
                units.Insert(first, new BlockUnit((indent + marker).TrimEnd(), Nested: indent.Length > 0));
        }
    }

    private void AddToItem(Block block, string indent, List<BlockUnit> units, bool nested)
    {
        switch (block)
        {
            case LeafBlock { Inline: not null } leaf:
                var text = _inlines.Markdown(leaf.Inline).Trim(TextNormal.OpenMark, TextNormal.CloseMark);
                if (text.Length > 0)
                    units.Add(new BlockUnit(Indented(text, indent), Nested: nested, Loose: nested));
                break;
            case CodeBlock code:
                if (TextOf(code) is { Length: > 0 } lines)
                    units.Add(new BlockUnit(Indented(DocumentBuilder.Fence(lines, LanguageOf(code)), indent), Verbatim: true, Nested: nested, Loose: nested));
                break;
            case ListBlock list:
                AddList(list, indent, units);
                break;
            case Table table:
                foreach (var row in Rows(table))
                    units.Add(row with { Text = Indented(row.Text, indent), Nested = true });
                break;
            case ContainerBlock container:
                foreach (var child in container)
                    AddToItem(child, indent, units, nested);
                break;
        }
    }

    private List<BlockUnit> Rows(Table table)
    {
        var columns = table.OfType<TableRow>().Select(r => r.Count).DefaultIfEmpty(0).Max();
        var rows = table.OfType<TableRow>().Select(r => r.OfType<TableCell>().Select(Cell)).ToList();
        var head = table.OfType<TableRow>().FirstOrDefault() is { IsHeader: true } ? rows[0] : [];
        return TableText.Units(head, rows.Skip(head.Any() ? 1 : 0), columns);
    }

    private string Cell(TableCell cell) => string.Join(" ", cell.Descendants<LeafBlock>().Where(l => l.Inline is not null).Select(l => _inlines.Markdown(l.Inline)));

    private static string TextOf(CodeBlock code) => code.Lines.ToString();

    private static string LanguageOf(CodeBlock code) => code is FencedCodeBlock { Info: { Length: > 0 and <= 40 } info } ? info : "";

    private static string Indented(string text, string indent) => indent + text.Replace("\n", "\n" + indent, StringComparison.Ordinal);

    [GeneratedRegex(@"\s*\{#([A-Za-z0-9_:.-]{1,200})\}\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ExplicitId();

    [GeneratedRegex(@"\A\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION|INFO|DANGER)\]\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Alert();
}
