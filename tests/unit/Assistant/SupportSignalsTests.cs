using Parley.Assistant.Composer;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class SupportSignalsTests
{
    [Theory]
    [InlineData("Which regions are not supported?", "Four regions are supported.", true)]
    [InlineData("Which regions are not supported?", "Oceania is not supported.", false)]
    [InlineData("Which regions are supported?", "Four regions are supported.", false)]
    [InlineData("Why isn't my build cached?", "Builds are cached by their lock file.", false)]
    [InlineData("I can't log in", "Reset the password under Account.", false)]
    [InlineData("my card does not work", "Activate the card in the app.", false)]
    public void A_negation_counts_where_only_the_question_has_it_and_nobody_reports_a_trouble(string question, string answer, bool expected) =>
        ContrastCues.For("en").IsNegatedOnlyIn(ContrastCues.Words(question), ContrastCues.Words(answer)).ShouldBe(expected);

    [Theory]
    [InlineData("What is the maximum size?", "The minimum size is 1 MB.", true)]
    [InlineData("What is the maximum size?", "The maximum size is 1 MB, the minimum 1 kB.", false)]
    [InlineData("How do I enable caching?", "Caching was disabled by the setting.", true)]
    [InlineData("How do I delete a member?", "To remove a member, open Members; to add one, press Invite.", false)]
    [InlineData("Which steps are important?", "These steps are unimportant.", true)]
    [InlineData("Which steps are important?", "These steps are important.", false)]
    public void An_opposite_counts_where_the_answer_has_neither_the_word_nor_one_of_its_side(string question, string answer, bool expected) =>
        ContrastCues.For("en").HasOpposite(ContrastCues.Words(question), ContrastCues.Words(answer)).ShouldBe(expected);

    [Fact]
    public void A_language_without_a_list_has_no_cues()
    {
        ContrastCues.For("fi").IsNegatedOnlyIn(["not"], ["yes"]).ShouldBeFalse();
        ContrastCues.For("fi").HasOpposite(["maximum"], ["minimum"]).ShouldBeFalse();
    }

    [Fact]
    public void Every_signal_moves_the_confidence_its_way()
    {
        var plain = new SupportSignals(Match: .25, Margin: .1, MissingName: 0, IsNegated: false, IsOpposed: false);
        double Of(SupportSignals s) => SupportModel.Confidence(s);
        Of(plain).ShouldBeInRange(.01, .99);
        Of(plain with { Match = .3 }).ShouldBeGreaterThan(Of(plain));
        Of(plain with { Margin = .2 }).ShouldBeGreaterThan(Of(plain));
        Of(plain with { MissingName = .2 }).ShouldBeLessThan(Of(plain));
        Of(plain with { IsNegated = true }).ShouldBeLessThan(Of(plain));
        Of(plain with { IsOpposed = true }).ShouldBeLessThan(Of(plain));
        Of(plain with { Unknown = .3 }).ShouldBe(Of(plain));
        Of(plain with { Unknown = .6 }).ShouldBeLessThan(Of(plain));
        Of(default).ShouldBe(0);
    }
}
