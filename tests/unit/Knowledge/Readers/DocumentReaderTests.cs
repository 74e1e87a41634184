using System.Text;
using Parley.Knowledge.Readers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class DocumentReaderTests
{
    static DocumentReaderTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  \n\t ", "no text")]
    [InlineData("%PDF-1.7 something", "PDF")]
    [InlineData("PK\u0003\u0004xxxx", "damaged")]
    [InlineData("GIF89a", "GIF")]
    [InlineData("a\0b\0c", "binary")]
    [InlineData("<?xml version=\"1.0\"?><urlset></urlset>", "XML")]
    [InlineData("<svg xmlns='x'><text>a</text></svg>", "XML")]
    public void What_is_no_document_is_refused_with_the_reason(string content, string reason) =>
        DocumentReader.Read(Encoding.UTF8.GetBytes(content), "guide.md").Error!.Message.ShouldContain(reason, Case.Insensitive);

    [Fact]
    public void Binary_is_refused_whatever_its_name_says()
    {
        var png = new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13 };

        DocumentReader.Read(png, "readme.md").Error!.Message.ShouldContain("PNG");
    }

    [Fact]
    public void Too_large_is_refused() =>
        DocumentReader.Read(new byte[DocumentReader.MaxBytes + 1], "a.txt").Error!.Message.ShouldContain("50 MB");

    [Fact]
    public void Type_follows_content_not_name()
    {
        var html = DocumentReader.Read("<!DOCTYPE html><html><body><h1>T</h1><p>a <b>b</b></p></body></html>"u8.ToArray(), "notes.txt").Value;
        html.Title.ShouldBe("T");
        html.Blocks[0].Text.ShouldBe("a b");

        var markdown = DocumentReader.Read("# T\n\n- a\n- b"u8.ToArray(), "notes.txt").Value;
        markdown.Title.ShouldBe("T");
        markdown.Blocks[0].Kind.ShouldBe(BlockKind.List);

        DocumentReader.Read("MZ is a car sign. BZh too."u8.ToArray(), "notes.txt").Error.ShouldBeNull();
    }

    [Fact]
    public void Plain_text_is_paragraphs_and_nothing_in_it_is_markup()
    {
        var document = DocumentReader.Read("Opening hours\n\nMonday <b>9</b> to 5 & *later*\n  on request.\n\nClosed on Sunday."u8.ToArray(), "hours.txt").Value;

        document.Title.ShouldBe("Opening hours");
        document.Blocks.Select(b => b.Text).ShouldBe(["Monday <b>9</b> to 5 & *later*\n  on request.", "Closed on Sunday."]);
    }

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "Größe – 5 €", Encoding.UTF8.GetBytes("Größe – 5 €") },
        { "Größe – 5 €", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("Größe – 5 €")] },
        { "Größe – 5 €", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Größe – 5 €")] },
        { "Größe – 5 €", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("Größe – 5 €")] },
        { "Größe – 5 €", Encoding.GetEncoding(1252).GetBytes("Größe – 5 €") },
        { "Grüße", Encoding.Latin1.GetBytes("Grüße") },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Encoding_is_found_by_the_bytes(string text, byte[] bytes) => DocumentReader.Read(bytes, "a.txt").Value.Blocks[0].Text.ShouldBe(text);

    [Fact]
    public void A_page_may_declare_its_encoding()
    {
        var bytes = Encoding.GetEncoding("windows-1251").GetBytes("<html><head><meta charset=windows-1251></head><body><p>Привет, мир</p></body></html>");

        DocumentReader.Read(bytes, "a.html").Value.Blocks[0].Text.ShouldBe("Привет, мир");
    }

    [Fact]
    public void One_broken_byte_does_not_spoil_the_rest()
    {
        var text = string.Concat(Enumerable.Repeat("Größe ", 20));
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text), 0xFF, .. " Ende"u8];

        DocumentReader.Read(bytes, "a.txt").Value.Blocks[0].Text.ShouldBe(text + "\uFFFD Ende");
    }

    [Fact]
    public void What_a_database_refuses_or_a_reader_cannot_see_is_taken_out()
    {
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes("# T\n\nzero\u200Bwidth soft\u00ADhyphen \uFEFF &#0; &#xD800; bell\u0007 family 👨‍👩‍👧"), "a.md").Value;

        document.Blocks[0].Text.ShouldBe("zerowidth softhyphen  \uFFFD \uFFFD bell family 👨‍👩‍👧");
    }

    [Theory]
    [InlineData("en", "en")]
    [InlineData("pt_BR", "pt-BR")]
    [InlineData("zh-Hant-TW", "zh-Hant-TW")]
    [InlineData("english", null)]
    [InlineData("", null)]
    public void Language_tags(string value, string? expected) => LanguageTag.Parse(value).ShouldBe(expected);
}
