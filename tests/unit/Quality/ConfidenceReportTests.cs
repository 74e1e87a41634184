using Parley.Assistant.Contracts;
using Parley.Quality.Confidence;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Quality;

public sealed class ConfidenceReportTests
{
    /// <summary>In this knowledge an answer is right about as often as the confidence's square: .8 means .64.</summary>
    private static List<ConfidenceSample> Overconfident(int questions, bool isGolden = true) =>
        [.. Enumerable.Range(0, questions).Select(i =>
        {
            var raw = .3 + (.65 * (i % 20) / 19d);
            return new ConfidenceSample(new Guid(i, isGolden ? (short)1 : (short)2, 0, new byte[8]), raw, i * 7 % 100 < 100 * raw * raw, isGolden);
        })];

    [Fact]
    public void A_proposal_says_what_came_true_where_the_shipped_confidence_says_too_much()
    {
        var report = ConfidenceReport.Of(Overconfident(400), 0, Calibration.Shipped, .6);
        report.Proposal.ShouldNotBeNull();
        report.InForce.Error.ShouldBeGreaterThan(.1);
        report.Proposal.Error.ShouldBeLessThan(report.InForce.Error * .7, "no question judged itself");
        (report.Proposal.ErrorLow, report.Proposal.ErrorHigh).ShouldSatisfyAllConditions(i => i.Item1.ShouldBeLessThanOrEqualTo(report.Proposal.Error), i => i.Item2.ShouldBeGreaterThan(0));
        report.Proposal.Curve.Apply(.8).ShouldBe(.64, .08);
        report.InForce.Bins.Sum(b => b.Questions).ShouldBe(400);
    }

    [Fact]
    public void Each_threshold_divides_all_golden_questions_and_a_higher_one_answers_fewer()
    {
        var report = ConfidenceReport.Of([.. Overconfident(100), .. Overconfident(50, isGolden: false)], 0, Calibration.Shipped, .6);
        (report.Golden, report.Judged).ShouldBe((100, 50));
        report.InForce.Thresholds.ShouldAllBe(t => t.Right + t.Wrong + t.Missed + t.Declined == 100, "judged answers say nothing about what is declined");
        var answered = report.InForce.Thresholds.Select(t => t.Right + t.Wrong).ToList();
        answered.ShouldBe(answered.OrderByDescending(a => a));
        report.Now.ShouldBe(report.InForce.Thresholds.Single(t => Math.Abs(t.Threshold - .6) < 1e-9) with { Threshold = .6 });
        (report.Then!.Right + report.Then.Wrong).ShouldBeLessThan(report.Now.Right + report.Now.Wrong, "an honest probability passes the same threshold less often here");
    }

    [Fact]
    public void Too_few_questions_or_questions_all_alike_propose_nothing()
    {
        ConfidenceReport.Of(Overconfident(29), 0, Calibration.Shipped, .6).Proposal.ShouldBeNull();
        ConfidenceReport.Of([.. Overconfident(60).Select(s => s with { IsRight = true })], 0, Calibration.Shipped, .6).Proposal.ShouldBeNull();
        ConfidenceReport.Of([], 0, Calibration.Shipped, .6).InForce.Bins.ShouldBeEmpty();
    }

    [Fact]
    public void The_same_questions_in_another_order_give_the_same_report_and_another_verdict_another_evidence()
    {
        var samples = Overconfident(80);
        var (one, two) = (ConfidenceReport.Of(samples, 0, Calibration.Shipped, .6), ConfidenceReport.Of([.. samples.AsEnumerable().Reverse()], 0, Calibration.Shipped, .6));
        (one.Evidence, one.Proposal!.Curve, one.Proposal.Error).ShouldBe((two.Evidence, two.Proposal!.Curve, two.Proposal.Error));
        samples[3] = samples[3] with { IsRight = !samples[3].IsRight };
        ConfidenceReport.Of(samples, 0, Calibration.Shipped, .6).Evidence.ShouldNotBe(one.Evidence);
    }
}
