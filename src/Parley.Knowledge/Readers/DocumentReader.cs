using System.Xml;
using Parley.Knowledge.Readers.Markup;
using Parley.Knowledge.Readers.Pdf;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Readers;

/// <summary>
/// Reads a file's bytes into blocks: no clock, no network, and no disk but for the tools that want a file. Its caller is the child that
/// bounds its time and memory.
/// </summary>
internal static class DocumentReader
{
    /// <summary>Part of what decides whether a document must be read again: raise it when a reader or the chunker changes what it makes of the same bytes.</summary>
    internal const int Version = 2;

    /// <summary>For messages.</summary>
    internal const string Formats = "Markdown, HTML, PDF, Word, PowerPoint, Excel, CSV, AsciiDoc, reStructuredText, plain text and ZIP archives of these";

    internal const int MaxBytes = 50 * 1024 * 1024;

    /// <summary>A page's tree takes about thirty times its text.</summary>
    internal const int MaxHtmlBytes = 16 * 1024 * 1024;

    private const int MaxHtmlDepth = 5000;

    /// <param name="bytes">The whole file.</param>
    /// <param name="path">Gives a title where the text has none, and settles what the content leaves open.</param>
    /// <returns>The document, or why it cannot be read.</returns>
    internal static Result<ReadDocument> Read(byte[] bytes, string path)
    {
        if (bytes.Length == 0)
            return Unreadable("The file is empty.");
        if (bytes.Length > MaxBytes)
            return Unreadable($"The file is larger than {MaxBytes >> 20} MB. Split it.");
        if (ContentSniffer.IsPdf(bytes))
            return Checked(path, () => PdfReader.Read(bytes, path));
        if (ContentSniffer.IsZip(bytes))
            return Checked(path, () => OfficeKinds.Read(bytes, path));
        if (ContentSniffer.CompoundFile(bytes) is { } compound)
            return Unreadable(compound);
        if (ContentSniffer.Binary(bytes) is { } binary)
            return Unreadable($"The file is {binary}. Parley reads {Formats}.");
        return ReadText(bytes, path);
    }

    private static Result<ReadDocument> ReadText(byte[] bytes, string path)
    {
        var text = TextNormal.Clean(TextDecoder.Decode(bytes));
        if (string.IsNullOrWhiteSpace(text))
            return Unreadable("The file holds no text.");
        if (ContentSniffer.IsXml(text))
            return Unreadable($"The file is XML. Parley reads {Formats}.");
        var type = ContentSniffer.Of(text, path);
        if (type == ContentType.Html && bytes.Length > MaxHtmlBytes)
            return Unreadable($"The page is larger than {MaxHtmlBytes >> 20} MB. Split it.");
        if (type == ContentType.Html && HtmlDepth.Exceeds(text, MaxHtmlDepth))
            return Unreadable($"The page nests elements more than {MaxHtmlDepth} deep.");
        return Checked(path, () => type switch
        {
            ContentType.Html => HtmlReader.Read(text, path),
            ContentType.Markdown => MarkdownReader.Read(text, path),
            ContentType.Csv => CsvReader.Read(text, path),
            ContentType.AsciiDoc => AsciiDocReader.Read(text, path),
            ContentType.Rst => RstReader.Read(text, path),
            _ => PlainTextReader.Read(text, path),
        });
    }

    private static Result<ReadDocument> Checked(string path, Func<Result<ReadDocument>> read)
    {
        try
        {
            if (!read().TryGet(out var document, out var error))
                return error;
            // A page is called by the address at which it was found: what it says of itself is for search engines, and often wrong.
            document = DocumentUrl.Web(path) is { } page ? document with { Url = page } : document;
            return document.Blocks.Count == 0 ? Unreadable("No text was found in the file.") : document;
        }
        catch (ReaderLimitException e)
        {
            return Unreadable(e.Message);
        }
        catch (ArgumentException e) when (e.Message.Contains("nested", StringComparison.OrdinalIgnoreCase))
        {
            // How the Markdown parser reports its depth limit.
            return Unreadable("The file nests lists or quotations too deeply.");
        }
        catch (XmlException e) when (e.Message.Contains("DTD", StringComparison.Ordinal))
        {
            return Unreadable("The file declares a document type with entities, which no office program writes. It is not read.");
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or EndOfStreamException)
        {
            return Unreadable("The file is damaged and cannot be opened. Save it anew.");
        }
    }

    internal static Error Unreadable(string reason) => new("document.unreadable", reason, 422);
}
