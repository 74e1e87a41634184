namespace Parley.Inference.Costs;

/// <summary>A day beside days of its kind.</summary>
/// <param name="Day">Which.</param>
/// <param name="Cost">What it has cost until now.</param>
/// <param name="Usual">The median of the others.</param>
/// <param name="Threshold">Above it, the day is unusual.</param>
/// <param name="Days">How many others there were.</param>
internal sealed record UnusualDay(DateOnly Day, decimal Cost, decimal Usual, decimal Threshold, int Days)
{
    /// <summary>Days of the same kind that a day is compared with, and without how many it is not.</summary>
    internal const int HistoryDays = 28, LeastDays = 7;

    /// <summary>Calendar days that hold so many days of the rarer kind: two of seven.</summary>
    internal const int Span = HistoryDays / 2 * 7;

    /// <summary>Makes the median distance of a normal distribution its standard deviation.</summary>
    private const decimal ToDeviation = 1.4826m;

    private const decimal Deviations = 4;

    internal bool IsUnusual => Cost > Threshold;

    /// <summary>Median + max(4 · 1.4826 · median deviation, the least amount) of the last 28 working days or weekend days before it. Null: fewer than seven.</summary>
    internal static UnusualDay? Judge(DateOnly day, DailyCosts daily, decimal least)
    {
        decimal[] others = [.. daily.Before(day).Where(each => IsWeekend(each) == IsWeekend(day)).Take(HistoryDays).Select(daily.On)];
        if (others.Length < LeastDays)
        {
            return null;
        }
        var usual = Robust.Median(others);
        return new UnusualDay(day, daily.On(day), usual, usual + Math.Max(Deviations * ToDeviation * Robust.MedianDeviation(others), least), others.Length);
    }

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
}
