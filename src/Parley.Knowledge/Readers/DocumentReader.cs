using Parley.Platform.Errors;

namespace Parley.Knowledge.Readers;

/// <summary>Reads a file's bytes into blocks. Pure: no clock, no disk, no network; the caller bounds its time.</summary>
internal static class DocumentReader
{
    /// <summary>Part of what decides whether a document must be read again: raise it when a reader or the chunker changes what it makes of the same bytes.</summary>
    internal const int Version = 1;

    internal const int MaxBytes = 50 * 1024 * 1024;

    /// <summary>A page's tree takes about thirty times its text.</summary>
    internal const int MaxHtmlBytes = 16 * 1024 * 1024;

    private const int MaxHtmlDepth = 5000;
    private const int MaxBlocks = 200_000;

    /// <param name="bytes">The whole file.</param>
    /// <param name="path">Gives a title where the text has none, and settles what the content leaves open.</param>
    /// <returns>The document, or why it cannot be read.</returns>
    internal static Result<ReadDocument> Read(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.IsEmpty)
            return Unreadable("The file is empty.");
        if (bytes.Length > MaxBytes)
            return Unreadable($"The file is larger than {MaxBytes >> 20} MB. Split it.");
        if (ContentSniffer.Binary(bytes) is { } binary)
            return Unreadable($"The file is {binary}. Parley reads Markdown, HTML and plain text.");
        var text = TextNormal.Clean(TextDecoder.Decode(bytes));
        if (string.IsNullOrWhiteSpace(text))
            return Unreadable("The file holds no text.");
        if (ContentSniffer.IsXml(text))
            return Unreadable("The file is XML. Parley reads Markdown, HTML and plain text.");
        var type = ContentSniffer.Of(text, path);
        if (type == ContentType.Html && bytes.Length > MaxHtmlBytes)
            return Unreadable($"The page is larger than {MaxHtmlBytes >> 20} MB. Split it.");
        if (type == ContentType.Html && HtmlDepth.Exceeds(text, MaxHtmlDepth))
            return Unreadable($"The page nests elements more than {MaxHtmlDepth} deep.");
        return Checked(path, () => type switch
        {
            ContentType.Html => HtmlReader.Read(text, path),
            ContentType.Markdown => MarkdownReader.Read(text, path),
            _ => PlainTextReader.Read(text, path),
        });
    }

    private static Result<ReadDocument> Checked(string path, Func<ReadDocument> read)
    {
        try
        {
            var document = read();
            // A page is called by the address at which it was found: what it says of itself is for search engines, and often wrong.
            document = DocumentUrl.Web(path) is { } page ? document with { Url = page } : document;
            return document.Blocks.Count == 0 ? Unreadable("No text was found in the file.")
                : document.Blocks.Count > MaxBlocks ? Unreadable($"The file has more than {MaxBlocks} paragraphs. Split it.")
                : document;
        }
        catch (ArgumentException e) when (e.Message.Contains("nested", StringComparison.OrdinalIgnoreCase))
        {
            // How the Markdown parser reports its depth limit.
            return Unreadable("The file nests lists or quotations too deeply.");
        }
    }

    private static Error Unreadable(string reason) => new("document.unreadable", reason, 422);
}
