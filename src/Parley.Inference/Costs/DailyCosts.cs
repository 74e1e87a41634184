using Parley.Platform.Data;

namespace Parley.Inference.Costs;

/// <summary>What each day cost, in one row without gaps: a day on which nothing was paid cost nothing.</summary>
/// <param name="First">The first of these days on which anything was paid, or the first of them where it was paid before; null: never.</param>
/// <param name="Costs">By day; only days with a cost.</param>
internal sealed record DailyCosts(DateOnly? First, IReadOnlyDictionary<DateOnly, decimal> Costs)
{
    internal const string DailySql = "select day, sum(cost) as cost from usage_days where tenant_id = @tenantId and day >= @from group by day";

    internal const string FirstSql = "select min(day) from usage_days where tenant_id = @tenantId";

    internal static async Task<DailyCosts> ReadAsync(TenantSession s, DateOnly from)
    {
        var first = await s.QuerySingleOrDefaultAsync<DateOnly?>(FirstSql, new { tenantId = s.TenantId });
        var rows = await s.QueryAsync<DayRow>(DailySql, new { tenantId = s.TenantId, from });
        return new DailyCosts(first is { } day ? day < from ? from : day : null, rows.ToDictionary(row => row.Day, row => row.Cost));
    }

    internal decimal On(DateOnly day) => Costs.GetValueOrDefault(day);

    /// <summary>The days before a day, the latest first, back to the first one.</summary>
    internal IEnumerable<DateOnly> Before(DateOnly day)
    {
        for (var each = day.AddDays(-1); First is { } first && each >= first; each = each.AddDays(-1))
        {
            yield return each;
        }
    }

    private sealed record DayRow
    {
        public DateOnly Day { get; init; }

        public decimal Cost { get; init; }
    }
}

/// <summary>Numbers that a few wild values do not move.</summary>
internal static class Robust
{
    /// <summary>Of at least one value; of an even number the mean of the middle two.</summary>
    internal static decimal Median(IEnumerable<decimal> values)
    {
        decimal[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median distance from the median.</summary>
    internal static decimal MedianDeviation(IReadOnlyCollection<decimal> values)
    {
        var median = Median(values);
        return Median(values.Select(value => Math.Abs(value - median)));
    }
}
