using System.Text;
using Parley.Knowledge.Readers;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Readers;

public sealed class CsvReaderTests
{
    static CsvReaderTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Theory]
    [InlineData("Question,Answer\nHow much?,\"Five, \"\"or\"\" six.\n\nA month.\"\nWhen?,Now.\n")]
    [InlineData("id;Frage;Antwort\n1;How much?;\"Five, \"\"or\"\" six.\n\nA month.\"\n2;When?;Now.")]
    [InlineData("category\tPregunta\tRespuesta\nx\tHow much?\t\"Five, \"\"or\"\" six.\n\nA month.\"\ny\tWhen?\tNow.")]
    [InlineData("title|body\r\nHow much?|\"Five, \"\"or\"\" six.\n\nA month.\"\r\nWhen?|Now.\r\n")]
    public void Pairs_of_question_and_answer_are_sections(string text)
    {
        var document = DocumentReader.Read(Encoding.UTF8.GetBytes(text), "faq.csv").Value;

        document.Title.ShouldBe("Faq");
        document.Headings.Select(h => h.Path[0]).ShouldBe(["How much?", "When?"]);
        document.Blocks.Select(b => b.Text).ShouldBe(["Five, \"or\" six.", "A month.", "Now."]);
    }

    [Fact]
    public void Other_tables_stay_tables_and_the_encoding_is_found()
    {
        var document = DocumentReader.Read(Encoding.GetEncoding(1252).GetBytes("Plan;Größe;Preis\nHobby;5 GB;5,00 €\nPro;50 GB;\n"), "plans.csv").Value;

        document.Blocks.ShouldHaveSingleItem().Text.ShouldBe("| Plan | Größe | Preis |\n| --- | --- | --- |\n| Hobby | 5 GB | 5,00 € |\n| Pro | 50 GB |  |");
    }

    [Fact]
    public void A_table_of_questions_is_known_without_its_name() =>
        DocumentReader.Read("question,answer\nWhy?,Because."u8.ToArray(), "export.txt").Value.Headings[0].Path.ShouldBe(["Why?"]);

    [Fact]
    public void A_quotation_mark_that_is_never_closed_is_said_with_its_line() =>
        DocumentReader.Read(Encoding.UTF8.GetBytes("question,answer\nWhy?,Because.\nHow?,\"" + new string('x', 300_000)), "a.csv").Error!.Message.ShouldContain("line 3");

    [Fact]
    public void Rows_without_end_are_refused() =>
        DocumentReader.Read(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 210_000))), "a.csv").Error!.Message.ShouldContain("rows");
}
