using Parley.Assistant.Composer;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class PartsComposerTests
{
    private const string Text = "Volumes can be deleted. A deleted volume is kept for two days. It costs nothing then.";

    private static readonly Guid Chunk = Guid.CreateVersion7();

    private static readonly Evidence Passage = new() { ChunkId = Chunk, Version = 1, DocumentId = Guid.CreateVersion7(), Title = "Volumes", Text = Text };

    [Fact]
    public void A_sentence_that_answers_two_parts_is_quoted_once()
    {
        var joined = Join(Answer(.9, "A deleted volume is kept for two days."), Answer(.7, "A deleted volume is kept for two days."));
        joined.Quotes.Count.ShouldBe(1);
        joined.Blocks.ShouldHaveSingleItem().Answers.ShouldBe(0b11);
        joined.Unanswered.ShouldBeEmpty();
        joined.Confidence.ShouldBe(.7);
    }

    [Fact]
    public void Quotations_that_overlap_become_one_that_is_still_the_sources_words()
    {
        var joined = Join(Answer(.9, "Volumes can be deleted. A deleted volume is kept for two days."), Answer(.7, "A deleted volume is kept for two days. It costs nothing then."));
        joined.Text.ShouldBe(Text);
        Text.Substring(joined.Quotes[0].Start, joined.Quotes[0].Length).ShouldBe(joined.Quotes[0].Text);
    }

    [Fact]
    public void Answers_stand_in_the_order_of_the_questions_each_with_its_citation()
    {
        var joined = Join(Answer(.9, "It costs nothing then."), Answer(.8, "Volumes can be deleted."));
        joined.Text.ShouldBe("It costs nothing then.\n\nVolumes can be deleted.");
        joined.Blocks.Select(b => b.Citation).ShouldBe([0, 1]);
    }

    [Fact]
    public void The_part_without_an_answer_is_named_and_does_not_make_the_rest_less_certain()
    {
        var joined = Join(Answer(.9, "Volumes can be deleted."), new Composition { Abstained = AbstainReason.WeakSupport, Confidence = .1 });
        joined.Abstained.ShouldBeNull();
        joined.Confidence.ShouldBe(.9);
        joined.Unanswered.ShouldBe(["part 1"]);
    }

    [Fact]
    public void Without_any_answer_it_abstains() =>
        Join(new Composition { Abstained = AbstainReason.WeakSupport, Confidence = .3 }, new Composition { Abstained = AbstainReason.NoEvidence }).Abstained.ShouldNotBeNull();

    [Fact]
    public void A_part_whose_only_quotation_is_gone_is_unanswered()
    {
        var joined = Join(Answer(.9, "Volumes can be deleted."), Answer(.8, "It costs nothing then."));
        Parley.Assistant.AnswerVerifier.Keep(joined, q => q.Start == 0).Unanswered.ShouldBe(["part 1"]);
    }

    private static Composition Join(params Composition[] answers) => PartsComposer.Join([.. answers.Select((a, i) => ($"part {i}", a))], [Passage]);

    private static Composition Answer(double confidence, string quote) => new()
    {
        Confidence = confidence,
        Blocks = [new AnswerBlock(BlockKind.Paragraph, quote, 0)],
        Quotes = [new Quote(Passage.DocumentId, Guid.Empty, Chunk, 1, "Volumes", null, null, [], quote, Text.IndexOf(quote, StringComparison.Ordinal))],
    };
}
