using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Parsing;
using Parley.Knowledge.Readers;
using Parley.Testkit;
using Parley.Testkit.Documents;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>The child that reads documents: what it may know and take, and what becomes of a file that ends it.</summary>
public sealed class DocumentParserTests
{
    /// <summary>Takes seconds to read, so that something can happen meanwhile.</summary>
    private static readonly byte[] Slow = Encoding.UTF8.GetBytes("# Slow\n\n" + string.Concat(Enumerable.Range(0, 120_000).Select(i => $"Paragraph {i} of many, with `code` and a [link](https://example.com/{i}) in it.\n\n")));

    [Fact]
    public async Task Many_files_are_read_by_the_same_children()
    {
        using var parser = Parser(new ParseLimits { Workers = 2 });

        var replies = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => ParseAsync(parser, $"doc{i}.md", $"# Page {i}\n\nText of page {i}.")));

        replies.Select(r => r.Document!.Title).ShouldBe(Enumerable.Range(0, 60).Select(i => $"Page {i}"));
        replies.ShouldAllBe(r => r.Document!.Sections[0].Chunks[0].Text.StartsWith("Text of page"));
        parser.ProcessIds.Count.ShouldBeInRange(1, 2);
    }

    [Fact]
    public async Task The_child_knows_no_secret_and_its_address_space_is_bounded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is read.");
        Environment.SetEnvironmentVariable("PARLEY_SECRET_OF_THIS_TEST", "hidden");
        using var parser = Parser(new ParseLimits());
        await ParseAsync(parser, "a.md", "Text.");
        var child = parser.ProcessIds.Single();

        var names = File.ReadAllText($"/proc/{child}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('=')[0]).ToList();

        names.ShouldAllBe(n => n == "PATH" || n == "LANG" || n == "LC_ALL" || n == "HOME" || n == "TMPDIR" || n.StartsWith("DOTNET_", StringComparison.Ordinal));
        names.ShouldContain("DOTNET_GCHeapHardLimit");
        if (ExternalTool.Find("prlimit") is not null)
            File.ReadAllLines($"/proc/{child}/limits").Single(l => l.StartsWith("Max address space", StringComparison.Ordinal)).ShouldContain((4L << 30).ToString());
        // Files of tools go to a folder of the child's own, which goes with it.
        var folder = Directory.ResolveLinkTarget($"/proc/{child}/cwd", returnFinalTarget: false)!.FullName;
        File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        parser.Dispose();
        Directory.Exists(folder).ShouldBeFalse();
        Directory.Exists($"/proc/{child}").ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_takes_too_long_is_failed_and_the_next_one_is_read()
    {
        using var parser = Parser(new ParseLimits { Workers = 1, Timeout = TimeSpan.FromMilliseconds(300) });

        var slow = await parser.ParseAsync("slow.md", Slow, ChunkingMode.Hierarchical, 0, NoEntries, default);

        slow.Reason.ShouldBe("Reading this file took longer than 0.3 seconds. Split it, or save it in a simpler form.");
        using var patient = Parser(new ParseLimits { Workers = 1 });
        (await ParseAsync(patient, "next.md", "Text.")).Document.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_child_that_takes_too_much_memory_is_killed()
    {
        using var parser = Parser(new ParseLimits { Workers = 1, ResidentBytes = 24L << 20 });

        var reply = await parser.ParseAsync("slow.md", Slow, ChunkingMode.Hierarchical, 0, NoEntries, default);

        reply.Reason.ShouldBe("Reading this file took more than 24 MB of memory. Split it, or save it in a simpler form.");
        parser.PeakBytes.ShouldBeGreaterThan(24L << 20);
    }

    [Fact]
    public async Task A_heap_that_is_full_is_one_files_reason()
    {
        using var parser = Parser(new ParseLimits { Workers = 1, HeapBytes = 64L << 20 });

        var reply = await parser.ParseAsync("slow.md", Slow, ChunkingMode.Hierarchical, 0, NoEntries, default);

        reply.Document.ShouldBeNull();
        reply.Reason.ShouldNotBeNullOrEmpty();
        (await ParseAsync(parser, "next.md", "Text.")).Document.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_child_that_dies_takes_only_its_own_file_with_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is read.");
        using var parser = Parser(new ParseLimits { Workers = 1 });
        await ParseAsync(parser, "first.md", "Text.");
        var reading = parser.ParseAsync("slow.md", Slow, ChunkingMode.Hierarchical, 0, NoEntries, default);
        await Task.Delay(100);
        using (var child = Process.GetProcessById(parser.ProcessIds.Single()))
            child.Kill();

        (await reading).Reason.ShouldBe("Reading this file ended its reader. The file is damaged, or larger than it looks; save it anew or in another form.");
        (await ParseAsync(parser, "next.md", "Text.")).Document!.Sections[0].Text.ShouldBe("Text.");
    }

    [Fact]
    public async Task Whoever_stops_waiting_leaves_no_child_at_work()
    {
        using var parser = Parser(new ParseLimits { Workers = 1 });
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Should.ThrowAsync<OperationCanceledException>(() => parser.ParseAsync("slow.md", Slow, ChunkingMode.Hierarchical, 0, NoEntries, cancel.Token));

        (await ParseAsync(parser, "next.md", "Text.")).Document.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_child_reads_the_same_as_the_reader_itself()
    {
        using var parser = Parser(new ParseLimits());
        var html = Encoding.UTF8.GetBytes("<html lang=de><head><title>Preise</title></head><body><main><h1>Preise</h1><h2 id=p>Pläne</h2><p>Der Plan kostet 5 €.</p><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></main></body></html>");

        var parsed = (await parser.ParseAsync("p.html", html, ChunkingMode.Hierarchical, 0, NoEntries, default)).Document!;

        var read = DocumentReader.Read(html, "p.html").Value;
        (parsed.Title, parsed.Language, parsed.Url).ShouldBe((read.Title, read.Language, read.Url));
        Json(parsed.Sections).ShouldBe(Json(Chunker.Cut(read, ChunkingMode.Hierarchical)));
    }

    [Fact]
    public async Task An_archive_comes_entry_by_entry_with_a_reason_for_what_is_left_out()
    {
        using var parser = Parser(new ParseLimits());
        var entries = new List<(string Path, string? Content, string? Reason)>();
        var zip = ArchiveFile.Zip(("docs/a.md", "# A\n\nText."), ("../../etc/passwd.md", "x"), ("/abs.md", "x"), ("C:\\win.md", "x"), ("docs/a.md", "twice"), ("logo.png", "x"),
            ("__MACOSX/docs/a.md", "x"), ("empty.md", ""), ("docs/", ""));

        var reply = await parser.ParseAsync("docs.zip", zip, ChunkingMode.Hierarchical, 0, (head, content) =>
        {
            entries.Add((head.Path, content is null ? null : Encoding.UTF8.GetString(content), head.Reason));
            return Task.CompletedTask;
        }, default);

        (reply.IsArchive, reply.Reason).ShouldBe((true, null));
        entries.Where(e => e.Reason is null).ShouldBe([("docs/a.md", "# A\n\nText.", null)]);
        entries.Where(e => e.Reason is not null).Select(e => (e.Path, e.Reason)).ShouldBe([
            ("../../etc/passwd.md", "The path leaves its folder ('..')."), ("/abs.md", "The path is absolute. Give it relative to the folder."),
            ("C:\\win.md", "The path is absolute. Give it relative to the folder."), ("docs/a.md (again)", "The archive holds this path twice; the first one is read."), ("empty.md", "The file is empty."),
        ]);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(2, "deep")]
    public async Task Archives_inside_archives_have_an_end(int depth, string? reason)
    {
        using var parser = Parser(new ParseLimits());

        var reply = await parser.ParseAsync("a.zip", ArchiveFile.Zip(("a.md", "Text.")), ChunkingMode.Hierarchical, depth, NoEntries, default);

        if (reason is null)
            reply.Reason.ShouldBeNull();
        else
            reply.Reason!.ShouldContain(reason);
    }

    [Fact]
    public async Task Archives_that_only_pretend_are_refused_as_a_whole()
    {
        using var parser = Parser(new ParseLimits());

        (await ZipAsync(ArchiveFile.Bomb("a.md", 40 << 20))).ShouldContain("200 times");
        (await ZipAsync(ArchiveFile.Zip(Enumerable.Range(0, 100_000).Select(i => ($"{i}.md", "x"u8.ToArray()))))).ShouldContain("100000 entries");
        (await ZipAsync(ArchiveFile.Zip(("logo.png", "x")))).ShouldContain("no document");
        (await ZipAsync([.. "PK\u0003\u0004"u8.ToArray(), .. new byte[100]])).ShouldContain("damaged");

        async Task<string> ZipAsync(byte[] zip) => (await parser.ParseAsync("a.zip", zip, ChunkingMode.Hierarchical, 0, NoEntries, default)).Reason!;
    }

    [Fact]
    public void A_child_that_rested_too_long_is_not_given_another_file()
    {
        var limits = new ParseLimits { IdleFor = TimeSpan.Zero };
        using var watch = new ParseWatch(limits with { IdleFor = TimeSpan.FromHours(1) }, TimeProvider.System);
        using var worker = ParseWorker.Start(ParseCommandLine.Find(), limits, watch);
        worker.Rest(TimeProvider.System);
        worker.TryTake().ShouldBeTrue();
        worker.Look(limits, TimeProvider.System);
        worker.HasEnded.ShouldBeFalse("it has been taken");

        worker.Rest(TimeProvider.System);
        worker.Look(limits, TimeProvider.System);

        // The process may not have ended yet, but the decision is made: a file that it were given would be blamed.
        worker.TryTake().ShouldBeFalse();
    }

    [Fact]
    public async Task A_scan_is_read_by_its_pictures_and_within_the_bounds()
    {
        Assert.SkipWhen(ExternalTool.Find("tesseract") is null || ExternalTool.Find("pdftoppm") is null, "tesseract-ocr or poppler-utils is not installed.");
        using var scratch = new ScratchFolder();
        var text = Path.Combine(scratch.Path, "text.pdf");
        await File.WriteAllBytesAsync(text, PdfFile.Of("The access code of the pump is 48213.\nIt is serviced every seventeen days."), TestContext.Current.CancellationToken);
        var picture = ExternalTool.Run(ExternalTool.Find("pdftoppm")!, ["-q", "-r", "200", "-jpeg", "-singlefile", text], 16 << 20).Output;
        using var parser = Parser(new ParseLimits());

        var reply = await parser.ParseAsync("scan.pdf", PdfFile.Scanned(1653, 2339, picture, picture), ChunkingMode.Hierarchical, 0, NoEntries, default);

        reply.Reason.ShouldBeNull();
        var chunks = reply.Document!.Sections.SelectMany(s => s.Chunks).ToList();
        chunks[0].Text.ShouldContain("48213");
        chunks[^1].Anchor.ShouldBe("page=2");
        parser.PeakBytes.ShouldBeLessThan(1L << 30);
    }

    private static string Json(IReadOnlyList<DocumentSection> sections) => System.Text.Json.JsonSerializer.Serialize(sections);

    private static DocumentParser Parser(ParseLimits limits) => new(limits, TimeProvider.System, NullLogger<DocumentParser>.Instance);

    private static Task<ParseReply> ParseAsync(DocumentParser parser, string path, string text) =>
        parser.ParseAsync(path, Encoding.UTF8.GetBytes(text), ChunkingMode.Hierarchical, 0, NoEntries, default);

    private static Task NoEntries(EntryHead head, byte[]? content) => Task.CompletedTask;
}
