namespace Parley.Inference.Costs;

/// <summary>What a month will have cost at its end.</summary>
internal sealed record CostForecast
{
    internal const int HistoryDays = 28, LeastDays = 7;

    internal const string Words =
        "What the month has cost so far, and for each day that is left the median of the same weekday among the last 28 days (of today, what of it is still to come). A day without calls counts as zero. The interval holds 90 of 100 futures drawn from those days at random.";

    private const int Draws = 2_000, Seed = 20260101;

    /// <summary>The month's first day, UTC.</summary>
    public required DateOnly Month { get; init; }

    public required DateOnly Today { get; init; }

    /// <summary>Booked in this month, calls with unknown bills at what was held for them.</summary>
    public required decimal SoFar { get; init; }

    /// <summary>Whole days that it is estimated from.</summary>
    public required int Days { get; init; }

    /// <summary>Without so many nothing is estimated.</summary>
    public int Needed { get; init; } = LeastDays;

    /// <summary>Null: too few days.</summary>
    public decimal? Estimate { get; init; }

    /// <summary>The interval's lower end.</summary>
    public decimal? Low { get; init; }

    /// <summary>Its upper end.</summary>
    public decimal? High { get; init; }

    public string Formula { get; init; } = Words;

    /// <param name="today">The running day.</param>
    /// <param name="daily">At least the month's days and <see cref="HistoryDays"/> before today.</param>
    internal static CostForecast Of(DateOnly today, DailyCosts daily)
    {
        var month = new DateOnly(today.Year, today.Month, 1);
        var soFar = daily.Costs.Where(each => each.Key >= month && each.Key <= today).Sum(each => each.Value);
        DateOnly[] history = [.. daily.Before(today).Take(HistoryDays)];
        var forecast = new CostForecast { Month = month, Today = today, SoFar = soFar, Days = history.Length };
        if (history.Length < LeastDays)
        {
            return forecast;
        }
        // Seven days in a row and more hold each weekday.
        var weekdays = history.ToLookup(day => day.DayOfWeek, daily.On);
        DateOnly[] left = [.. Enumerable.Range(0, month.AddMonths(1).DayNumber - today.DayNumber).Select(today.AddDays)];
        var spentToday = daily.On(today);
        var estimate = soFar + left.Sum(day => Rest(day, Robust.Median(weekdays[day.DayOfWeek])));
        var draws = Futures(left, weekdays, soFar, Rest);
        return forecast with { Estimate = estimate, Low = Math.Min(estimate, At(draws, .05)), High = Math.Max(estimate, At(draws, .95)) };

        decimal Rest(DateOnly day, decimal whole) => day == today ? Math.Max(0, whole - spentToday) : whole;
    }

    /// <summary>The same days give the same draws.</summary>
    private static decimal[] Futures(DateOnly[] left, ILookup<DayOfWeek, decimal> weekdays, decimal soFar, Func<DateOnly, decimal, decimal> rest)
    {
        var random = new Random(Seed);
        var choices = left.Select(day => (Day: day, Costs: weekdays[day.DayOfWeek].ToArray())).ToArray();
        var draws = new decimal[Draws];
        for (var i = 0; i < draws.Length; i++)
        {
            draws[i] = soFar + choices.Sum(choice => rest(choice.Day, choice.Costs[random.Next(choice.Costs.Length)]));
        }
        Array.Sort(draws);
        return draws;
    }

    private static decimal At(decimal[] sorted, double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
}
