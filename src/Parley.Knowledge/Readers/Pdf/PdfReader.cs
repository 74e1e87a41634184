using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Parley.Knowledge.Parsing;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Readers.Pdf;

/// <summary>
/// Reads PDF files with the system's poppler tools, page by page; a citation leads to <c>#page=N</c>. Pages without text are read by
/// tesseract where it is installed.
/// </summary>
internal static partial class PdfReader
{
    private const int MaxPages = 5000;
    private const int MaxText = 48 * 1024 * 1024;
    private const int MaxInfo = 256 * 1024;

    internal static Result<ReadDocument> Read(byte[] bytes, string path)
    {
        if (ExternalTool.Find("pdftotext") is not { } tool)
            return Unreadable("PDF files are read with pdftotext, which is not installed on the server. Install poppler-utils (Debian, Ubuntu: apt-get install poppler-utils) and import again.");
        using var file = ScratchFile.Of(bytes, ".pdf");
        var info = Info(file.Path);
        if (info.Pages > MaxPages)
            return Unreadable($"The PDF has {info.Pages} pages; at most {MaxPages} are read. Split it.");
        var end = ExternalTool.Run(tool, ["-q", "-enc", "UTF-8", "-eol", "unix", file.Path, "-"], MaxText);
        if (end.IsCut)
            return Unreadable($"The PDF holds more than {MaxText >> 20} MB of text. Split it.");
        if (end.ExitCode != 0)
            return Unreadable(Why(end, info));
        var pages = Encoding.UTF8.GetString(end.Output).Split('\f');
        var hasText = pages.Any(p => !string.IsNullOrWhiteSpace(p));
        if (!hasText && info.Pages == 0)
            return Unreadable("The PDF is damaged: it has no page. Save it anew.");
        if (!hasText)
        {
            if (!PdfScan.Read(file.Path, info.Pages).TryGet(out var scanned, out var error))
                return error;
            pages = scanned;
        }
        return Document(pages, info.Title, path);
    }

    private sealed record PdfInfo(int Pages, string? Title, bool IsEncrypted);

    private static ReadDocument Document(string[] pages, string? title, string path)
    {
        var document = new DocumentBuilder();
        var texts = PdfPages.WithoutRunningLines(pages.Select(p => TextNormal.Clean(p)).ToList());
        for (var i = 0; i < texts.Count; i++)
        {
            document.Place(string.Create(CultureInfo.InvariantCulture, $"page={i + 1}"));
            PdfPages.Add(document, texts[i]);
        }
        var named = title is not null && IsTitle(title) ? title : DocumentTitle.FromPath(path);
        return document.Build(TextNormal.Truncate(named, DocumentTitle.MaxLength));
    }

    private static PdfInfo Info(string file)
    {
        if (ExternalTool.Find("pdfinfo") is not { } tool)
            return new PdfInfo(-1, null, false);
        var end = ExternalTool.Run(tool, ["-enc", "UTF-8", file], MaxInfo);
        var text = TextNormal.Clean(Encoding.UTF8.GetString(end.Output));
        string? Field(string name) => text.Split('\n').FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();
        var pages = int.TryParse(Field("Pages"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : end.ExitCode == 0 ? 0 : -1;
        return new PdfInfo(pages, TextNormal.OneLine(Field("Title") ?? ""), (Field("Encrypted") ?? "").StartsWith("yes", StringComparison.Ordinal) || NeedsPassword(end.Errors));
    }

    private static string Why(ToolEnd end, PdfInfo info) => NeedsPassword(end.Errors) || info.IsEncrypted
        ? "The PDF is protected by a password. Save it without one."
        // 3: its author forbids to copy text out of it.
        : end.ExitCode == 3 ? "The PDF forbids copying its text. Save it without that restriction."
        : "The PDF is damaged and cannot be opened. Save it anew.";

    private static bool NeedsPassword(string errors) => errors.Contains("password", StringComparison.OrdinalIgnoreCase);

    /// <summary>Programs leave their own names and file names in the title.</summary>
    private static bool IsTitle(string title) => title.Length is > 2 and < 200 && !NoTitle().IsMatch(title);

    private static Error Unreadable(string reason) => DocumentReader.Unreadable(reason);

    [GeneratedRegex(@"\A(?:untitled|microsoft word|microsoft powerpoint|slide \d|document\d*\z|print\b)|\.(?:docx?|pptx?|xlsx?|indd|tex|pdf|qxd|dvi|html?)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoTitle();
}

/// <summary>A file for a tool that wants one, in this process's own folder, gone with it.</summary>
internal sealed class ScratchFile : IDisposable
{
    private ScratchFile(string path) => Path = path;

    internal string Path { get; }

    internal static ScratchFile Of(ReadOnlySpan<byte> bytes, string extension)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), Guid.CreateVersion7().ToString("N") + extension);
        using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        stream.Write(bytes);
        return new ScratchFile(path);
    }

    public void Dispose() => File.Delete(Path);
}
