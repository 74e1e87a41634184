using System.IO.Compression;
using System.Text;

namespace Parley.Testkit.Documents;

/// <summary>ZIP archives and office documents, which are ZIP archives of XML.</summary>
public static class ArchiveFile
{
    private const string Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    private const string Relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Drawing = "http://schemas.openxmlformats.org/drawingml/2006/main";

    public static byte[] Zip(params (string Path, string Text)[] files) => Zip(files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text))));

    public static byte[] Zip(IEnumerable<(string Path, byte[] Content)> files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in files)
            {
                using var entry = zip.CreateEntry(path, CompressionLevel.Optimal).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    /// <summary>An archive with one entry that says nothing, so many times.</summary>
    public static byte[] Bomb(string path, long unpackedBytes)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry(path, CompressionLevel.SmallestSize).Open();
            var block = Encoding.UTF8.GetBytes(new string('a', 1 << 20));
            for (var written = 0L; written < unpackedBytes; written += block.Length)
                entry.Write(block);
        }
        return stream.ToArray();
    }

    /// <param name="body">Of the document, in the prefix w (r for relations).</param>
    /// <param name="more">Other parts.</param>
    public static byte[] Docx(string body, params (string Path, string Text)[] more) => Zip(
    [
        ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
        ("word/document.xml", $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"{Word}\" xmlns:r=\"{Relation}\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>{body}</w:body></w:document>"),
        .. more,
    ]);

    public static string Styles(params (string Id, string Name)[] styles) =>
        $"<w:styles xmlns:w=\"{Word}\">{string.Concat(styles.Select(s => $"<w:style w:styleId=\"{s.Id}\"><w:name w:val=\"{s.Name}\"/></w:style>"))}</w:styles>";

    public static string Relations(params (string Id, string Target, bool External)[] relations) =>
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        + string.Concat(relations.Select(r => $"<Relationship Id=\"{r.Id}\" Target=\"{r.Target}\"{(r.External ? " TargetMode=\"External\"" : "")}/>")) + "</Relationships>";

    /// <param name="slides">The shapes of each slide, in the prefixes p and a.</param>
    /// <param name="more">Other parts.</param>
    public static byte[] Pptx(IReadOnlyList<string> slides, params (string Path, string Text)[] more) => Zip(
    [
        ("ppt/presentation.xml", $"<p:presentation xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:r=\"{Relation}\"><p:sldIdLst>{string.Concat(slides.Select((_, i) => $"<p:sldId id=\"{256 + i}\" r:id=\"rId{i + 1}\"/>"))}</p:sldIdLst></p:presentation>"),
        ("ppt/_rels/presentation.xml.rels", Relations([.. slides.Select((_, i) => ($"rId{i + 1}", $"slides/slide{i + 1}.xml", false))])),
        .. slides.Select((s, i) => ($"ppt/slides/slide{i + 1}.xml", Shapes(s, "sld"))),
        .. more,
    ]);

    public static string Shapes(string shapes, string root) =>
        $"<p:{root} xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:a=\"{Drawing}\" xmlns:r=\"{Relation}\"><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{root}>";

    /// <param name="sheets">Name and rows in sheet XML (without a prefix).</param>
    /// <param name="more">Other parts.</param>
    public static byte[] Xlsx(IReadOnlyList<(string Name, string Rows)> sheets, params (string Path, string Text)[] more) => Zip(
    [
        ("xl/workbook.xml", $"<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{Relation}\"><sheets>{string.Concat(sheets.Select((s, i) => $"<sheet name=\"{s.Name}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>"))}</sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", Relations([.. sheets.Select((_, i) => ($"rId{i + 1}", $"worksheets/sheet{i + 1}.xml", false))])),
        .. sheets.Select((s, i) => ($"xl/worksheets/sheet{i + 1}.xml", $"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{s.Rows}</sheetData></worksheet>")),
        .. more,
    ]);
}
