using Microsoft.Extensions.Logging.Abstractions;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Parsing;

namespace Parley.Knowledge;

/// <summary>Can documents be read here, and which kinds not?</summary>
/// <param name="Works">The child that reads can be started.</param>
/// <param name="Detail">For people.</param>
/// <param name="Mend">What to do; null where nothing is missing.</param>
public sealed record ReaderHealth(bool Works, string Detail, string? Mend)
{
    private static readonly (string Tool, string Package, string For)[] Tools =
        [("pdftotext", "poppler-utils", "PDF files"), ("tesseract", "tesseract-ocr", "scanned PDF files"), ("prlimit", "util-linux", "the bound of a reader's address space")];

    /// <summary>Starts a child and lets it read one line.</summary>
    public static async Task<ReaderHealth> ExamineAsync(TimeProvider time, CancellationToken ct)
    {
        try
        {
            using var parser = new DocumentParser(new ParseLimits { Workers = 1 }, time, NullLogger<DocumentParser>.Instance);
            var reply = await parser.ParseAsync("doctor.md", "One line."u8.ToArray(), ChunkingMode.Hierarchical, 0, static (_, _) => Task.CompletedTask, ct);
            if (reply.Document is null)
                return new ReaderHealth(false, "the process that reads documents does not answer", "Look whether memory or an address space limit (ulimit -v) is below 2 GB.");
        }
        catch (InvalidOperationException e)
        {
            return new ReaderHealth(false, e.Message, "Unpack the program's files again.");
        }
        var missing = Tools.Where(t => ExternalTool.Find(t.Tool) is null).ToList();
        return missing.Count == 0
            ? new ReaderHealth(true, "all kinds of documents", null)
            : new ReaderHealth(true, "without " + string.Join(", ", missing.Select(m => m.For)), "To have them: apt-get install " + string.Join(' ', missing.Select(m => m.Package)));
    }
}
