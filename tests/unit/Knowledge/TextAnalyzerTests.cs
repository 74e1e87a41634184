using System.Text.Json;
using Parley.Knowledge.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge;

public sealed class TextAnalyzerTests
{
    private sealed record Golden(string Lang, string Text, string[] Stems, string[] Grams);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static TheoryData<string> Languages() => [.. Read().Select(g => g.Lang).Distinct()];

    /// <summary>
    /// The golden terms come from the reference implementation of the benchmark, to which the deviations that <see cref="WordReader"/>
    /// states were added; the sentences are our own.
    /// </summary>
    [Theory]
    [MemberData(nameof(Languages))]
    public void Terms_equal_the_reference(string language)
    {
        var rows = Read().Where(g => g.Lang == language).ToList();
        rows.ShouldNotBeEmpty();
        foreach (var golden in rows)
        {
            TextAnalyzer.Stems(golden.Text).Order(StringComparer.Ordinal).ShouldBe(golden.Stems.Order(StringComparer.Ordinal), golden.Text);
            TextAnalyzer.Grams(golden.Text).Order(StringComparer.Ordinal).ShouldBe(golden.Grams.Order(StringComparer.Ordinal), golden.Text);
        }
    }

    [Theory]
    [InlineData("Größe", "gross")]
    [InlineData("réindexées", "reindexe")]
    [InlineData("Łódź", "lodz")]
    [InlineData("l'année", "anne")]
    [InlineData("dell’ufficio", "ufficio")]
    [InlineData("d'ÂGE's", "ag")]
    [InlineData("को", "को")]
    [InlineData("क़लम", "कलम")]
    public void Words_are_folded_before_stemming(string text, string stem) => TextAnalyzer.Stems(text).ShouldBe([stem]);

    [Fact]
    public void Pairs_and_words_come_in_reading_order() =>
        TextAnalyzer.Stems("在Linux上运行").ShouldBe(["在", "linux", "上运", "运行"]);

    [Fact]
    public void Composed_and_decomposed_text_give_the_same_terms()
    {
        TextAnalyzer.Stems("re\u0301sume\u0301 Vie\u0323\u0302t").ShouldBe(TextAnalyzer.Stems("résumé Việt"));
        TextAnalyzer.Grams("И\u0306од").ShouldBe(TextAnalyzer.Grams("Йод"));
    }

    [Fact]
    public void Final_sigma_full_width_letters_and_soft_hyphens_fold()
    {
        TextAnalyzer.Stems("ΟΔΟΣ οδός").Distinct().Count().ShouldBe(1);
        TextAnalyzer.Stems("ＡＰＩ").ShouldBe(["api"]);
        TextAnalyzer.Stems("inter\u00adnational").ShouldBe(TextAnalyzer.Stems("international"));
    }

    [Fact]
    public void Offsets_point_at_the_word_in_the_original_text()
    {
        const string Text = "Café's 付款 naïve—done.";
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(Text, buffer);
        var seen = new List<(string Word, string Source)>();
        while (reader.Read())
            seen.Add((reader.Word.ToString(), Text[reader.Start..reader.End]));
        seen.ShouldBe([("cafe", "Café's"), ("付款", "付款"), ("naive", "naïve"), ("done", "done")]);
    }

    [Fact]
    public void Endless_words_and_lone_surrogates_are_read_without_error()
    {
        TextAnalyzer.Stems(new string('x', 100_000)).Single().Length.ShouldBeInRange(WordReader.MaxWordLength - 1, WordReader.MaxWordLength);
        TextAnalyzer.Stems("\ud800abc\udc00 \ud83d\ude00 𝔘nicode").ShouldBe(["abc", "𝔘nicode"]);
    }

    [Fact]
    public void Every_ideograph_is_a_gram_once() =>
        TextAnalyzer.Grams("付款了").ShouldBe(["付款", "付", "款了", "款", "了"]);

    private static IEnumerable<Golden> Read() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Knowledge", "Fixtures", "analyzer-golden.jsonl"))
            .Select(line => JsonSerializer.Deserialize<Golden>(line, Json)!);
}
