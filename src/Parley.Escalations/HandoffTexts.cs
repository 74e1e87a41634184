using System.Globalization;
using Parley.Conversations.Contracts;
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

    /// <summary>The fact that a step's text may name, as <c>{position}</c>.</summary>
    internal static string PlaceOf(string key) => key switch { OutOfHours => "when", Accepted => "agent", _ => "position" };

    /// <summary>The text of a step, with its facts filled in.</summary>
    /// <param name="key">Which step.</param>
    /// <param name="language">Language tag of the customer; null: English.</param>
    /// <param name="face">Whose words; null: the product's. Words of an assistant's own that name a fact which is not known now give way to the product's.</param>
    /// <param name="position">Place in the queue, from 1.</param>
    /// <param name="agentName">Of who has joined.</param>
    /// <param name="hours">When people are there.</param>
    /// <param name="now">Now.</param>
    internal static string Of(string key, string? language, AssistantFace? face, int? position, string? agentName, ServiceHours hours, DateTimeOffset now)
    {
        var texts = All.In(face?.Tone);
        if (face?.Texts.GetValueOrDefault(key) is { Length: > 0 } own)
        {
            var fact = PlaceOf(key) switch
            {
                "when" => hours.NextOpening(now) is { } next ? When(language, next, hours.Zone, now) : null,
                "agent" => agentName is { Length: > 0 } ? agentName : null,
                _ => (position ?? 1).ToString(CultureInfo.InvariantCulture),
            };
            var place = "{" + PlaceOf(key) + "}";
            if (fact is not null || !own.Contains(place, StringComparison.Ordinal))
            {
                return own.Replace(place, fact, StringComparison.Ordinal);
            }
        }
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
