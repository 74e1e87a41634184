using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Escalations.Contracts;

/// <summary>When people are there. Configuration kind <see cref="Kind"/>, one per tenant.</summary>
public sealed record ServiceHours
{
    /// <summary>The configuration's kind; its subject is the tenant's id.</summary>
    public const string Kind = "service_hours";

    /// <summary>IANA name, e.g. <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Around the clock: the days below do not count.</summary>
    public bool Always { get; init; }

    /// <summary>Opening times in local time; a day may have several. Without entries nobody is ever there.</summary>
    public IReadOnlyList<OpeningTime> Open { get; init; } = [.. Enum.GetValues<DayOfWeek>().Select(day => new OpeningTime { Day = day, From = "09:00", To = "18:00" })];

    /// <summary>Local dates (<c>2026-12-25</c>) on which nobody is there.</summary>
    public IReadOnlyList<string> Holidays { get; init; } = [];

    /// <summary>Are people there at this moment?</summary>
    public bool IsOpen(DateTimeOffset at)
    {
        if (Always)
        {
            return true;
        }
        var local = TimeZoneInfo.ConvertTime(at, Zone);
        return Periods(DateOnly.FromDateTime(local.DateTime)).Any(p => p.From <= at && at < p.To);
    }

    /// <summary>The next moment at which people are there; now when they are; null when it is not within 60 days.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset at)
    {
        if (IsOpen(at))
        {
            return at;
        }
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, Zone).DateTime);
        for (var day = 0; day <= 60; day++)
        {
            var next = Periods(today.AddDays(day)).Where(p => p.From > at).Select(p => (DateTimeOffset?)p.From).Min();
            if (next is not null)
            {
                return next;
            }
        }
        return null;
    }

    /// <summary>The zone; UTC when the system does not know the name (settings refuse such a name).</summary>
    [JsonIgnore]
    public TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>What is wrong with these settings, by field.</summary>
    public IReadOnlyDictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (TimeZone is null || Open is null || Holidays is null || Open.Contains(null!))
        {
            problems["serviceHours"] = ["timeZone, open and holidays must not be null; leave out what shall have its default."];
            return problems;
        }
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            problems["serviceHours.timeZone"] = [$"'{TimeZone}' is not a known time zone. Use an IANA name such as Europe/Berlin or UTC."];
        }
        if (Open.Any(o => !o.IsValid))
        {
            problems["serviceHours.open"] = ["Each entry needs a day (monday to sunday) and from < to as HH:mm; the end of a day is 24:00."];
        }
        if (Holidays.Any(h => !DateOnly.TryParseExact(h, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)))
        {
            problems["serviceHours.holidays"] = ["Write dates as 2026-12-25."];
        }
        return problems;
    }

    private IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Periods(DateOnly day)
    {
        if (Holidays.Contains(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))
        {
            yield break;
        }
        foreach (var opening in Open.Where(o => o.Day == day.DayOfWeek && o.IsValid))
        {
            yield return (Moment(day, opening.FromMinute), Moment(day, opening.ToMinute));
        }
    }

    private DateTimeOffset Moment(DateOnly day, int minute)
    {
        var local = day.ToDateTime(TimeOnly.MinValue).AddMinutes(minute);
        // A moment that the clocks skip in spring is the first one after the gap.
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }
        return new DateTimeOffset(local, Zone.GetUtcOffset(local));
    }
}

/// <summary>One opening time of a weekday.</summary>
public sealed record OpeningTime
{
    /// <summary>The local weekday: <c>monday</c> to <c>sunday</c>.</summary>
    [JsonConverter(typeof(SnakeCaseEnum<DayOfWeek>))]
    public DayOfWeek Day { get; init; }

    /// <summary>HH:mm.</summary>
    public string From { get; init; } = "";

    /// <summary>HH:mm, or 24:00.</summary>
    public string To { get; init; } = "";

    internal bool IsValid => FromMinute >= 0 && ToMinute > FromMinute && Enum.IsDefined(Day);

    internal int FromMinute => Minute(From);

    internal int ToMinute => Minute(To);

    private static int Minute(string text) =>
        text == "24:00" ? 24 * 60
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? (time.Hour * 60) + time.Minute
        : -1;
}

/// <summary>Enumerations as snake_case words, wherever they are serialised.</summary>
public sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
