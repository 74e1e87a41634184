using System.Globalization;
using System.Text;
using System.Xml;

namespace Parley.Knowledge.Readers.Office;

/// <summary>Reads workbooks: each visible sheet a section, its rows a table, or questions with their answers.</summary>
internal sealed class XlsxReader
{
    private const string Main = "xl/workbook.xml";
    private const int MaxColumns = 256;
    private const int MaxStringCharacters = 40_000_000;

    private readonly OfficePackage _package;
    private readonly DocumentBuilder _document = new();
    private readonly List<string> _strings = [];
    private readonly List<bool> _isDate = [];

    private XlsxReader(OfficePackage package) => _package = package;

    internal static ReadDocument Read(OfficePackage package, string path) => new XlsxReader(package).Run(path);

    private ReadDocument Run(string path)
    {
        ReadStrings();
        ReadFormats();
        foreach (var (name, part) in Sheets())
        {
            _document.Heading(2, TextNormal.OneLine(TextNormal.Clean(name)), null);
            new TableDocument(_document, 3).Add(Rows(part));
        }
        return _document.Build(TextNormal.Truncate(_package.Title() ?? DocumentTitle.FromPath(path), DocumentTitle.MaxLength));
    }

    private List<(string Name, string Part)> Sheets()
    {
        var relations = _package.Relations(Main);
        var sheets = new List<(string, string)>();
        using var xml = _package.Read(Main);
        while (xml?.Read() == true)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "sheet" } && (xml.Attribute("state") ?? "visible") == "visible"
                && OfficePackage.RelationOf(xml) is { } id && relations.TryGetValue(id, out var part))
                sheets.Add((xml.Attribute("name") ?? "", part.Target));
        }
        return sheets;
    }

    private void ReadStrings()
    {
        using var xml = _package.Read("xl/sharedStrings.xml");
        var characters = 0L;
        while (xml is { EOF: false })
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "si" })
            {
                xml.Read();
                continue;
            }
            _strings.Add(Text(xml));
            characters += _strings[^1].Length + 16;
            if (characters > MaxStringCharacters)
                throw new ReaderLimitException("The workbook holds too much text. Split it.");
        }
    }

    /// <summary>Which cell formats show a number as a date.</summary>
    private void ReadFormats()
    {
        var custom = new Dictionary<string, bool>(StringComparer.Ordinal);
        var inCells = false;
        using var xml = _package.Read("xl/styles.xml");
        while (xml?.Read() == true)
        {
            if (xml.LocalName == "cellXfs")
                inCells = xml.NodeType == XmlNodeType.Element;
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "numFmt" && xml.Attribute("numFmtId") is { } id)
                custom[id] = xml.Attribute("formatCode") is { } code && code.Contains('y', StringComparison.OrdinalIgnoreCase) && code.Contains('m', StringComparison.OrdinalIgnoreCase);
            else if (xml.LocalName == "xf" && inCells)
                _isDate.Add(xml.Attribute("numFmtId") is { } format && (format is "14" or "15" or "16" or "17" or "22" || custom.GetValueOrDefault(format)));
        }
    }

    private IEnumerable<IReadOnlyList<string>> Rows(string part)
    {
        using var xml = _package.Read(part);
        while (xml is { EOF: false })
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "row" })
            {
                xml.Read();
                continue;
            }
            var row = new List<string>();
            xml.Inside(x =>
            {
                if (x.LocalName != "c")
                    return false;
                Cell(x, row);
                return true;
            });
            yield return row;
        }
    }

    private void Cell(XmlReader xml, List<string> row)
    {
        var column = Column(xml.Attribute("r")) ?? row.Count;
        var (type, style) = (xml.Attribute("t"), int.TryParse(xml.Attribute("s"), CultureInfo.InvariantCulture, out var s) ? s : -1);
        var value = "";
        xml.Inside(x =>
        {
            if (x.LocalName is "v")
                value = x.ReadElementContentAsString();
            else if (x.LocalName is "is")
                value = Text(x);
            else
                return x.LocalName is "f" && x.Skipped();
            return true;
        });
        if (column >= MaxColumns)
            return;
        while (row.Count < column)
            row.Add("");
        row.Add(TextNormal.Clean(Shown(value, type, style)));
    }

    private string Shown(string value, string? type, int style) => type switch
    {
        "s" => int.TryParse(value, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < _strings.Count ? _strings[index] : "",
        "b" => value == "1" ? "TRUE" : "FALSE",
        null or "n" when style >= 0 && style < _isDate.Count && _isDate[style] && double.TryParse(value, CultureInfo.InvariantCulture, out var days) && days is > 0 and < 2_958_466 =>
            DateTime.FromOADate(days) is var date && date.TimeOfDay == TimeSpan.Zero ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : DateTime.FromOADate(days).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        null or "n" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Math.Round(number, 10).ToString("0.##########", CultureInfo.InvariantCulture),
        _ => value,
    };

    /// <summary>"BC12" is column 54.</summary>
    private static int? Column(string? reference)
    {
        var column = 0;
        foreach (var c in reference ?? "")
        {
            if (!char.IsAsciiLetter(c) || column > MaxColumns)
                break;
            column = (column * 26) + (char.ToUpperInvariant(c) - 'A' + 1);
        }
        return column == 0 ? null : column - 1;
    }

    private static string Text(XmlReader xml)
    {
        var text = new StringBuilder();
        xml.Inside(x =>
        {
            // rPh is how an East Asian word sounds.
            if (x.LocalName == "rPh")
                return x.Skipped();
            if (x.LocalName != "t")
                return false;
            text.Append(x.ReadElementContentAsString());
            return true;
        });
        return text.ToString();
    }
}
