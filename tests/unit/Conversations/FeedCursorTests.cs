using FsCheck;
using FsCheck.Fluent;
using Parley.Conversations.Feed;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Conversations;

public sealed class FeedCursorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_customers_cursor_survives_being_written()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(Guid Id, PositiveInt Seq)[]>(), given =>
        {
            var cursor = new CustomerCursor(Now);
            foreach (var (id, seq) in given)
            {
                cursor.Deliver(id, seq.Get, Now);
            }
            var read = CustomerCursor.Parse(cursor.ToString())!;
            return read.Time == Now && read.Conversations.Zip(read.Seqs).ToHashSet().SetEquals(cursor.Conversations.Zip(cursor.Seqs));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_agents_cursor_survives_being_written()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(Guid Id, PositiveInt Seq, PositiveInt Xid)[]>(), given =>
        {
            var cursor = new AgentCursor(7_000_000_000, 12);
            foreach (var (id, seq, xid) in given)
            {
                cursor.Deliver(id, seq.Get, 7_000_000_000 + (ulong)xid.Get);
            }
            var read = AgentCursor.Parse(cursor.ToString())!;
            return read.Xid == cursor.Xid && read.Position == 12 && given.All(g => read.AheadOf(g.Id) == cursor.AheadOf(g.Id));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1.2.3")]
    [InlineData("99999999999999999999")]
    [InlineData("1700000000_")]
    [InlineData("1700000000_AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1700000000_AAAAAAAAAAAAAAAAAAAAAA.x")]
    [InlineData("1700000000_!!!!!!!!!!!!!!!!!!!!!!.1")]
    [InlineData("12.5_AAAAAAAAAAAAAAAAAAAAAA.1")]
    public void What_is_no_cursor_is_refused(string text)
    {
        CustomerCursor.Parse(text).ShouldBeNull();
        AgentCursor.Parse(text).ShouldBeNull();
    }

    [Fact]
    public void A_customers_cursor_forgets_what_rested_for_a_day()
    {
        var (old, fresh) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var cursor = new CustomerCursor(Now);
        cursor.Deliver(old, 3, Now.AddHours(-25));
        cursor.Deliver(fresh, 5, Now.AddHours(-1));
        cursor.MoveTo(Now.AddSeconds(1));
        cursor.Conversations.ShouldBe([fresh]);
        // What rested for a day has no event younger than this: all of its later ones are new.
        cursor.Since.ShouldBeGreaterThan(Now.AddHours(-25));
    }

    [Fact]
    public void The_log_catches_up_with_what_was_read_ahead()
    {
        var (a, b) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var cursor = new AgentCursor(100, 0);
        cursor.Deliver(a, 4, 105);
        cursor.Deliver(b, 2, 110);
        cursor.MoveTo(106, 0);
        cursor.AheadOf(a).ShouldBe(0);
        cursor.AheadOf(b).ShouldBe(2);
    }
}
