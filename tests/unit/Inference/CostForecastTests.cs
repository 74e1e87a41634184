using Parley.Inference.Costs;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>What is left of the month, and days that are not like the others.</summary>
public sealed class CostForecastTests
{
    private static readonly DateOnly Monday = new(2026, 6, 15);

    private static DailyCosts Days(DateOnly until, int count, Func<DateOnly, decimal> cost) =>
        new(until.AddDays(-count), Enumerable.Range(1, count).Select(n => until.AddDays(-n)).ToDictionary(day => day, cost));

    private static DailyCosts With(DailyCosts days, DateOnly day, decimal cost) => days with { Costs = new Dictionary<DateOnly, decimal>(days.Costs) { [day] = cost } };

    [Fact]
    public void Equal_days_go_on_exactly_and_certainly()
    {
        var forecast = CostForecast.Of(Monday, With(Days(Monday, 40, _ => 2), Monday, .5m));
        // 14 days of June and half a dollar today; 1.5 of today and 15 days to come.
        (forecast.SoFar, forecast.Estimate, forecast.Low, forecast.High, forecast.Days).ShouldBe((28.5m, 60m, 60m, 60m, 28));
    }

    [Fact]
    public void Each_weekday_has_its_own_median_and_one_wild_day_moves_nothing()
    {
        static decimal Cost(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1 : 10;
        var calm = CostForecast.Of(Monday, Days(Monday, 28, Cost));
        // June 15 to 30, 2026: 12 working days, 4 days of weekends.
        calm.Estimate.ShouldBe(calm.SoFar + 124);
        var wild = CostForecast.Of(Monday, With(Days(Monday, 28, Cost), Monday.AddDays(-20), 1_000));
        (wild.Estimate - wild.SoFar).ShouldBe(124);
        wild.High!.Value.ShouldBeGreaterThan(1_000, "but it widens the interval");
        wild.Low.ShouldBe(wild.SoFar + 124);
    }

    [Fact]
    public void Today_counts_what_is_spent_and_what_is_still_to_come_never_less_than_nothing()
    {
        var days = Days(Monday, 28, _ => 2);
        CostForecast.Of(Monday, With(days, Monday, 7)).Estimate.ShouldBe(28 + 7 + 30);
        var last = new DateOnly(2026, 6, 30);
        CostForecast.Of(last, With(Days(last, 28, _ => 2), last, 2)).Estimate.ShouldBe((29 * 2) - 2 + 2, "28 days of history and today");
    }

    [Fact]
    public void With_fewer_than_seven_days_nothing_is_claimed()
    {
        var forecast = CostForecast.Of(Monday, With(Days(Monday, 6, _ => 2), Monday, 1));
        (forecast.Days, forecast.SoFar, forecast.Estimate, forecast.Low, forecast.High).ShouldBe((6, 13m, null, null, null));
        CostForecast.Of(Monday, Days(Monday, 7, _ => 2)).Estimate.ShouldNotBeNull();
        CostForecast.Of(Monday, new DailyCosts(null, new Dictionary<DateOnly, decimal>())).ShouldSatisfyAllConditions(none => none.Days.ShouldBe(0), none => none.Estimate.ShouldBeNull());
    }

    [Fact]
    public void Days_without_calls_are_days_that_cost_nothing()
    {
        var sparse = new DailyCosts(Monday.AddDays(-28), new Dictionary<DateOnly, decimal> { [Monday.AddDays(-28)] = 50 });
        CostForecast.Of(Monday, sparse).ShouldSatisfyAllConditions(f => f.Days.ShouldBe(28), f => f.Estimate.ShouldBe(0), f => f.High!.Value.ShouldBeGreaterThanOrEqualTo(50));
    }

    [Fact]
    public void The_interval_holds_what_the_days_say_and_is_the_same_each_time()
    {
        var random = new Random(7);
        var days = Days(Monday, 28, _ => random.Next(1, 20));
        var (one, two) = (CostForecast.Of(Monday, days), CostForecast.Of(Monday, days));
        (one.Low, one.High).ShouldBe((two.Low, two.High));
        one.Low!.Value.ShouldBeLessThan(one.Estimate!.Value);
        one.High!.Value.ShouldBeGreaterThan(one.Estimate.Value);
        // The mean of all futures, by hand: sixteen days, each one of four values.
        var mean = Enumerable.Range(0, 16).Select(Monday.AddDays).Sum(left => Enumerable.Range(1, 28).Select(n => Monday.AddDays(-n)).Where(day => day.DayOfWeek == left.DayOfWeek).Average(days.On));
        (((one.Low.Value + one.High.Value) / 2) - one.SoFar).ShouldBeInRange(mean * .9m, mean * 1.1m);
    }

    [Fact]
    public void A_day_is_compared_with_days_of_its_kind()
    {
        // Weekends cost 1, working days 10 ± 1.
        static decimal Cost(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1 : day.DayNumber % 2 == 0 ? 11 : 9;
        var days = Days(Monday, 60, Cost);
        var monday = UnusualDay.Judge(Monday, With(days, Monday, 12), least: 1)!;
        (monday.Usual, monday.Days, monday.IsUnusual).ShouldBe((10, 28, false));
        monday.Threshold.ShouldBe(10 + (4 * 1.4826m));
        UnusualDay.Judge(Monday, With(days, Monday, 16), least: 1)!.IsUnusual.ShouldBeTrue();
        var saturday = Monday.AddDays(5);
        UnusualDay.Judge(saturday, With(days, saturday, 2.1m), least: 1)!.ShouldSatisfyAllConditions(day => day.Usual.ShouldBe(1), day => day.IsUnusual.ShouldBeTrue());
        UnusualDay.Judge(saturday, With(days, saturday, 2), least: 1)!.IsUnusual.ShouldBeFalse("a dollar more is nothing");
    }

    [Fact]
    public void Too_few_days_of_a_kind_say_nothing()
    {
        UnusualDay.Judge(Monday, With(Days(Monday, 10, _ => 1), Monday, 900), least: 1).ShouldBeNull("six working days");
        UnusualDay.Judge(Monday, With(Days(Monday, 11, _ => 1), Monday, 900), least: 1)!.IsUnusual.ShouldBeTrue();
        UnusualDay.Judge(Monday.AddDays(-1), Days(Monday, 22, _ => 1), least: 1).ShouldBeNull("six days of weekends");
    }

    [Fact]
    public void The_median_of_an_even_number_lies_between_the_middle_two()
    {
        Robust.Median([4, 1, 3, 2]).ShouldBe(2.5m);
        Robust.Median([5, 1, 3]).ShouldBe(3);
        Robust.MedianDeviation([1, 2, 3, 4, 100]).ShouldBe(1);
    }
}
