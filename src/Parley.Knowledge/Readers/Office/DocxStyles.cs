using System.Globalization;
using System.Xml;

namespace Parley.Knowledge.Readers.Office;

/// <summary>What a paragraph's style says about its part in the text.</summary>
/// <param name="Heading">1 to 6; 0: none.</param>
/// <param name="IsTitle">The document's title.</param>
/// <param name="IsCode">Its lines are code.</param>
/// <param name="List">Numbering it brings; null: none.</param>
internal sealed record DocxStyle(int Heading, bool IsTitle, bool IsCode, string? List)
{
    internal static DocxStyle Plain { get; } = new(0, false, false, null);
}

/// <summary>The styles and numberings of a document.</summary>
internal sealed class DocxStyles
{
    private const int MaxChain = 20;

    private readonly Dictionary<string, (string Name, string? BasedOn, int? Outline, string? List)> _raw = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DocxStyle> _styles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _abstractOf = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Abstract, int Level), string> _formats = [];

    internal static DocxStyles Read(OfficePackage package)
    {
        var styles = new DocxStyles();
        styles.ReadStyles(package);
        styles.ReadNumbering(package);
        return styles;
    }

    internal DocxStyle Of(string? id)
    {
        if (id is null)
            return DocxStyle.Plain;
        if (!_styles.TryGetValue(id, out var style))
            _styles[id] = style = Make(id);
        return style;
    }

    /// <summary>Does the numbering count, or does it only mark?</summary>
    internal bool Counts(string list, int level) =>
        _abstractOf.TryGetValue(list, out var id) && _formats.TryGetValue((id, level), out var format) && format is not ("bullet" or "none");

    private DocxStyle Make(string id)
    {
        var (heading, isTitle, isCode, list) = (0, false, false, (string?)null);
        var at = id;
        for (var i = 0; i < MaxChain && at is not null && _raw.TryGetValue(at, out var raw); i++, at = raw.BasedOn)
        {
            var name = raw.Name.ToLowerInvariant();
            if (heading == 0)
                heading = raw.Outline is { } outline and < 6 ? outline + 1 : name.StartsWith("heading ", StringComparison.Ordinal) && int.TryParse(name.AsSpan(8), CultureInfo.InvariantCulture, out var level) ? Math.Clamp(level, 1, 6) : 0;
            isTitle |= name == "title";
            isCode |= name.Contains("code", StringComparison.Ordinal) || name.Contains("preformatted", StringComparison.Ordinal) || name.Contains("source", StringComparison.Ordinal);
            list ??= raw.List ?? (name.StartsWith("list bullet", StringComparison.Ordinal) || name.StartsWith("list paragraph bullet", StringComparison.Ordinal) ? "" : null);
        }
        return new DocxStyle(heading, isTitle, isCode, list);
    }

    private void ReadStyles(OfficePackage package)
    {
        using var xml = package.Read("word/styles.xml");
        while (xml?.Read() == true)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "style" })
                ReadStyle(xml);
        }
    }

    private void ReadStyle(XmlReader xml)
    {
        var id = xml.Attribute("styleId") ?? "";
        var (name, basedOn, outline, list) = ("", (string?)null, (int?)null, (string?)null);
        using var part = xml.ReadSubtree();
        while (part.Read())
        {
            if (part.NodeType != XmlNodeType.Element)
                continue;
            switch (part.LocalName)
            {
                case "name": name = part.Val() ?? ""; break;
                case "basedOn": basedOn = part.Val(); break;
                case "outlineLvl": outline = int.TryParse(part.Val(), CultureInfo.InvariantCulture, out var level) ? level : null; break;
                case "numId": list = part.Val(); break;
            }
        }
        if (id.Length > 0)
            _raw.TryAdd(id, (name, basedOn, outline, list));
    }

    private void ReadNumbering(OfficePackage package)
    {
        using var xml = package.Read("word/numbering.xml");
        var (current, level, number) = ("", 0, "");
        while (xml?.Read() == true)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            switch (xml.LocalName)
            {
                case "abstractNum": current = xml.Attribute("abstractNumId") ?? ""; break;
                case "lvl": level = int.TryParse(xml.Attribute("ilvl"), CultureInfo.InvariantCulture, out var l) ? l : 0; break;
                case "numFmt": _formats.TryAdd((current, level), xml.Val() ?? ""); break;
                case "num": (number, current) = (xml.Attribute("numId") ?? "", ""); break;
                case "abstractNumId": _abstractOf.TryAdd(number, xml.Val() ?? ""); break;
            }
        }
    }
}
