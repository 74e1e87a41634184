using System.Globalization;
using System.Text;
using Parley.Knowledge.Parsing;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Readers.Pdf;

/// <summary>Reads the pictures of a scanned PDF with tesseract.</summary>
internal static class PdfScan
{
    private const int MaxPages = 60;
    private const int MaxLanguages = 4;
    private const int Resolution = 200;
    private const int MaxPicture = 64 * 1024 * 1024;
    private const int MaxText = 1024 * 1024;

    internal static Result<string[]> Read(string file, int pages)
    {
        if (ExternalTool.Find("tesseract") is not { } tesseract || ExternalTool.Find("pdftoppm") is not { } picture)
        {
            return DocumentReader.Unreadable("The PDF is scanned: its pages are pictures without text. Install tesseract-ocr on the server and import again, or import a file with text.");
        }
        if (pages > MaxPages)
            return DocumentReader.Unreadable($"The PDF is scanned and has {pages} pages; of pictures at most {MaxPages} are read. Split it, or let another program recognise its text.");
        var languages = Languages(tesseract);
        var texts = new string[pages];
        for (var i = 0; i < pages; i++)
        {
            var page = (i + 1).ToString(CultureInfo.InvariantCulture);
            var image = ExternalTool.Run(picture, ["-q", "-r", Resolution.ToString(CultureInfo.InvariantCulture), "-gray", "-png", "-f", page, "-l", page, file], MaxPicture);
            if (image.ExitCode != 0 || image.IsCut)
                continue;
            using var scratch = ScratchFile.Of(image.Output, ".png");
            texts[i] = Encoding.UTF8.GetString(ExternalTool.Run(tesseract, [scratch.Path, "stdout", "-l", languages], MaxText).Output);
        }
        return texts.Any(t => !string.IsNullOrWhiteSpace(t))
            ? texts.Select(t => t ?? "").ToArray()
            : DocumentReader.Unreadable("The PDF is scanned, and no text was recognised in its pictures.");
    }

    /// <summary>English first, and what else is installed.</summary>
    private static string Languages(string tesseract)
    {
        var end = ExternalTool.Run(tesseract, ["--list-langs"], MaxText);
        var names = Encoding.UTF8.GetString(end.Output).Split('\n').Skip(1).Select(l => l.Trim()).Where(l => l.Length is > 0 and < 20 && l != "osd" && !l.Contains('/', StringComparison.Ordinal)).ToList();
        return names.Count == 0 ? "eng" : string.Join('+', names.OrderByDescending(n => n == "eng").Take(MaxLanguages));
    }
}
