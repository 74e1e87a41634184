using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers;

internal enum ContentType
{
    Markdown,
    Html,
    PlainText,
    Csv,
    AsciiDoc,
    Rst,
}

/// <summary>Tells by the bytes what a file is. Its name only decides between forms that look alike (a text without any Markdown in it).</summary>
internal static partial class ContentSniffer
{
    private const int Window = 64 * 1024;

    private static readonly (byte[] Magic, string Name)[] Known =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG image"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        ("GIF8"u8.ToArray(), "a GIF image"),
        ("RIFF"u8.ToArray(), "an image, a sound or a film"),
        ([0x1F, 0x8B], "a gzip archive"),
        ("BZh"u8.ToArray(), "a bzip2 archive"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'], "an xz archive"),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF], "a 7-Zip archive"),
        ("Rar!"u8.ToArray(), "a RAR archive"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], "a program"),
        ("MZ"u8.ToArray(), "a program"),
        ("OggS"u8.ToArray(), "a sound or a film"),
        ("ID3"u8.ToArray(), "a sound"),
        ("wOFF"u8.ToArray(), "a font"),
        ("wOF2"u8.ToArray(), "a font"),
        ("SQLite format 3"u8.ToArray(), "a database"),
        (@"{\rtf"u8.ToArray(), "an RTF document"),
    ];

    private const int PdfWindow = 1024;

    private static readonly byte[] Compound = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    /// <summary>Some programs put a line before the mark.</summary>
    internal static bool IsPdf(ReadOnlySpan<byte> bytes) =>
        bytes[..Math.Min(bytes.Length, PdfWindow)].IndexOf("%PDF-"u8) is var at && (at == 0 || (at > 0 && LooksBinary(bytes)));

    /// <summary>A ZIP archive, which office documents are as well.</summary>
    internal static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Office documents before 2007, and those of today behind a password, are compound files. Null: it is none.</summary>
    internal static string? CompoundFile(ReadOnlySpan<byte> bytes) => !bytes.StartsWith(Compound) ? null
        : bytes.IndexOf("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"u8) >= 0 ? "The Office document is protected by a password. Save it without one."
        : "The file is an old Office document. Save it as DOCX, PPTX, XLSX or PDF.";

    /// <summary>What a binary file is, in words; null: it may be text.</summary>
    internal static string? Binary(ReadOnlySpan<byte> bytes)
    {
        foreach (var (magic, name) in Known)
        {
            // Two letters alone may begin a text: what follows decides.
            if (bytes.StartsWith(magic) && (magic.Length > 3 || LooksBinary(bytes)))
                return name;
        }
        var hasWideMark = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
        return !hasWideMark && LooksBinary(bytes) ? "binary data" : null;
    }

    internal static ContentType Of(string text, string path)
    {
        var head = text.AsSpan(0, Math.Min(text.Length, Window));
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (IsHtml(head, extension))
            return ContentType.Html;
        if (extension is ".csv" or ".tsv")
            return ContentType.Csv;
        if (extension is ".adoc" or ".asciidoc" or ".asc" or ".ad")
            return ContentType.AsciiDoc;
        if (extension is ".rst" or ".rest")
            return ContentType.Rst;
        if (extension is ".md" or ".mdx" or ".markdown" or ".mdown" || FrontMatter.Starts(text) || MarkdownSign().IsMatch(head))
            return ContentType.Markdown;
        return CsvReader.IsPairs(text) ? ContentType.Csv
            : Markup.AsciiDocReader.Looks(text) ? ContentType.AsciiDoc
            : Markup.RstReader.Looks(text) ? ContentType.Rst
            : ContentType.PlainText;
    }

    /// <summary>XML that is no page: drawings, feeds, sitemaps, data.</summary>
    internal static bool IsXml(string text)
    {
        var start = text.AsSpan(0, Math.Min(text.Length, Window)).TrimStart();
        return (start.StartsWith("<?xml", StringComparison.Ordinal) && !start.Contains("<html", StringComparison.OrdinalIgnoreCase))
            || start.StartsWith("<svg", StringComparison.OrdinalIgnoreCase);
    }

    private static bool LooksBinary(ReadOnlySpan<byte> bytes)
    {
        var sample = bytes[..Math.Min(bytes.Length, Window)];
        if (bytes.Contains((byte)0))
            return true;
        var controls = 0;
        foreach (var b in sample)
        {
            if (b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\f' or 0x1B))
                controls++;
        }
        return controls > 2 + (sample.Length / 200);
    }

    /// <summary>A page states itself, or is a fragment of block elements without Markdown between them.</summary>
    private static bool IsHtml(ReadOnlySpan<char> head, string extension)
    {
        if (PageStart().IsMatch(head))
            return true;
        if (extension is ".html" or ".htm" or ".xhtml")
            return AnyElement().IsMatch(head);
        return extension is not (".md" or ".mdx" or ".markdown" or ".mdown") && FragmentStart().IsMatch(head) && !MarkdownSign().IsMatch(head);
    }

    [GeneratedRegex(@"\A\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,4000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PageStart();

    [GeneratedRegex(@"</?[A-Za-z][A-Za-z0-9]*[\s/>]", RegexOptions.CultureInvariant)]
    private static partial Regex AnyElement();

    [GeneratedRegex(@"\A\s*<(?:h[1-6]|p|div|main|article|section|ul|ol|table|header|nav)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FragmentStart();

    [GeneratedRegex(@"^(?:#{1,6}[ \t]+\S|```|~~~|[-*][ \t]+\S|\d{1,3}\.[ \t]+\S|\|?[ \t]*:?-{3,}:?[ \t]*\|)|\[[^\]\n]{1,200}\]\([^)\s]{1,400}\)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex MarkdownSign();
}
