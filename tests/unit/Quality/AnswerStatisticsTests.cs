using Parley.Quality;
using Parley.Quality.Evaluation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Quality;

public sealed class AnswerStatisticsTests
{
    [Theory]
    [InlineData("The Hobby plan costs **$5** a month.", "$5 a month", true)]
    [InlineData("It is 15 minutes.", "5 minutes", false)]
    [InlineData("In the 10th and 11th centuries.", "10th and 11th Centuries", true)]
    [InlineData("ภาษาไทยง่าย", "ไทย", true)]
    [InlineData("诺曼底位于法国。", "法国", true)]
    [InlineData("Größe: 5", "Grosse", false)]
    [InlineData("anything", "…", false)]
    public void An_accepted_text_must_stand_in_the_answer_as_whole_words(string answer, string accepted, bool expected) =>
        AnswerMatch.Contains(answer, [accepted]).ShouldBe(expected);

    [Fact]
    public void Without_accepted_texts_a_citation_of_a_relevant_document_counts()
    {
        var question = new DatasetQuestion { Id = "q", Text = "?", Relevant = new HashSet<string> { "a" } };

        AnswerMatch.IsHit(question, "", ["b", "a"]).ShouldBeTrue();
        AnswerMatch.IsHit(question, "", ["b"]).ShouldBeFalse();
        AnswerMatch.IsHit(question with { Answers = ["x"] }, "y", ["a"]).ShouldBeFalse();
    }

    [Fact]
    public void Separable_confidences_are_told_apart_by_a_threshold_that_no_question_chose_for_itself()
    {
        var asked = Questions(400, i => (.6 + (.0009 * i), i % 10 != 0)).Concat(Questions(400, i => (.1 + (.001 * i), false), type: "other-product")).ToList();

        var report = AnswerStatistics.Report(asked, shippedThreshold: .2, grounded: 1);

        (report.Answerable, report.Unanswerable).ShouldBe((400, 400));
        report.Auroc.ShouldBe(1);
        report.Threshold!.Value.ShouldBeInRange(.49, .61);
        (report.Answered, report.AnswerHit, report.AbstainRecall, report.AbstainPrecision).ShouldBe((1, .9, 1, 1));
        (report.ByType["other-product"].N, report.ByType["other-product"].AbstainRecall).ShouldBe((400, 1));
        report.Shipped.AbstainRecall.ShouldBe(.25, .01);
        report.Ci95["answerHit"][0].ShouldBeInRange(.85, .9);
        report.Ci95["auroc"].ShouldBe([1, 1]);
    }

    [Fact]
    public void Other_sets_give_a_threshold_that_the_set_itself_did_not_choose()
    {
        // The set answers from .5 on, the others from .3 and .7 on: each counts the same, though one has ten times the questions.
        var asked = Questions(200, _ => (.6, true)).Concat(Questions(200, _ => (.4, false), type: "other-product")).ToList();
        var low = new ReferenceSet("low", [.. Questions(1000, i => (.3 + (.0002 * i), true)), .. Questions(1000, _ => (.1, false), type: "x")]);
        var high = new ReferenceSet("high", [.. Questions(100, _ => (.9, true)), .. Questions(100, i => (i % 2 == 0 ? .45 : .1, false), type: "x")]);

        var report = AnswerStatistics.Report(asked, .2, 1, [low, high]);

        report.LeaveOneSetOut!.Sets.ShouldBe(["low", "high"]);
        report.LeaveOneSetOut.Threshold.ShouldBeInRange(.1, .3);
        (report.LeaveOneSetOut.Answered, report.LeaveOneSetOut.AbstainRecall).ShouldBe((1, 0));
        report.Threshold!.Value.ShouldBe(.5, .001);
        AnswerStatistics.Report(asked, .2, 1).LeaveOneSetOut.ShouldBeNull();
    }

    [Fact]
    public void A_question_that_found_nothing_to_quote_is_declined_at_any_threshold()
    {
        AskedQuestion[] asked = [.. Questions(50, _ => (.9, true)), new("chat", null, 0, HasAnswer: false, IsHit: false) { IsMisread = true }];

        var report = AnswerStatistics.Report(asked, 0, 1);

        (report.Answerable, report.Misread, report.Shipped.Answered).ShouldBe((51, 1, .9804));
    }

    [Fact]
    public void Calibration_learns_a_curve_that_the_raw_confidence_misses()
    {
        // Right with probability c², whatever the confidence c claims.
        var random = new Random(1);
        var asked = Questions(3000, _ => random.NextDouble() is var c && random.NextDouble() < c * c ? (c, true) : (c, false)).ToList();

        Discrimination.ExpectedCalibrationError([.. asked.Select(a => (a.Confidence, AnswerCalibration.IsRight(a)))]).ShouldBeGreaterThan(.12);
        Discrimination.ExpectedCalibrationError(AnswerCalibration.Forecasts(asked)).ShouldBeLessThan(.05);
    }

    [Fact]
    public void A_set_of_which_all_is_right_or_all_is_wrong_stays_finite()
    {
        foreach (var right in new[] { true, false })
        {
            var report = AnswerStatistics.Report([.. Questions(50, _ => (.9, right))], .6, 1);

            report.Threshold.ShouldBeNull();
            report.Auroc.ShouldBeNull();
            report.Ece.ShouldBeLessThan(.05);
        }
    }

    [Fact]
    public void Folds_are_about_equal_and_the_same_everywhere()
    {
        var folds = Enumerable.Range(0, 5000).GroupBy(i => AnswerCalibration.FoldOf("q" + i)).ToDictionary(g => g.Key, g => g.Count());

        folds.Count.ShouldBe(5);
        folds.Values.ShouldAllBe(n => n > 850 && n < 1150);
        AnswerCalibration.FoldOf("fq0").ShouldBe(AnswerCalibration.FoldOf("fq0"));
    }

    private static IEnumerable<AskedQuestion> Questions(int count, Func<int, (double Confidence, bool Hit)> make, string? type = null) =>
        Enumerable.Range(0, count).Select(i =>
        {
            var (confidence, hit) = make(i);
            return new AskedQuestion((type ?? "q") + i, type, confidence, true, hit);
        });
}
