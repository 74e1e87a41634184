using Parley.Assistant.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class CalibrationTests
{
    [Fact]
    public void The_shipped_one_changes_nothing()
    {
        Calibration.Shipped.Apply(.37).ShouldBe(.37);
        Calibration.Fit([]).Apply(.37).ShouldBe(.37, 1e-9);
    }

    [Fact]
    public void Many_samples_teach_what_the_confidence_is_worth()
    {
        // Right in one of five where it claims one half, in half where it claims four fifths.
        var fitted = Calibration.Fit([.. Enumerable.Range(0, 2000).SelectMany(i => new CalibrationSample[] { new(.5, i % 5 == 0), new(.8, i % 2 == 0) })]);
        fitted.Apply(.5).ShouldBe(.2, .01);
        fitted.Apply(.8).ShouldBe(.5, .01);
        fitted.Samples.ShouldBe(4000);
    }

    [Fact]
    public void Few_samples_move_it_a_little_and_all_of_one_kind_stay_finite()
    {
        var few = Calibration.Fit([new(.9, false), new(.8, false)]).Apply(.9);
        few.ShouldBeInRange(.2, .85);
        Calibration.Fit([.. Enumerable.Repeat(new CalibrationSample(.9, false), 200)]).Apply(.9).ShouldBeInRange(0, .05);
        Calibration.Fit([.. Enumerable.Repeat(new CalibrationSample(.5, true), 200)]).Apply(.5).ShouldBeInRange(.9, 1);
    }

    [Fact]
    public void A_higher_confidence_never_gives_a_lower_probability()
    {
        var inverted = Calibration.Fit([.. Enumerable.Range(0, 400).Select(i => new CalibrationSample((i % 20) / 20d, i % 20 < 10))]);
        Enumerable.Range(1, 99).Select(i => inverted.Apply(i / 100d)).ShouldBeInOrder();
        inverted.Problems().ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_to_answer_with_stays_nothing_and_the_order_of_samples_does_not_matter()
    {
        CalibrationSample[] samples = [.. Enumerable.Range(0, 100).Select(i => new CalibrationSample((i * 37 % 100) / 100d, i % 3 == 0))];
        var fitted = Calibration.Fit(samples);
        fitted.Apply(0).ShouldBe(0);
        Calibration.Fit([.. samples.Reverse()]).ShouldBe(fitted);
    }

    [Fact]
    public void A_curve_that_falls_or_is_no_number_is_refused()
    {
        new Calibration { Slope = -1 }.Problems().Keys.ShouldBe(["slope"]);
        new Calibration { Intercept = double.NaN, Samples = 1, Right = 2 }.Problems().Keys.ShouldBe(["intercept", "samples"]);
    }
}
