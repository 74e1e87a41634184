using System.Globalization;
using System.Text;
using System.Xml;

namespace Parley.Knowledge.Readers.Office;

/// <summary>Reads Word documents: headings, paragraphs, lists, tables, links, notes and the descriptions of pictures; what was deleted under revision is left out.</summary>
internal sealed class DocxReader
{
    private const string Main = "word/document.xml";

    private readonly OfficePackage _package;
    private readonly DocumentBuilder _document = new();
    private readonly DocxStyles _styles;
    private readonly Dictionary<string, (string Target, bool IsExternal)> _relations;
    private readonly Dictionary<string, string> _notes = new(StringComparer.Ordinal);
    private readonly List<BlockUnit> _items = [];
    private readonly Dictionary<(string List, int Level), int> _counters = [];
    private readonly StringBuilder _code = new();

    /// <summary>Paragraphs of text boxes, which stand inside other paragraphs and are said behind them.</summary>
    private readonly List<Paragraph> _boxes = [];

    private string? _title;

    private sealed class Paragraph
    {
        internal StringBuilder Text { get; } = new();
        internal string? Style { get; set; }
        internal int? Outline { get; set; }
        internal string? List { get; set; }
        internal int Level { get; set; }
    }

    private DocxReader(OfficePackage package) => (_package, _styles, _relations) = (package, DocxStyles.Read(package), package.Relations(Main));

    internal static ReadDocument Read(OfficePackage package, string path) => new DocxReader(package).Run(path);

    private ReadDocument Run(string path)
    {
        ReadNotes("word/footnotes.xml", "footnote");
        ReadNotes("word/endnotes.xml", "endnote");
        using (var xml = _package.Read(Main))
        {
            while (xml is { EOF: false })
            {
                if (xml is not { NodeType: XmlNodeType.Element, LocalName: "body" })
                    xml.Read();
                else
                    xml.Inside(Block);
            }
        }
        Flush();
        var title = _title ?? _document.FirstTitle ?? _package.Title() ?? DocumentTitle.FromPath(path);
        return _document.Build(TextNormal.Truncate(title, DocumentTitle.MaxLength));
    }

    /// <summary>A paragraph or a table; containers around them are walked through.</summary>
    private bool Block(XmlReader xml)
    {
        switch (xml.LocalName)
        {
            case "p":
                Say(ReadParagraph(xml));
                SayBoxes();
                return true;
            case "tbl":
                Table(xml);
                SayBoxes();
                return true;
            case "del" or "moveFrom" or "Fallback" or "sectPr" or "sdtPr":
                return xml.Skipped();
            default:
                return false;
        }
    }

    private void SayBoxes()
    {
        foreach (var box in _boxes.ToList())
            Say(box);
        _boxes.Clear();
    }

    private Paragraph ReadParagraph(XmlReader xml)
    {
        var paragraph = new Paragraph();
        xml.Inside(x => Inline(x, paragraph));
        return paragraph;
    }

    private bool Inline(XmlReader xml, Paragraph paragraph)
    {
        switch (xml.LocalName)
        {
            case "t":
                paragraph.Text.Append(xml.ReadElementContentAsString());
                return true;
            case "tab":
                paragraph.Text.Append(' ');
                return xml.Skipped();
            case "br" or "cr":
                paragraph.Text.Append('\n');
                return xml.Skipped();
            case "noBreakHyphen":
                paragraph.Text.Append('-');
                return xml.Skipped();
            case "pPr":
                xml.Inside(x => Property(x, paragraph));
                return true;
            case "hyperlink":
                Link(xml, paragraph);
                return true;
            case "docPr":
                Picture(xml, paragraph);
                return false;
            case "footnoteReference" or "endnoteReference":
                if (_notes.TryGetValue(xml.LocalName[..^"Reference".Length] + xml.Attribute("id"), out var note))
                    paragraph.Text.Append(" (").Append(note).Append(')');
                return xml.Skipped();
            case "txbxContent":
                xml.Inside(Boxed);
                return true;
            case "del" or "moveFrom" or "Fallback" or "rPr" or "instrText" or "delText" or "sdtPr":
                return xml.Skipped();
            default:
                return false;
        }
    }

    private bool Boxed(XmlReader xml)
    {
        if (xml.LocalName != "p")
            return xml.LocalName == "Fallback" && xml.Skipped();
        _boxes.Add(ReadParagraph(xml));
        return true;
    }

    private static bool Property(XmlReader xml, Paragraph paragraph)
    {
        switch (xml.LocalName)
        {
            case "pStyle": paragraph.Style = xml.Val(); break;
            case "outlineLvl": paragraph.Outline = Number(xml.Val()); break;
            case "numId": paragraph.List = xml.Val(); break;
            case "ilvl": paragraph.Level = Math.Clamp(Number(xml.Val()) ?? 0, 0, 8); break;
        }
        return false;
    }

    private void Link(XmlReader xml, Paragraph paragraph)
    {
        var target = OfficePackage.RelationOf(xml) is { } id && _relations.TryGetValue(id, out var relation) && relation.IsExternal ? DocumentUrl.Resolve(relation.Target, null) : null;
        var start = paragraph.Text.Length;
        xml.Inside(x => Inline(x, paragraph));
        var label = paragraph.Text.ToString(start, paragraph.Text.Length - start);
        if (target is null || string.IsNullOrWhiteSpace(label) || label == target || label.AsSpan().ContainsAny("[]\n"))
            return;
        paragraph.Text.Length = start;
        paragraph.Text.Append('[').Append(label).Append("](").Append(target).Append(')');
    }

    private static void Picture(XmlReader xml, Paragraph paragraph)
    {
        if (TextNormal.OneLine(TextNormal.Clean(xml.Attribute("descr") ?? "")) is { Length: > 0 } text)
            paragraph.Text.Append("![").Append(text.Replace(']', ')')).Append("]()");
    }

    private void Say(Paragraph paragraph)
    {
        var text = TextNormal.Clean(paragraph.Text.ToString());
        var style = _styles.Of(paragraph.Style);
        if (style.IsCode)
        {
            FlushItems();
            _code.Append(text).Append('\n');
            return;
        }
        text = text.Trim();
        if (text.Length == 0)
            return;
        FlushCode();
        var heading = paragraph.Outline is { } outline and < 6 ? outline + 1 : style.Heading;
        var list = paragraph.List ?? style.List;
        if (style.IsTitle && _title is null)
            _title = TextNormal.OneLine(text);
        else if (heading > 0)
            SayHeading(heading, text);
        else if (list is not null and not "0")
            Item(list, paragraph.Level, text);
        else
            SayText(text);
    }

    private void SayHeading(int level, string text)
    {
        FlushItems();
        _counters.Clear();
        _document.Heading(level, TextNormal.OneLine(text), null);
    }

    private void SayText(string text)
    {
        FlushItems();
        _document.Text(text);
    }

    private void Item(string list, int level, string text)
    {
        var indent = new string(' ', 3 * level);
        var marker = "- ";
        if (_styles.Counts(list, level))
        {
            var number = _counters[(list, level)] = _counters.GetValueOrDefault((list, level)) + 1;
            marker = number.ToString(CultureInfo.InvariantCulture) + ". ";
        }
        foreach (var deeper in _counters.Keys.Where(k => k.List == list && k.Level > level).ToList())
            _counters.Remove(deeper);
        _items.Add(new BlockUnit(indent + marker + text.Replace("\n", "\n" + indent + "  ", StringComparison.Ordinal), Nested: level > 0));
    }

    private void Table(XmlReader xml)
    {
        Flush();
        var rows = new List<List<string>>();
        xml.Inside(x =>
        {
            if (x.LocalName == "tr")
                rows.Add([]);
            if (x.LocalName != "tc")
                return x.LocalName is "tblPr" or "del" && x.Skipped();
            rows[^1].Add(Cell(x));
            return true;
        });
        rows.RemoveAll(r => r.TrueForAll(string.IsNullOrWhiteSpace));
        var columns = rows.Select(r => r.Count).DefaultIfEmpty(0).Max();
        if (columns > 1)
            _document.Add(BlockKind.Table, TableText.Units(rows.Count > 1 ? rows[0] : [], rows.Skip(rows.Count > 1 ? 1 : 0), columns));
        else
            rows.ForEach(r => _document.Text(r[0]));
    }

    /// <summary>All paragraphs of a cell, also those of tables inside it.</summary>
    private string Cell(XmlReader xml)
    {
        var text = new List<string>();
        xml.Inside(x =>
        {
            if (x.LocalName != "p")
                return x.LocalName is "del" or "Fallback" && x.Skipped();
            if (TextNormal.Clean(ReadParagraph(x).Text.ToString()).Trim() is { Length: > 0 } line)
                text.Add(line);
            return true;
        });
        return string.Join('\n', text);
    }

    private void ReadNotes(string part, string element)
    {
        using var xml = _package.Read(part);
        while (xml is { EOF: false })
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != element)
            {
                xml.Read();
                continue;
            }
            // Separators are notes as well; their ids are 0 and below.
            var id = xml.Attribute("id") ?? "";
            if (Cell(xml) is { Length: > 0 } text && Number(id) > 0)
                _notes.TryAdd(element + id, TextNormal.OneLine(text));
        }
    }

    private void Flush()
    {
        FlushItems();
        FlushCode();
    }

    private void FlushItems()
    {
        if (_items.Count > 0)
            _document.Add(BlockKind.List, [.. _items]);
        _items.Clear();
    }

    private void FlushCode()
    {
        if (_code.Length == 0)
            return;
        _document.Code(_code.ToString(), "");
        _code.Clear();
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : null;
}
