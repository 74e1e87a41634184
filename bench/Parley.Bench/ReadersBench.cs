using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Parsing;
using Parley.Testkit.Documents;

namespace Parley.Bench;

/// <summary>
/// What readers do with files that are hostile or very large: the sampled peak of the child with all that it starts, the time, the reason.
/// Then how long a kill takes, and how much is read in a second.
/// </summary>
internal static class ReadersBench
{
    /// <summary>All kinds in full size, or a tenth of it (<c>--small</c>).</summary>
    private static int _scale = 10;

    private sealed record Row(string File, double SizeMb, double Seconds, double PeakMb, string Outcome, bool Ok);

    internal static async Task<int> RunAsync(string[] args)
    {
        _scale = args.Contains("--small") ? 1 : 10;
        var only = args.SkipWhile(a => a != "--files").Skip(1).FirstOrDefault()?.Split(',');
        var rows = new List<Row>();
        foreach (var (name, make, mayFail) in Files().Where(f => only is null || only.Any(o => f.Name.Contains(o, StringComparison.OrdinalIgnoreCase))))
        {
            rows.Add(await ReadAsync(name, make(), mayFail));
            Console.Error.WriteLine(rows[^1]);
        }
        var kills = await KillsAsync();
        var pages = await PagesAsync();
        var documents = await DocumentsAsync();
        if (args.Contains("--json"))
            Console.WriteLine(JsonSerializer.Serialize(new { files = rows, killSeconds = kills, pdfPagesPerSecond = pages, markdownPerSecond = documents }, JsonSerializerOptions.Web));
        else
            Print(rows, kills, pages, documents);
        return rows.TrueForAll(r => r.Ok && r.PeakMb <= 1.1 * 1024) && kills.TrueForAll(k => k <= 1) ? 0 : 1;
    }

    private static IEnumerable<(string Name, Func<(string Path, byte[] Content)> Make, bool MayFail)> Files()
    {
        yield return ("PDF, 2,000 pages", () => ("book.pdf", Book(200 * _scale)), false);
        yield return ("PDF, corrupt", () => ("corrupt.pdf", Corrupt(Book(50))), true);
        yield return ("PDF, cut in the middle", () => ("cut.pdf", Book(50) is var b ? b[..(b.Length / 2)] : []), true);
        yield return ("PDF, encrypted", () => ("secret.pdf", PdfFile.Encrypted()), true);
        yield return ("PDF, scanned, 10 pages", () => ("scan.pdf", PdfFile.Of(new string[10].Select(_ => "").ToArray())), true);
        yield return ("0 bytes", () => ("empty.md", []), true);
        yield return ("HTML, 16 MB on one line", () => ("line.html", Html(1_600_000 * _scale, "")), true);
        yield return ("HTML, 50 MB on one line", () => ("line50.html", Html(4_900_000 * _scale, "")), true);
        yield return ("HTML, 50,000 deep", () => ("deep.html", Encoding.UTF8.GetBytes("<html><body>" + Repeat("<div>", 5000 * _scale) + "x" + Repeat("</div>", 5000 * _scale))), true);
        yield return ("HTML, wrong charset", () => ("charset.html", Encoding.Latin1.GetBytes("<html><head><meta charset=utf-16></head><body><main><h1>Gr\u00f6\u00dfe</h1><p>F\u00fcnf.</p></main></body></html>")), false);
        yield return ("HTML, scripts and directions mixed", () => ("mixed.html", Encoding.UTF8.GetBytes("<html><body><main><h1>Mixed</h1><p>" + Repeat("abc \u05e9\u05dc\u05d5\u05dd \u202eevil\u202c \u4e2d\u6587 \u0e44\u0e17\u0e22 a\u200bb\u00adc ", 10_000 * _scale) + "</p></main></body></html>")), false);
        yield return ("Markdown, 5 MB", () => ("large.md", Encoding.UTF8.GetBytes(Repeat("## A heading\n\nA paragraph with `code`, a [link](https://example.com) and **more**.\n\n- one\n- two\n\n", 5000 * _scale))), false);
        yield return ("Markdown, 45 MB", () => ("larger.md", Encoding.UTF8.GetBytes(Repeat("## A heading\n\nA paragraph with `code`, a [link](https://example.com) and **more**.\n\n- one\n- two\n\n", 45_000 * _scale))), true);
        yield return ("Markdown, brackets", () => ("brackets.md", Encoding.UTF8.GetBytes(Repeat("[", 20_000 * _scale))), true);
        yield return ("Markdown, quotations 100,000 deep", () => ("quotes.md", Encoding.UTF8.GetBytes(Repeat("> ", 10_000 * _scale) + "x")), true);
        yield return ("DOCX, external entities", () => ("entities.docx", ArchiveFile.Zip(("word/document.xml", "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><w:document xmlns:w=\"x\"><w:body>&x;</w:body></w:document>"))), true);
        yield return ("DOCX, 1,000,000 runs", () => ("runs.docx", ArchiveFile.Docx("<w:p>" + Repeat("<w:r><w:t>ab </w:t></w:r>", 100_000 * _scale) + "</w:p>")), true);
        yield return ("DOCX, 200,000 paragraphs", () => ("paragraphs.docx", ArchiveFile.Docx(Repeat("<w:p><w:r><w:t>A paragraph of some words.</w:t></w:r></w:p>", 20_000 * _scale))), true);
        yield return ("XLSX, 1,000,000 rows", () => ("rows.xlsx", ArchiveFile.Xlsx([("Sheet", Repeat("<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>two</t></is></c></row>", 100_000 * _scale))])), true);
        yield return ("CSV, 1,000,000 rows", () => ("rows.csv", Encoding.UTF8.GetBytes("a,b,c\n" + Repeat("1,two,\"three, four\"\n", 100_000 * _scale))), true);
        yield return ("CSV, 150,000 pairs", () => ("pairs.csv", Encoding.UTF8.GetBytes("question,answer\n" + string.Concat(Enumerable.Range(0, 15_000 * _scale).Select(i => $"What is number {i}?,\"It is {i}, of course.\"\n")))), false);
        yield return ("CSV, quotation mark open to the end", () => ("quote.csv", Encoding.UTF8.GetBytes("a,b\n1,\"" + Repeat("no end, ", 500_000 * _scale))), true);
        yield return ("ZIP bomb, 4 GB", () => ("bomb.zip", ArchiveFile.Bomb("a.md", 400L * _scale << 20)), true);
        yield return ("ZIP bomb as DOCX, 4 GB", () => ("bomb.docx", ArchiveFile.Bomb("word/document.xml", 400L * _scale << 20)), true);
        yield return ("ZIP, nested 5 deep", () => ("nested.zip", Enumerable.Range(0, 5).Aggregate(ArchiveFile.Zip(("a.md", "Text.")), (inner, i) => ArchiveFile.Zip([($"{i}.zip", inner)]))), false);
        yield return ("ZIP, 100,000 entries", () => ("entries.zip", ArchiveFile.Zip(Enumerable.Range(0, 10_000 * _scale).Select(i => ($"{i}.md", "x"u8.ToArray())))), true);
        yield return ("ZIP, ../ and absolute paths", () => ("paths.zip", ArchiveFile.Zip(("../../a.md", "x"), ("/etc/a.md", "x"), ("C:\\a.md", "x"))), false);
        yield return ("AsciiDoc, 5 MB", () => ("large.adoc", Encoding.UTF8.GetBytes("= T\n\n" + Repeat("== A heading\n\nA paragraph with `code` and link:https://example.com[a link].\n\n* one\n** two\n\n", 5000 * _scale))), false);
        yield return ("reStructuredText, 5 MB", () => ("large.rst", Encoding.UTF8.GetBytes(Repeat("A heading\n=========\n\nA paragraph with ``code`` and `a link <https://example.com>`_.\n\n* one\n\n", 5000 * _scale))), false);
        yield return ("bytes without meaning, 40 MB", () => ("noise.pdf", Noise(4_000_000 * _scale)), true);
    }

    private static async Task<Row> ReadAsync(string name, (string Path, byte[] Content) file, bool mayFail)
    {
        using var parser = Parser(new ParseLimits { Workers = 1 });
        var entries = 0;
        var start = Stopwatch.GetTimestamp();
        var reply = await parser.ParseAsync(file.Path, file.Content, ChunkingMode.Hierarchical, 0, (_, _) => Task.FromResult(entries++), default);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var outcome = reply.Document is { } document ? $"read: {document.Sections.Count} sections" : reply.Reason ?? $"unpacked: {entries} entries";
        return new Row(name, Math.Round(file.Content.Length / 1e6, 2), Math.Round(seconds, 2), Math.Round(parser.PeakBytes / (1024d * 1024), 0), outcome, mayFail || reply.Reason is null);
    }

    /// <summary>From the time cap to the answer that says so.</summary>
    private static async Task<List<double>> KillsAsync()
    {
        var late = new List<double>();
        var slow = Encoding.UTF8.GetBytes(Repeat("## A heading\n\nA paragraph with `code` and a [link](https://example.com).\n\n", 60_000));
        for (var i = 0; i < 5; i++)
        {
            var limits = new ParseLimits { Workers = 1, Timeout = TimeSpan.FromMilliseconds(400 + (100 * i)) };
            using var parser = Parser(limits);
            var start = Stopwatch.GetTimestamp();
            var reply = await parser.ParseAsync("slow.md", slow, ChunkingMode.Hierarchical, 0, NoEntries, default);
            if (reply.Document is null)
                late.Add(Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds - limits.Timeout.TotalSeconds, 3));
        }
        return late;
    }

    private static async Task<double> PagesAsync()
    {
        using var parser = Parser(new ParseLimits());
        var book = Book(300);
        await parser.ParseAsync("warm.pdf", Book(3), ChunkingMode.Hierarchical, 0, NoEntries, default);
        var start = Stopwatch.GetTimestamp();
        await parser.ParseAsync("book.pdf", book, ChunkingMode.Hierarchical, 0, NoEntries, default);
        return Math.Round(300 / Stopwatch.GetElapsedTime(start).TotalSeconds, 1);
    }

    private static async Task<double> DocumentsAsync()
    {
        var folder = Path.Combine(Datasets.Root(), "railway_docs", "md");
        if (!Directory.Exists(folder))
            return 0;
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => (Path: f, Content: File.ReadAllBytes(f))).ToList();
        using var parser = Parser(new ParseLimits());
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = parser.Workers }, async (f, ct) => await parser.ParseAsync(f.Path, f.Content, ChunkingMode.Hierarchical, 0, NoEntries, ct));
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = parser.Workers }, async (f, ct) => await parser.ParseAsync(f.Path, f.Content, ChunkingMode.Hierarchical, 0, NoEntries, ct));
        return Math.Round(files.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, 0);
    }

    private static DocumentParser Parser(ParseLimits limits) => new(limits, TimeProvider.System, NullLogger<DocumentParser>.Instance);

    private static Task NoEntries(EntryHead head, byte[]? content) => Task.CompletedTask;

    private static byte[] Book(int pages) => PdfFile.Of("A book", [.. Enumerable.Range(1, pages).Select(i =>
        string.Join('\n', Enumerable.Range(1, 40).Select(l => $"Line {l} of page {i} says what a line of a manual says about volumes and jobs.")))]);

    private static byte[] Corrupt(byte[] file)
    {
        var random = new Random(1);
        for (var i = 0; i < file.Length / 50; i++)
            file[random.Next(20, file.Length)] = (byte)random.Next(256);
        return file;
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(2).NextBytes(noise);
        "%PDF-1.7\n"u8.CopyTo(noise);
        return noise;
    }

    private static byte[] Html(int length, string separator) =>
        Encoding.UTF8.GetBytes("<html><body><main><h1>Long</h1>" + Repeat($"<p>A <b>paragraph</b> of a <a href=\"/x\">page</a> without a line's end.</p>{separator}", length / 80) + "</main></body></html>");

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static void Print(List<Row> rows, List<double> kills, double pages, double documents)
    {
        Console.WriteLine("| file | MB | s | sampled peak MB | outcome |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var r in rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {r.File} | {r.SizeMb} | {r.Seconds} | {r.PeakMb} | {r.Outcome} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nLargest sampled peak: {rows.Select(r => r.PeakMb).DefaultIfEmpty(0).Max()} MB (bound 1,126). Killed after the time cap by: {string.Join(", ", kills)} s (bound 1). PDF: {pages} pages/s (aim 20). Markdown through the child: {documents} documents/s."));
    }
}
