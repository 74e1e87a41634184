using Parley.Knowledge.Readers.Office;

namespace Parley.Knowledge.Readers;

/// <summary>Which office document a ZIP archive is, by the parts it holds.</summary>
internal static class OfficeKinds
{
    internal const string OpenDocument = "opendocument";

    internal static string? Of(IEnumerable<string> names)
    {
        var parts = names.Select(n => n.Replace('\\', '/').TrimStart('/').ToLowerInvariant()).Where(n => n is "word/document.xml" or "ppt/presentation.xml" or "xl/workbook.xml" or "mimetype" or "content.xml").ToHashSet(StringComparer.Ordinal);
        return parts.Contains("word/document.xml") ? "docx"
            : parts.Contains("ppt/presentation.xml") ? "pptx"
            : parts.Contains("xl/workbook.xml") ? "xlsx"
            : parts.Contains("mimetype") && parts.Contains("content.xml") ? OpenDocument
            : null;
    }

    internal static ReadDocument Read(byte[] bytes, string path)
    {
        using var package = OfficePackage.Open(bytes);
        return Of(package.Names) switch
        {
            "docx" => DocxReader.Read(package, path),
            "pptx" => PptxReader.Read(package, path),
            "xlsx" => XlsxReader.Read(package, path),
            OpenDocument => throw new ReaderLimitException("The file is an OpenDocument file. Save it as DOCX, PPTX, XLSX or PDF."),
            _ => throw new ReaderLimitException("The file is a ZIP archive inside another file."),
        };
    }
}
