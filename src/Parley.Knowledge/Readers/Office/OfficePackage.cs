using System.IO.Compression;
using System.Xml;
using Parley.Knowledge.Readers.Archives;

namespace Parley.Knowledge.Readers.Office;

/// <summary>
/// The parts of a DOCX, PPTX or XLSX file, read one after the other as streams of XML: no tree of a part is ever held, no document type
/// is read and nothing outside the file is fetched. See docs/adr/0023-readers-in-a-child.md.
/// </summary>
internal sealed class OfficePackage : IDisposable
{
    /// <summary>Elements inside each other; documents of people stay below 60.</summary>
    internal const int MaxDepth = 400;

    private const string Relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string StrictRelationship = "http://purl.oclc.org/ooxml/officeDocument/relationships";

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CheckCharacters = false,
        MaxCharactersInDocument = ExpansionBudget.MaxBytes, CloseInput = true,
    };

    private readonly ZipArchive _zip;
    private readonly ExpansionBudget _budget;
    private readonly Dictionary<string, ZipArchiveEntry> _parts;

    private OfficePackage(ZipArchive zip, long packed)
    {
        (_zip, _budget) = (zip, new ExpansionBudget(packed));
        // Names differ only in case between programs; of two equal ones the first counts.
        _parts = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in zip.Entries)
            _parts.TryAdd(entry.FullName.Replace('\\', '/').TrimStart('/'), entry);
    }

    internal static OfficePackage Open(byte[] bytes) => new(new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read), bytes.Length);

    internal bool Has(string part) => _parts.ContainsKey(part);

    internal IEnumerable<string> Names => _parts.Keys;

    /// <summary>A part as XML; null where there is none.</summary>
    internal XmlReader? Read(string part) =>
        _parts.TryGetValue(part, out var entry) ? XmlReader.Create(new CappedStream(entry.Open(), _budget), Settings) : null;

    /// <summary>What a part refers to: id → (target, is it outside the file).</summary>
    internal Dictionary<string, (string Target, bool IsExternal)> Relations(string part)
    {
        var relations = new Dictionary<string, (string, bool)>(StringComparer.Ordinal);
        var slash = part.LastIndexOf('/');
        var folder = slash < 0 ? "" : part[..slash];
        using var xml = Read($"{folder}/_rels/{part[(slash + 1)..]}.rels");
        while (xml?.Read() == true)
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "Relationship" } || xml.GetAttribute("Id") is not { } id || xml.GetAttribute("Target") is not { } target)
                continue;
            var isExternal = xml.GetAttribute("TargetMode") == "External";
            relations[id] = (isExternal ? target : Resolve(folder, target), isExternal);
        }
        return relations;
    }

    /// <summary>The id by which an element refers to another part.</summary>
    internal static string? RelationOf(XmlReader xml, string name = "id") => xml.GetAttribute(name, Relationship) ?? xml.GetAttribute(name, StrictRelationship);

    /// <summary>The title in the file's properties.</summary>
    internal string? Title()
    {
        using var xml = Read("docProps/core.xml");
        while (xml?.Read() == true)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "title", IsEmptyElement: false })
                return TextNormal.OneLine(TextNormal.Clean(xml.ReadElementContentAsString())) is { Length: > 2 and < 200 } title ? title : null;
        }
        return null;
    }

    public void Dispose() => _zip.Dispose();

    private static string Resolve(string folder, string target)
    {
        if (target.StartsWith('/'))
            return target[1..];
        var parts = folder.Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var step in target.Split('/'))
        {
            if (step == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (step is not (".." or "." or ""))
                parts.Add(step);
        }
        return string.Join('/', parts);
    }
}

internal static class OfficeXml
{
    /// <summary>
    /// Walks what is inside the element that the reader stands on. <paramref name="take"/> returns true when it has read the child to its
    /// end itself; otherwise the walk goes on into it. Afterwards the reader stands behind the element.
    /// </summary>
    internal static void Inside(this XmlReader xml, Func<XmlReader, bool> take)
    {
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return;
        }
        var depth = xml.Depth;
        if (depth > OfficePackage.MaxDepth)
            throw new ReaderLimitException($"The file nests its parts more than {OfficePackage.MaxDepth} deep.");
        xml.Read();
        while (!xml.EOF && xml.Depth > depth)
        {
            if (xml.Depth > OfficePackage.MaxDepth)
                throw new ReaderLimitException($"The file nests its parts more than {OfficePackage.MaxDepth} deep.");
            if (xml.NodeType != XmlNodeType.Element || !take(xml))
                xml.Read();
        }
        xml.Read();
    }

    internal static bool Skipped(this XmlReader xml)
    {
        xml.Skip();
        return true;
    }

    /// <summary>The attribute "val" of any of the namespaces.</summary>
    internal static string? Val(this XmlReader xml) => xml.Attribute("val");

    internal static string? Attribute(this XmlReader xml, string name)
    {
        if (xml.GetAttribute(name) is { } plain)
            return plain;
        for (var i = 0; i < xml.AttributeCount; i++)
        {
            xml.MoveToAttribute(i);
            if (xml.LocalName == name)
            {
                var value = xml.Value;
                xml.MoveToElement();
                return value;
            }
        }
        xml.MoveToElement();
        return null;
    }
}
