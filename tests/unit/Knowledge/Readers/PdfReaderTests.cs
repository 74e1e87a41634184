using System.Text;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Parsing;
using Parley.Knowledge.Readers;
using Parley.Knowledge.Readers.Pdf;
using Parley.Testkit.Documents;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class PdfReaderTests
{
    private static readonly bool HasTool = ExternalTool.Find("pdftotext") is not null;

    [Fact]
    public void Each_page_is_a_place_that_a_citation_leads_to()
    {
        Assert.SkipUnless(HasTool, "pdftotext is not installed.");
        var document = DocumentReader.Read(PdfFile.Of("Handbook of volumes", ["Volumes keep files across deploy-\nments. Each has a size.", "Resizing\n\nA volume can be resized at any time."]), "handbook.pdf").Value;

        document.Title.ShouldBe("Handbook of volumes");
        document.Blocks[0].Text.ShouldBe("Volumes keep files across deployments. Each has a size.");
        document.Headings.Select(h => h.Anchor).ShouldBe(["page=1", "page=2"]);
        var chunks = Chunker.Cut(document, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks).ToList();
        chunks.Single(c => c.Text.Contains("resized")).Anchor.ShouldBe("page=2");
    }

    [Fact]
    public void What_cannot_be_read_is_called_by_its_name()
    {
        Assert.SkipUnless(HasTool, "pdftotext is not installed.");
        DocumentReader.Read(PdfFile.Encrypted(), "a.pdf").Error!.Message.ShouldContain("password");
        DocumentReader.Read("%PDF-1.7\nnothing of it is true"u8.ToArray(), "a.pdf").Error!.Message.ShouldContain("damaged");
        var whole = PdfFile.Of("One page of text.");
        DocumentReader.Read(whole[..(whole.Length / 3)], "cut.pdf").Error!.Message.ShouldContain("damaged");
        if (ExternalTool.Find("tesseract") is null)
            DocumentReader.Read(PdfFile.Of("", ""), "scan.pdf").Error!.Message.ShouldContain("scanned");
    }

    [Fact]
    public void A_long_book_keeps_every_page_in_its_place()
    {
        Assert.SkipUnless(HasTool, "pdftotext is not installed.");
        var document = DocumentReader.Read(PdfFile.Of([.. Enumerable.Range(1, 2000).Select(i => $"The handbook\n\nParagraph of page number {i} in words.\n\n{i}")]), "book.pdf").Value;

        document.Blocks.Count.ShouldBe(2000);
        document.Blocks[1999].Text.ShouldBe("Paragraph of page number 2000 in words.");
        document.Headings[document.Blocks[1999].Heading].Anchor.ShouldBe("page=2000");
    }

    [Fact]
    public void A_pdf_under_another_name_is_a_pdf()
    {
        Assert.SkipUnless(HasTool, "pdftotext is not installed.");
        DocumentReader.Read(PdfFile.Of("The text of the page."), "notes.md").Value.Blocks[0].Text.ShouldBe("The text of the page.");
    }

    [Fact]
    public void Running_heads_and_page_numbers_belong_to_the_book()
    {
        var pages = Enumerable.Range(1, 6).Select(i => $"Acme handbook 2024\n\nText of page {i} is here.\nIt goes on.\n\n{i} / 6\n").ToList();

        var kept = PdfPages.WithoutRunningLines(pages);

        kept.Count.ShouldBe(6);
        kept.ShouldAllBe(p => !p.Contains("Acme") && !p.Contains("/ 6") && p.Contains("Text of page"));
        // Two pages are too few to tell.
        PdfPages.WithoutRunningLines(["Title\n\nA.", "Title\n\nB."]).ShouldAllBe(p => p.Contains("Title"));
    }

    [Fact]
    public void Lists_and_wrapped_lines_are_mended()
    {
        var document = new DocumentBuilder();

        PdfPages.Add(document, "To do this:\n• open the set-\n  tings\n• press\n\n1. First\n2. Second line\nwraps\n\nA well-\nKnown fact.");

        document.Build("x").Blocks.Select(b => b.Text).ShouldBe(["To do this:", "- open the settings\n- press", "1. First\n2. Second line wraps", "A well- Known fact."]);
    }
}
