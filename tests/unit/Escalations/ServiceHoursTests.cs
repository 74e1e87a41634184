using System.Globalization;
using System.Text.Json;
using Parley.Escalations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Escalations;

public sealed class ServiceHoursTests
{
    private static readonly ServiceHours Weekdays = new()
    {
        TimeZone = "Europe/Berlin",
        Open = [.. new[] { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday }
            .Select(day => new OpeningTime { Day = day, From = "09:00", To = "17:30" })],
        Holidays = ["2026-12-25"],
    };

    [Theory]
    [InlineData("2026-06-01T08:59:59Z", false)]
    [InlineData("2026-06-01T09:00:00Z", true)]
    [InlineData("2026-06-07T17:59:59Z", true)]
    [InlineData("2026-06-07T18:00:00Z", false)]
    public void The_default_is_nine_to_six_utc_every_day(string at, bool open) => new ServiceHours().IsOpen(Time(at)).ShouldBe(open);

    [Theory]
    [InlineData("2026-06-05T15:29:00Z", true, "2026-06-05T15:29:00Z")]  // Friday 17:29 in Berlin (summer)
    [InlineData("2026-06-05T15:30:00Z", false, "2026-06-08T07:00:00Z")] // then Monday 9:00
    [InlineData("2026-01-09T16:29:00Z", true, "2026-01-09T16:29:00Z")]  // winter: one hour later in UTC
    [InlineData("2026-03-27T18:00:00Z", false, "2026-03-30T07:00:00Z")] // over the change to summer time
    [InlineData("2026-12-24T20:00:00Z", false, "2026-12-28T08:00:00Z")] // holiday and weekend
    [InlineData("2026-06-01T05:00:00Z", false, "2026-06-01T07:00:00Z")] // later the same day
    public void The_next_opening_follows_the_zone_holidays_and_weekends(string at, bool open, string next)
    {
        Weekdays.IsOpen(Time(at)).ShouldBe(open);
        Weekdays.NextOpening(Time(at)).ShouldBe(Time(next));
    }

    [Fact]
    public void Night_shifts_may_end_at_midnight_and_go_on_the_next_day()
    {
        var hours = new ServiceHours
        {
            Open = [new OpeningTime { Day = DayOfWeek.Monday, From = "22:00", To = "24:00" }, new OpeningTime { Day = DayOfWeek.Tuesday, From = "00:00", To = "06:00" }],
        };
        hours.IsOpen(Time("2026-06-01T23:59:59Z")).ShouldBeTrue();
        hours.IsOpen(Time("2026-06-02T00:00:00Z")).ShouldBeTrue();
        hours.IsOpen(Time("2026-06-02T06:00:00Z")).ShouldBeFalse();
    }

    [Fact]
    public void Without_opening_times_nobody_ever_comes_and_around_the_clock_somebody_is_there()
    {
        new ServiceHours { Open = [] }.NextOpening(Time("2026-06-01T12:00:00Z")).ShouldBeNull();
        new ServiceHours { Open = [], Always = true }.IsOpen(Time("2026-06-01T03:00:00Z")).ShouldBeTrue();
    }

    [Fact]
    public void Mistakes_are_named()
    {
        new ServiceHours
        {
            TimeZone = "Mars/Olympus", Open = [new OpeningTime { Day = DayOfWeek.Monday, From = "18:00", To = "09:00" }], Holidays = ["25.12.2026"],
        }.Problems().Keys.ShouldBe(["serviceHours.timeZone", "serviceHours.open", "serviceHours.holidays"], ignoreOrder: true);
        Weekdays.Problems().ShouldBeEmpty();
    }

    [Fact]
    public void Days_are_words_in_the_stored_configuration()
    {
        var json = JsonSerializer.Serialize(Weekdays, JsonSerializerOptions.Web);
        json.ShouldContain("\"day\":\"monday\"");
        JsonSerializer.Deserialize<ServiceHours>(json, JsonSerializerOptions.Web)!.Open[4].Day.ShouldBe(DayOfWeek.Friday);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
