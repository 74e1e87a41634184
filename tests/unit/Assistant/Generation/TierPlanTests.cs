using Parley.Assistant.Analysis;
using Parley.Assistant.Generation;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant.Generation;

/// <summary>Which tier is asked, and what is done with its draft.</summary>
public sealed class TierPlanTests
{
    private static readonly ModelTier[] All = [ModelTier.Small, ModelTier.Medium, ModelTier.Large];

    [Theory]
    [InlineData("How do I resize a volume?", ModelTier.Small, "complexity")]
    [InlineData("How do I configure deployment and what if it is skipped?", ModelTier.Large, "complexity")]
    [InlineData("Where is it and what is it?", ModelTier.Medium, "complexity")]
    [InlineData("What does this API return?", ModelTier.Large, "code")]
    public void The_question_decides_where_complexity_is_the_strategy(string question, ModelTier tier, string reason) =>
        Plan(TierStrategy.Complexity).First(QuestionAnalyzer.Analyze(question)).ShouldBe((tier, reason));

    [Fact]
    public void The_smallest_comes_first_where_attempts_are()
    {
        Plan(TierStrategy.Attempts).First(QuestionAnalyzer.Analyze("What does this API return?")).ShouldBe((ModelTier.Small, "smallest_first"));
        Plan(TierStrategy.Attempts, ModelTier.Medium, ModelTier.Large).First(QuestionAnalyzer.Analyze("Why?")).ShouldBe((ModelTier.Medium, "next_available"));
    }

    [Fact]
    public void A_tier_without_a_model_is_replaced_by_the_next_better_one_else_by_the_next_smaller()
    {
        var code = QuestionAnalyzer.Analyze("What does this API return?");
        Plan(TierStrategy.Complexity, ModelTier.Small, ModelTier.Medium).First(code).ShouldBe((ModelTier.Medium, "next_available"));
        Plan(TierStrategy.Complexity, ModelTier.Large).First(QuestionAnalyzer.Analyze("Why?")).ShouldBe((ModelTier.Large, "next_available"));
        Plan(TierStrategy.Complexity, ModelTier.Small, ModelTier.Large).Next(ModelTier.Small, 1).ShouldBe(ModelTier.Large);
    }

    [Fact]
    public void Attempts_end()
    {
        var plan = Plan(TierStrategy.Attempts);
        plan.Next(ModelTier.Small, 1).ShouldBe(ModelTier.Medium);
        plan.Next(ModelTier.Medium, 2).ShouldBe(ModelTier.Large);
        plan.Next(ModelTier.Large, 1).ShouldBeNull();
        (plan with { Settings = plan.Settings with { MaxAttempts = 1 } }).Next(ModelTier.Small, 1).ShouldBeNull();
        plan.Instead(ModelTier.Large, [ModelTier.Large], 1).ShouldBe(ModelTier.Medium);
        plan.Instead(ModelTier.Medium, [ModelTier.Medium, ModelTier.Large], 2).ShouldBe(ModelTier.Small, "who has failed is not asked again");
        plan.Next(ModelTier.Medium, 2, [ModelTier.Medium, ModelTier.Large]).ShouldBeNull();
        plan.MayStream(ModelTier.Medium, 2, [ModelTier.Large]).ShouldBeTrue();
        plan.Instead(ModelTier.Large, [ModelTier.Large, ModelTier.Medium, ModelTier.Small], 2).ShouldBeNull();
    }

    [Fact]
    public void Text_leaves_before_the_end_only_where_no_other_tier_can_follow()
    {
        Plan(TierStrategy.Complexity).MayStream(ModelTier.Small, 1).ShouldBeTrue();
        Plan(TierStrategy.Attempts).MayStream(ModelTier.Small, 1).ShouldBeFalse();
        Plan(TierStrategy.Attempts).MayStream(ModelTier.Large, 2).ShouldBeTrue();
        Plan(TierStrategy.Attempts).MayStream(ModelTier.Small, 3).ShouldBeTrue();
    }

    [Theory]
    [InlineData(TierStrategy.Attempts, .9, false, true, true, "Accept accepted")]
    [InlineData(TierStrategy.Attempts, .79, false, true, true, "Escalate confidence")]
    [InlineData(TierStrategy.Attempts, .79, false, true, false, "Accept last_attempt")]
    [InlineData(TierStrategy.Attempts, .59, false, true, false, "GiveUp weak_draft")]
    [InlineData(TierStrategy.Complexity, .6, false, true, true, "Accept accepted")]
    [InlineData(TierStrategy.Complexity, .3, false, true, true, "Escalate weak_draft")]
    [InlineData(TierStrategy.Complexity, .3, false, true, false, "GiveUp weak_draft")]
    [InlineData(TierStrategy.Complexity, .5, false, false, true, "Escalate weak_draft")]
    [InlineData(TierStrategy.Complexity, .5, false, false, false, "GiveUp weak_draft")]
    [InlineData(TierStrategy.Complexity, .7, false, false, true, "Accept accepted")]
    [InlineData(TierStrategy.Complexity, null, false, true, true, "Escalate nothing_cited")]
    [InlineData(TierStrategy.Complexity, null, true, true, true, "Escalate no_answer")]
    [InlineData(TierStrategy.Complexity, null, true, true, false, "GiveUp no_answer")]
    [InlineData(TierStrategy.Attempts, null, true, false, true, "GiveUp no_answer_agreed")]
    public void A_draft_is_taken_sent_up_or_given_up(TierStrategy strategy, double? confidence, bool saysNo, bool strong, bool another, string expected)
    {
        var (verdict, reason) = Plan(strategy).Judge(confidence, saysNo, strong, .6, another ? ModelTier.Large : null);
        $"{verdict} {reason}".ShouldBe(expected);
    }

    [Fact]
    public void A_drafts_confidence_follows_each_of_its_signals()
    {
        var good = new DraftSignals(.9, 1, .9, .9, false, false, false);
        DraftConfidence.Of(good).ShouldBe(.92, .001);
        DraftSignals[] worse =
        [
            good with { Evidence = .3 }, good with { Kept = .4 }, good with { Coverage = .2 }, good with { Support = .2 }, good with { IsHedged = true }, good with { IsPartial = true }, good with { IsCut = true },
        ];
        worse.ShouldAllBe(s => DraftConfidence.Of(s) < .85);
        DraftConfidence.Of(good with { IsHedged = true }).ShouldBeLessThan(.6, "who is not sure is not sure");
    }

    [Theory]
    [InlineData("I am not sure. It might possibly be described somewhere.", "en", true)]
    [InlineData("Ich bin mir nicht sicher, vielleicht geht es.", "de", true)]
    [InlineData("这可能是一个问题。", "zh", true)]
    [InlineData("You may cancel at any time. Probability is a number.", "en", false)]
    [InlineData("Ein Auftrag wird übersprungen.", "de", false)]
    public void Hedging_is_heard_in_the_answers_language(string text, string language, bool hedged) => DraftConfidence.IsHedged(text, language).ShouldBe(hedged);

    private static TierPlan Plan(TierStrategy strategy, params ModelTier[] available) => new(new ModelSettings { Strategy = strategy }, available.Length == 0 ? All : available);
}
