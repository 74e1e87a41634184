using System.Net.Http.Headers;
using Parley.Integrations.Webhooks;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Integrations;

public sealed class WebhookScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_delivery_is_tried_for_about_three_days_each_pause_longer_than_the_one_before()
    {
        var at = Now;
        var pauses = new List<TimeSpan>();
        for (var tries = 1; WebhookSchedule.Next(tries, at, null, 0) is { } next; tries++)
        {
            pauses.Add(next - at);
            at = next;
        }
        pauses.Count.ShouldBe(WebhookSchedule.MaxTries - 1);
        pauses.ShouldBe(pauses.Order());
        (at - Now).TotalDays.ShouldBeInRange(2.5, 3.5);
        WebhookSchedule.Next(WebhookSchedule.MaxTries, Now, TimeSpan.FromHours(1), 0).ShouldBeNull("given up is given up");
    }

    [Fact]
    public void What_failed_together_does_not_come_again_together()
    {
        var first = WebhookSchedule.Next(5, Now, null, 0)!.Value;
        var last = WebhookSchedule.Next(5, Now, null, 1)!.Value;
        (last - first).ShouldBe(TimeSpan.FromMinutes(6));
    }

    [Fact]
    public void The_receivers_own_wish_counts_where_it_is_later_and_not_for_ever()
    {
        WebhookSchedule.Next(1, Now, TimeSpan.FromMinutes(7), 0).ShouldBe(Now.AddMinutes(7));
        WebhookSchedule.Next(6, Now, TimeSpan.FromSeconds(1), 0).ShouldBe(Now.AddHours(3));
        WebhookSchedule.RetryAfter(new RetryConditionHeaderValue(TimeSpan.FromSeconds(90)), Now).ShouldBe(TimeSpan.FromSeconds(90));
        WebhookSchedule.RetryAfter(new RetryConditionHeaderValue(Now.AddMinutes(2)), Now).ShouldBe(TimeSpan.FromMinutes(2));
        WebhookSchedule.RetryAfter(new RetryConditionHeaderValue(Now.AddMinutes(-2)), Now).ShouldBeNull();
        WebhookSchedule.RetryAfter(new RetryConditionHeaderValue(TimeSpan.FromDays(400)), Now).ShouldBe(WebhookSchedule.MaxHold);
        WebhookSchedule.RetryAfter(null, Now).ShouldBeNull();
    }
}
