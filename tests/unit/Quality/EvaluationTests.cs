using Parley.Quality.Evaluation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Quality;

public sealed class EvaluationTests
{
    private static readonly HashSet<string> Relevant = ["a", "b", "c"];

    [Fact]
    public void Metrics_follow_their_definitions()
    {
        var m = RankingMetrics.Of(["x", "a", "y", "b", "z", "w", "c"], Relevant);
        m.RecallAt5.ShouldBe(2 / 3d);
        m.RecallAt10.ShouldBe(1);
        m.ReciprocalRankAt10.ShouldBe(.5);
        m.PrecisionAt5.ShouldBe(.4);
        m.NdcgAt10.ShouldBe(((1 / Math.Log2(3)) + (1 / Math.Log2(5)) + (1 / Math.Log2(8))) / (1 + (1 / Math.Log2(3)) + .5), 1e-12);
    }

    [Fact]
    public void Excluded_documents_give_their_place_to_the_next() =>
        RankingMetrics.Of(["x", "a"], Relevant, new HashSet<string> { "x" }).ReciprocalRankAt10.ShouldBe(1);

    [Fact]
    public void Beyond_the_tenth_place_nothing_counts() =>
        RankingMetrics.Of([.. Enumerable.Range(0, 10).Select(i => $"x{i}"), "a"], Relevant).ShouldBe(default);

    [Fact]
    public void A_question_without_relevant_documents_cannot_be_scored() =>
        Should.Throw<ArgumentException>(() => RankingMetrics.Of(["a"], new HashSet<string>()));

    [Fact]
    public void Auroc_counts_ties_half()
    {
        Discrimination.Auroc([.9, .8], [.1, .2]).ShouldBe(1);
        Discrimination.Auroc([.1], [.9]).ShouldBe(0);
        Discrimination.Auroc([.5, .5], [.5]).ShouldBe(.5);
        Discrimination.Auroc([3, 1], [2, 1]).ShouldBe((1 + 1 + 0 + .5) / 4);
        Discrimination.Auroc([], [1]).ShouldBe(double.NaN);
    }

    [Fact]
    public void Calibration_error_is_zero_for_honest_and_large_for_boastful_forecasts()
    {
        var honest = Enumerable.Range(0, 100).Select(i => (i < 50 ? 0d : 1d, i >= 50)).ToList();
        Discrimination.ExpectedCalibrationError(honest).ShouldBe(0);
        Discrimination.ExpectedCalibrationError(honest.ConvertAll(f => (.9, f.Item2))).ShouldBe(.5, .1);
        Discrimination.ExpectedCalibrationError([]).ShouldBe(0);
    }

    [Fact]
    public void Calibration_bins_have_equal_mass()
    {
        // 90 forecasts of .1 (never) and 10 of .6 (always): nine bins err by .1, one by .4.
        var forecasts = Enumerable.Range(0, 100).Select(i => (i < 90 ? .1 : .6, i >= 90)).ToList();
        Discrimination.ExpectedCalibrationError(forecasts).ShouldBe((.9 * .1) + (.1 * .4), 1e-9);
    }

    [Fact]
    public void Intervals_are_the_same_on_every_run_and_hold_the_mean()
    {
        var values = Enumerable.Range(0, 400).Select(i => (i * 37 % 101) / 100d).ToList();
        var interval = Bootstrap.MeanInterval(values);
        interval.ShouldBe(Bootstrap.MeanInterval(values));
        values.Average().ShouldBeInRange(interval.Low, interval.High);
        // Normal theory: ± 1.96 · .29 / 20.
        (interval.High - interval.Low).ShouldBe(2 * 1.96 * .2915 / 20, .006);
    }

    [Fact]
    public void A_paired_difference_sees_what_two_intervals_hide()
    {
        var hard = Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 0d : 1d).ToList();
        var slightlyBetter = hard.ConvertAll(v => v + .01);
        var difference = Bootstrap.Compare(slightlyBetter, hard);
        difference.Mean.ShouldBe(.01, 1e-9);
        difference.IsSignificantlyBetter.ShouldBeTrue();
        Bootstrap.Compare(hard, slightlyBetter).IsSignificantlyWorse.ShouldBeTrue();
        Bootstrap.Compare(hard, hard).ShouldSatisfyAllConditions(d => d.IsSignificantlyBetter.ShouldBeFalse(), d => d.IsSignificantlyWorse.ShouldBeFalse());
        Should.Throw<ArgumentException>(() => Bootstrap.Compare(hard, [1]));
    }

    [Fact]
    public void A_report_names_every_figure_of_the_contract()
    {
        DatasetQuestion[] questions = [new() { Id = "1", Text = "t", Relevant = Relevant }, new() { Id = "2", Text = "u", Relevant = Relevant }];
        var report = RetrievalRun.Over(questions, q => q.Id == "1" ? ["a", "b", "c"] : []).ToReport(1.5, 100);
        report.Queries.ShouldBe(2);
        report.NdcgAt10.ShouldBe(.5);
        report.Ci95.Keys.ShouldBe(["recall@5", "recall@10", "mrr@10", "ndcg@10", "precision@5"], ignoreOrder: true);
        report.Ci95["ndcg@10"].ShouldBe([0, 1]);
        var json = System.Text.Json.JsonSerializer.Serialize(report, System.Text.Json.JsonSerializerOptions.Web);
        foreach (var name in new[] { "queries", "recall@5", "recall@10", "mrr@10", "ndcg@10", "precision@5", "ci95", "latencyMs", "p99", "indexSeconds", "peakMemoryMb" })
            json.ShouldContain($"\"{name}\":");
    }
}
