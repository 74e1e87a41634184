using Parley.Assistant.Composer;
using Parley.Assistant.Generation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant.Generation;

/// <summary>A text that grows is cut where nothing that comes can change it: the same pieces in whatever portions it comes.</summary>
public sealed class DraftPiecesTests
{
    public static TheoryData<string> Texts =>
    [
        "A cron job is skipped [1]. Make sure it exits [2].",
        "A cron job is skipped. [1] Make sure it exits. [1][2]",
        "A cron job is skipped.[1] Make sure it exits.[2] It is in UTC (e.g. at 5.30 a.m. in winter). [3]",
        "See the page (it is long. Really.) for more [1]. Then `a.b. C` runs [2]. Version 2.5 is out [1].",
        "To restart [1]:\n\n```\nsvc restart. now\narr[1]\n```\n[2]\n\nThen wait [3].",
        "```bash\necho hi\n```\n\nNo number there [1].",
        "1. Open **Billing** [1].\n2. Choose it. Then wait [2].\n   It goes on here [2].\n\n- a [1]\n- b",
        "| Plan | Price |\n| --- | --- |\n| Free | 0 [1] |\n| Pro | 9 |\n\nThat is all [2].",
        "# Heading\nText below [1]. More.\nAnd a line more [2].",
        "句子一[1]。句子二。[2]句子三【1】。",
        "ไฟล์ถูกเก็บไว้เจ็ดปี [1] เปิดเมนูเรียกเก็บเงิน [2] จบ",
        "कार्य हर रात चलता है [1]। दूसरा वाक्य [2]।",
        "The field [docs](https://example.org/a) is here [1]. It ends",
        "NO_ANSWER",
        "Hello! How are you? I am fine… Really [1].\r\n\r\nYes [2].",
        "**Refunds are unlimited**\nA job is skipped [1]. It\r\nends (see\nbelow). Then\n[2]\n[1] More of it [3]\nand `a\nb` [1].",
        "1. Open it\n   Then wait [2]\n   [1]\n   (it is long [1].\n- b",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void The_portions_do_not_matter(string text)
    {
        var whole = In(text, text.Length);
        foreach (var size in new[] { 1, 2, 3, 5, 7, 11 })
        {
            In(text, size).ShouldBe(whole, $"portions of {size}");
        }
        var letters = (string s) => string.Concat(s.Where(char.IsLetterOrDigit));
        letters(string.Concat(whole.Select((p, i) => (i > 0 && whole[i - 1].Block == p.Block ? "" : p.Lead) + p.Text))).ShouldBe(letters(text), "nothing is lost, nothing is twice");
    }

    [Fact]
    public void Marks_behind_a_full_stop_belong_to_the_sentence_before()
    {
        Cut("It is skipped. [1] It exits.[2] It ends [3].").ShouldBe(["It is skipped. [1]", "It exits.[2]", "It ends [3]."]);
        Cut("句子一。[1]句子二。[2]").ShouldBe(["句子一。[1]", "句子二。[2]"]);
        Cut("ไฟล์ถูกเก็บไว้เจ็ดปี [1] เปิดเมนูเรียกเก็บเงิน [2] จบ").ShouldBe(["ไฟล์ถูกเก็บไว้เจ็ดปี [1]", "เปิดเมนูเรียกเก็บเงิน [2]", "จบ"]);
    }

    [Fact]
    public void The_end_of_a_line_ends_a_sentence_so_that_no_line_leaves_on_its_neighbours_mark()
    {
        var pieces = In("**Refunds are unlimited**\nA job is skipped [1].\nIt exits\n[2]\n[3] Then it waits\n- Open it\n  and wait [1].", 3);
        pieces.Select(p => p.Text).ShouldBe(["**Refunds are unlimited**", "A job is skipped [1].", "It exits\n[2]", "[3] Then it waits", "Open it", "and wait [1]."]);
        pieces.Select(p => p.Before).ShouldBe([Gap.Paragraph, Gap.Line, Gap.Line, Gap.Line, Gap.Line, Gap.Line]);
        pieces.Select(p => p.Block).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Code_and_tables_are_whole_and_code_takes_the_number_below()
    {
        var pieces = In("Run it [1]:\n\n```\na. B\n\nc[1]\n```\n[2]\n| a | b |\n|--|--|\n| 1. X | 2 [1] |\nEnd [1].", 4);
        pieces.Select(p => p.Kind).ShouldBe([BlockKind.Paragraph, BlockKind.Code, BlockKind.Table, BlockKind.Paragraph]);
        pieces[1].Text.ShouldBe("```\na. B\n\nc[1]\n```\n[2]");
        pieces[2].Text.ShouldBe("| a | b |\n|--|--|\n| 1. X | 2 [1] |");
    }

    [Fact]
    public void A_list_entry_keeps_its_mark_and_its_sentences()
    {
        var pieces = In("1. Open it. Then close it [1].\n2. Wait [2].", 3);
        pieces.Select(p => (p.Lead, p.Text)).ShouldBe([("1. ", "Open it."), ("1. ", "Then close it [1]."), ("2. ", "Wait [2].")]);
        (pieces[0].Block == pieces[1].Block, pieces[1].Block == pieces[2].Block).ShouldBe((true, false));
        pieces.Select(p => p.Before).ShouldBe([Gap.Paragraph, Gap.Space, Gap.Line]);
    }

    [Fact]
    public void A_sentence_is_out_as_soon_as_the_next_has_begun_and_not_before()
    {
        var cut = new DraftPieces();
        cut.Push("It is skipped. ").ShouldBeEmpty();
        cut.Push("[1").ShouldBeEmpty();
        cut.Push("] ").ShouldBeEmpty();
        cut.Push("M").Select(p => p.Text).ShouldBe(["It is skipped. [1]"]);
        cut.Push("ake sure").ShouldBeEmpty();
    }

    [Fact]
    public void What_breaks_off_is_marked_unless_it_ends_as_a_sentence()
    {
        Broken("It is skipped [1]. Make sure it").Select(p => p.Unfinished).ShouldBe([false, true]);
        Broken("It is skipped [1]. Make sure it exits [1].").Select(p => p.Unfinished).ShouldBe([false, false]);
        Broken("Run [1]:\n```\nrm -rf").Select(p => p.Unfinished).ShouldBe([false, true]);

        static IReadOnlyList<Piece> Broken(string text)
        {
            var cut = new DraftPieces();
            return [.. cut.Push(text), .. cut.End(broken: true)];
        }
    }

    private static IReadOnlyList<string> Cut(string text) => [.. In(text, 3).Select(p => p.Text)];

    private static List<Piece> In(string text, int size)
    {
        var (cut, pieces) = (new DraftPieces(), new List<Piece>());
        for (var i = 0; i < text.Length; i += size)
        {
            pieces.AddRange(cut.Push(text.Substring(i, Math.Min(size, text.Length - i))));
        }
        pieces.AddRange(cut.End());
        return pieces;
    }
}
