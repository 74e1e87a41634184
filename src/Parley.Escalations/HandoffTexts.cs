using System.Globalization;
using Parley.Escalations.Contracts;

namespace Parley.Escalations;

/// <summary>What a customer is told about the request for a person. The keys are those of <c>Texts/*.json</c>.</summary>
internal static class HandoffTexts
{
    internal const string Queued = "queued";
    internal const string OutOfHours = "outOfHours";
    internal const string Opened = "opened";
    internal const string StillWaiting = "stillWaiting";
    internal const string Expired = "expired";
    internal const string Cancelled = "cancelled";
    internal const string Accepted = "accepted";
    internal const string AgentSilent = "agentSilent";
    internal const string Returned = "returned";

    /// <summary>For agents, in English: an internal note, and the titles of tasks.</summary>
    internal static string SilentNote(string? agent, int minutes) =>
        string.Create(CultureInfo.InvariantCulture, $"{agent ?? "The agent"} accepted and did not reply for {minutes} minutes. The request is in the queue again.");

    internal static string TaskTitle(HandoffState state) =>
        state == HandoffState.Expired ? "Nobody was free in time: contact the customer" : "A customer asked for a person outside service hours";

    /// <summary>Steps that customers are told of, in their order.</summary>
    internal static IReadOnlyList<string> Steps { get; } = [Queued, OutOfHours, Opened, StillWaiting, Expired, Cancelled, Accepted, AgentSilent, Returned];

    internal static LocalizedTexts All { get; } = LocalizedTexts.Of(typeof(HandoffTexts).Assembly);

    /// <summary>The text of a step, with its facts filled in.</summary>
    internal static string Of(string key, string? language, string? tone, int? position, string? agentName, ServiceHours hours, DateTimeOffset now)
    {
        var texts = All.In(tone);
        return key switch
        {
            OutOfHours => hours.NextOpening(now) is { } opening
                ? texts.Get(language, OutOfHours, ("when", When(language, opening, hours.Zone, now)))
                : texts.Get(language, "outOfHoursNever"),
            Accepted => agentName is { Length: > 0 } ? texts.Get(language, Accepted, ("agent", agentName)) : texts.Get(language, "acceptedUnnamed"),
            _ => texts.Get(language, key, ("position", (position ?? 1).ToString(CultureInfo.InvariantCulture))),
        };
    }

    // "tomorrow at 09:00 (Europe/Berlin)": the customer may be anywhere, so the zone is named.
    private static string When(string? language, DateTimeOffset opening, TimeZoneInfo zone, DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(opening, zone);
        var days = DateOnly.FromDateTime(local.DateTime).DayNumber - DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime).DayNumber;
        var time = ("time", local.ToString("HH:mm", CultureInfo.InvariantCulture) + " (" + zone.Id + ")");
        return days switch
        {
            0 => All.Get(language, "today", time),
            1 => All.Get(language, "tomorrow", time),
            < 7 => All.Get(language, "onDay", ("day", All.Get(language, local.DayOfWeek.ToString().ToLowerInvariant())), time),
            _ => All.Get(language, "onDate", ("date", local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), time),
        };
    }
}
