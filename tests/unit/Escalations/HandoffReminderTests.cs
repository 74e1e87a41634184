using Parley.Escalations;
using Parley.Escalations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Escalations;

public sealed class HandoffReminderTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Agents_are_reminded_ever_more_rarely_and_a_customer_whose_place_stays_hears_only_every_quarter_of_an_hour()
    {
        var (reminders, told) = Wait(new EscalationRules(), _ => 1);
        reminders.ShouldBe([3, 6, 12, 24, 48, 96]);
        told.ShouldBe([3, 24, 48, 96]);
    }

    [Fact]
    public void A_new_place_in_the_queue_is_said_at_the_next_reminder() =>
        Wait(new EscalationRules(), minute => minute < 10 ? 2 : 1).Told.ShouldBe([3, 12, 48, 96]);

    [Fact]
    public void How_often_is_a_setting() =>
        Wait(new EscalationRules { ReassureMinutes = 60 }, _ => 1).Told.ShouldBe([3, 96]);

    /// <summary>A request that nobody takes, told its place when it came: the minutes of the reminders, and of those that the customer hears.</summary>
    private static (List<int> Reminders, List<int> Told) Wait(EscalationRules rules, Func<int, int> place)
    {
        var (reminders, told) = (new List<int>(), new List<int>());
        var row = new HandoffRow { WaitingSince = Start, ToldAt = Start, ToldPosition = place(0) };
        for (var now = Start; ;)
        {
            now = HandoffTimer.DueAt(HandoffState.Queued, now, Start, new ServiceHours(), rules)!.Value;
            if (HandoffTimer.OnDue(HandoffState.Queued, now, Start, open: true, rules) != HandoffTrigger.Remind)
            {
                return (reminders, told);
            }
            var minute = (int)(now - Start).TotalMinutes;
            reminders.Add(minute);
            if (HandoffTimer.IsNews(row, place(minute), now, rules))
            {
                told.Add(minute);
                row = row with { ToldAt = now, ToldPosition = place(minute) };
            }
        }
    }
}
