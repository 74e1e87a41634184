using System.Globalization;
using System.Text;
using System.Xml;

namespace Parley.Knowledge.Readers.Office;

/// <summary>Reads presentations: each slide a section with its title, its texts and lists, tables, descriptions of pictures and the speaker's notes.</summary>
internal sealed class PptxReader
{
    private const string Main = "ppt/presentation.xml";
    private const int MaxSlides = 3000;

    private readonly OfficePackage _package;
    private readonly DocumentBuilder _document = new();

    private sealed record Line(string Text, int Level);

    /// <summary>One box of a slide.</summary>
    private sealed class Shape
    {
        internal string Placeholder { get; set; } = "";
        internal List<Line> Lines { get; } = [];
        internal List<List<string>> Rows { get; } = [];
        internal bool IsTitle => Placeholder is "title" or "ctrTitle";
    }

    private PptxReader(OfficePackage package) => _package = package;

    internal static ReadDocument Read(OfficePackage package, string path) => new PptxReader(package).Run(path);

    private ReadDocument Run(string path)
    {
        var slides = Slides();
        if (slides.Count > MaxSlides)
            throw new ReaderLimitException($"The presentation has more than {MaxSlides} slides. Split it.");
        string? first = null;
        for (var i = 0; i < slides.Count; i++)
        {
            var title = Slide(slides[i], i + 1);
            if (i == 0)
                first = title;
        }
        return _document.Build(TextNormal.Truncate(_package.Title() ?? first ?? DocumentTitle.FromPath(path), DocumentTitle.MaxLength));
    }

    private List<string> Slides()
    {
        var relations = _package.Relations(Main);
        var slides = new List<string>();
        using var xml = _package.Read(Main);
        while (xml?.Read() == true)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "sldId" } && OfficePackage.RelationOf(xml) is { } id && relations.TryGetValue(id, out var slide))
                slides.Add(slide.Target);
        }
        return slides;
    }

    private string? Slide(string part, int number)
    {
        var shapes = Shapes(part);
        var title = TextNormal.OneLine(string.Join(' ', shapes.Where(s => s.IsTitle).SelectMany(s => s.Lines).Select(l => l.Text)));
        _document.Heading(2, title.Length > 0 ? title : string.Create(CultureInfo.InvariantCulture, $"Slide {number}"), string.Create(CultureInfo.InvariantCulture, $"slide={number}"));
        foreach (var shape in shapes.Where(s => !s.IsTitle && s.Placeholder is not ("sldNum" or "dt" or "ftr")))
            Say(shape);
        foreach (var notes in _package.Relations(part).Values.Select(r => r.Target).Where(t => t.Contains("notesSlide", StringComparison.Ordinal)))
        {
            var text = string.Join('\n', Shapes(notes).Where(s => s.Placeholder is "body").SelectMany(s => s.Lines).Select(l => l.Text));
            _document.Text(text);
        }
        return title.Length > 0 ? title : null;
    }

    private void Say(Shape shape)
    {
        if (shape.Rows.Count > 0)
            _document.Add(BlockKind.Table, TableText.Units(shape.Rows[0], shape.Rows.Skip(1), shape.Rows.Max(r => r.Count)));
        if (shape.Lines.Count > 1)
            _document.Add(BlockKind.List, shape.Lines.ConvertAll(l => new BlockUnit(new string(' ', 2 * l.Level) + "- " + l.Text, Nested: l.Level > 0)));
        else if (shape.Lines.Count == 1)
            _document.Text(shape.Lines[0].Text);
    }

    private List<Shape> Shapes(string part)
    {
        var shapes = new List<Shape>();
        using var xml = _package.Read(part);
        while (xml is { EOF: false })
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "spTree" })
                xml.Inside(x => Take(x, shapes));
            else
                xml.Read();
        }
        return shapes;
    }

    private static bool Take(XmlReader xml, List<Shape> shapes)
    {
        switch (xml.LocalName)
        {
            case "sp" or "pic" or "graphicFrame" or "cxnSp":
                var shape = new Shape();
                shapes.Add(shape);
                xml.Inside(x => Inside(x, shape));
                return true;
            case "Fallback":
                return xml.Skipped();
            default:
                return false;
        }
    }

    private static bool Inside(XmlReader xml, Shape shape)
    {
        switch (xml.LocalName)
        {
            case "ph":
                shape.Placeholder = xml.Attribute("type") ?? "body";
                return false;
            case "cNvPr":
                if (TextNormal.OneLine(TextNormal.Clean(xml.Attribute("descr") ?? "")) is { Length: > 0 } description)
                    shape.Lines.Add(new Line($"![{description.Replace(']', ')')}]()", 0));
                return false;
            case "tr":
                shape.Rows.Add([]);
                return false;
            case "tc":
                shape.Rows[^1].Add(string.Join('\n', Paragraphs(xml).Select(l => l.Text)));
                return true;
            case "p":
                if (Paragraph(xml) is { Text.Length: > 0 } line)
                    shape.Lines.Add(line);
                return true;
            case "Fallback":
                return xml.Skipped();
            default:
                return false;
        }
    }

    private static List<Line> Paragraphs(XmlReader xml)
    {
        var lines = new List<Line>();
        xml.Inside(x =>
        {
            if (x.LocalName != "p")
                return false;
            lines.Add(Paragraph(x));
            return true;
        });
        return lines;
    }

    private static Line Paragraph(XmlReader xml)
    {
        var (text, level) = (new StringBuilder(), 0);
        xml.Inside(x =>
        {
            switch (x.LocalName)
            {
                case "t":
                    text.Append(x.ReadElementContentAsString());
                    return true;
                case "br":
                    text.Append(' ');
                    return x.Skipped();
                case "pPr":
                    level = int.TryParse(x.Attribute("lvl"), CultureInfo.InvariantCulture, out var l) ? Math.Clamp(l, 0, 8) : 0;
                    return x.Skipped();
                default:
                    return false;
            }
        });
        return new Line(TextNormal.OneLine(TextNormal.Clean(text.ToString())), level);
    }
}
