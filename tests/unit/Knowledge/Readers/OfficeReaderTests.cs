using Parley.Knowledge.Readers;
using Parley.Testkit.Documents;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class OfficeReaderTests
{
    [Fact]
    public void A_word_document_keeps_headings_lists_tables_links_notes_and_descriptions()
    {
        const string Body = """
            <w:p><w:pPr><w:pStyle w:val="Titel"/></w:pPr><w:r><w:t>Volumes</w:t></w:r></w:p>
            <w:p><w:r><w:t xml:space="preserve">They keep </w:t></w:r><w:ins><w:r><w:t>files</w:t></w:r></w:ins><w:del><w:r><w:delText>nothing</w:delText></w:r></w:del><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>.</w:t></w:r></w:p>
            <w:p><w:pPr><w:pStyle w:val="U2"/></w:pPr><w:r><w:t>Resize</w:t></w:r></w:p>
            <w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="7"/></w:numPr></w:pPr><w:r><w:t>Open the </w:t></w:r><w:hyperlink r:id="rId9"><w:r><w:t>settings</w:t></w:r></w:hyperlink></w:p>
            <w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="8"/></w:numPr></w:pPr><w:r><w:t>of the volume</w:t></w:r></w:p>
            <w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="7"/></w:numPr></w:pPr><w:r><w:t>Choose a size</w:t></w:r></w:p>
            <w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="The size dialog"/></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:t>twice</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Plan</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Size</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>Hobby</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>5 GB</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
            <w:p><w:pPr><w:pStyle w:val="Code"/></w:pPr><w:r><w:t>volume ls</w:t></w:r></w:p>
            <w:p><w:pPr><w:pStyle w:val="Code"/></w:pPr><w:r><w:t>volume rm</w:t></w:r></w:p>
            <w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>A box beside it.</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>
            """;
        var docx = ArchiveFile.Docx(Body,
            ("word/styles.xml", ArchiveFile.Styles(("Titel", "Title"), ("U2", "heading 2"), ("Code", "Source Code"))),
            ("word/numbering.xml", "<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"decimal\"/></w:lvl></w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>"),
            ("word/_rels/document.xml.rels", ArchiveFile.Relations(("rId9", "https://example.com/settings", true))),
            ("word/footnotes.xml", "<w:footnotes xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:footnote w:id=\"-1\"><w:p/></w:footnote><w:footnote w:id=\"2\"><w:p><w:r><w:t>and folders</w:t></w:r></w:p></w:footnote></w:footnotes>"));

        var document = DocumentReader.Read(docx, "upload.bin").Value;

        document.Title.ShouldBe("Volumes");
        document.Headings.Select(h => string.Join('>', h.Path)).ShouldBe(["", "Resize"]);
        document.Blocks.Select(b => b.Text).ShouldBe([
            "They keep files (and folders).",
            "1. Open the [settings](https://example.com/settings)\n   - of the volume\n2. Choose a size",
            "![The size dialog]()",
            "| Plan | Size |\n| --- | --- |\n| Hobby | 5 GB |",
            "```\nvolume ls\nvolume rm\n```",
            "A box beside it.",
        ]);
    }

    [Fact]
    public void A_presentation_is_its_slides_with_tables_descriptions_and_notes()
    {
        const string First = """
            <p:sp><p:nvSpPr><p:nvPr><p:ph type="ctrTitle"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Onboarding</a:t></a:r></a:p></p:txBody></p:sp>
            <p:sp><p:nvSpPr><p:nvPr><p:ph type="body"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Sign in</a:t></a:r></a:p><a:p><a:pPr lvl="1"/><a:r><a:t>with </a:t></a:r><a:r><a:t>SSO</a:t></a:r></a:p></p:txBody></p:sp>
            <p:pic><p:nvPicPr><p:cNvPr id="3" name="Picture" descr="The door"/></p:nvPicPr></p:pic>
            <p:sp><p:nvSpPr><p:nvPr><p:ph type="sldNum"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>1</a:t></a:r></a:p></p:txBody></p:sp>
            """;
        const string Second = """
            <p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Day</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>Task</a:t></a:r></a:p></a:txBody></a:tc></a:tr><a:tr><a:tc><a:txBody><a:p><a:r><a:t>1</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>Read</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>
            """;
        const string Notes = "<p:sp><p:nvSpPr><p:nvPr><p:ph type=\"body\"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Say hello first.</a:t></a:r></a:p></p:txBody></p:sp>";
        var pptx = ArchiveFile.Pptx([First, Second],
            ("ppt/slides/_rels/slide1.xml.rels", ArchiveFile.Relations(("rId2", "../notesSlides/notesSlide1.xml", false))), ("ppt/notesSlides/notesSlide1.xml", ArchiveFile.Shapes(Notes, "notes")));

        var document = DocumentReader.Read(pptx, "a.pptx").Value;

        document.Title.ShouldBe("Onboarding");
        document.Headings.Select(h => (string.Join('>', h.Path), h.Anchor)).ShouldBe([("", "slide=1"), ("Slide 2", "slide=2")]);
        document.Blocks.Select(b => b.Text).ShouldBe(["- Sign in\n  - with SSO", "![The door]()", "Say hello first.", "| Day | Task |\n| --- | --- |\n| 1 | Read |"]);
    }

    [Fact]
    public void A_workbook_is_its_sheets_and_pairs_of_question_and_answer_are_sections()
    {
        const string Prices = """
            <row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>Since</t></is></c></row>
            <row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><f>1+1</f><v>2.5000000000000004</v></c><c r="C2" s="1"><v>45658</v></c></row>
            """;
        const string Pairs = """
            <row><c t="inlineStr"><is><t>Frage</t></is></c><c t="inlineStr"><is><t>Antwort</t></is></c></row>
            <row><c t="inlineStr"><is><t>Was kostet es?</t></is></c><c t="inlineStr"><is><t>Fünf Euro.</t></is></c></row>
            """;
        var xlsx = ArchiveFile.Xlsx([("Prices", Prices), ("FAQ", Pairs)],
            ("xl/sharedStrings.xml", "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>Plan</t></si><si><r><t>Hob</t></r><r><t>by</t></r></si></sst>"),
            ("xl/styles.xml", "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"));

        var document = DocumentReader.Read(xlsx, "price-list.xlsx").Value;

        document.Title.ShouldBe("Price list");
        document.Blocks.Select(b => b.Text).ShouldBe(["| Plan |  | Since |\n| --- | --- | --- |\n| Hobby | 2.5 | 2025-01-01 |", "Fünf Euro."]);
        document.Headings[1].Path.ShouldBe(["FAQ", "Was kostet es?"]);
    }

    [Theory]
    [InlineData("<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", "&x;")]
    [InlineData("<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>", "&b;")]
    public void Entities_are_never_resolved(string type, string use)
    {
        var docx = ArchiveFile.Zip(("word/document.xml", $"<?xml version=\"1.0\"?>{type}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{use}</w:t></w:r></w:p></w:body></w:document>"));

        DocumentReader.Read(docx, "a.docx").Error!.Message.ShouldContain("document type");
    }

    [Fact]
    public void A_million_runs_are_one_paragraph()
    {
        var docx = ArchiveFile.Docx("<w:p>" + string.Concat(Enumerable.Repeat("<w:r><w:t>ab</w:t></w:r>", 60_000)) + "</w:p>");

        DocumentReader.Read(docx, "runs.docx").Value.Blocks.ShouldHaveSingleItem().Text.Length.ShouldBe(120_000);
    }

    [Fact]
    public void What_nests_without_end_is_refused()
    {
        var docx = ArchiveFile.Docx(string.Concat(Enumerable.Repeat("<w:sdt><w:sdtContent>", 3000)) + "<w:p/>" + string.Concat(Enumerable.Repeat("</w:sdtContent></w:sdt>", 3000)));

        DocumentReader.Read(docx, "deep.docx").Error!.Message.ShouldContain("deep");
    }

    [Fact]
    public void What_only_pretends_to_be_small_is_refused_while_it_grows()
    {
        var bomb = ArchiveFile.Bomb("word/document.xml", 80 << 20);
        bomb.Length.ShouldBeLessThan(200_000);

        DocumentReader.Read(bomb, "bomb.docx").Error!.Message.ShouldBeOneOf(
            "The file is damaged and cannot be opened. Save it anew.", "Unpacked, the file is more than 200 times as large: that is no archive of documents.");
    }

    [Fact]
    public void A_password_and_an_old_format_are_called_by_their_names()
    {
        byte[] mark = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[600]];
        DocumentReader.Read(mark, "a.doc").Error!.Message.ShouldContain("old Office document");
        DocumentReader.Read([.. mark, .. System.Text.Encoding.Unicode.GetBytes("EncryptedPackage")], "a.docx").Error!.Message.ShouldContain("password");
        DocumentReader.Read(ArchiveFile.Zip(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")), "a.odt").Error!.Message.ShouldContain("OpenDocument");
    }
}
