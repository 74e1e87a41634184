using Parley.Platform;
using Parley.Platform.Jobs;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Platform;

public sealed class IdsTests
{
    [Fact]
    public void Ids_of_one_millisecond_are_in_the_order_in_which_they_were_made()
    {
        var time = new ManualTime();
        var ids = Enumerable.Range(0, 10_000).Select(_ => Ids.New(time)).ToList();
        ids.ShouldBe(ids.OrderBy(id => id.ToString(), StringComparer.Ordinal));
        ids.Distinct().Count().ShouldBe(10_000);
        ids.ShouldAllBe(id => id.Version == 7 && (id.Variant & 0xc) == 8);
    }

    [Fact]
    public void The_time_is_the_clocks()
    {
        var time = new ManualTime(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        Convert.ToInt64(Ids.New(time).ToString("N")[..12], 16).ShouldBe(time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [Fact]
    public void A_later_millisecond_comes_later_and_a_clock_set_back_a_little_does_not_reorder()
    {
        var time = new ManualTime();
        var before = Ids.New(time).ToString();
        time.Advance(TimeSpan.FromMilliseconds(1));
        var after = Ids.New(time).ToString();
        string.CompareOrdinal(after, before).ShouldBeGreaterThan(0);
        var back = new BackwardTime();
        var first = Ids.New(back).ToString();
        back.Now = back.Now.AddSeconds(-5);
        string.CompareOrdinal(Ids.New(back).ToString(), first).ShouldBeGreaterThan(0);
        back.Now = back.Now.AddDays(-5);
        string.CompareOrdinal(Ids.New(back).ToString(), first).ShouldBeLessThan(0);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(3, 1, 5)]
    [InlineData(5, 0, 16)]
    [InlineData(6, 1, 32)]
    [InlineData(60, 0, 32)]
    public void A_failed_job_waits_twice_as_long_each_time_up_to_a_limit(int attempt, double jitter, double seconds) =>
        Backoff.DelayAfter(attempt, jitter).TotalSeconds.ShouldBe(seconds);

    private sealed class BackwardTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
