using Parley.Inference.Batches;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

public sealed class BatchRulesTests
{
    private static readonly ModelPrices Prices = new() { Input = 2, CachedRead = .2m, CacheWrite = 2.5m, Output = 10, LongAbove = 1000, Long = new() { Input = 4, Output = 15 } };

    [Fact]
    public void A_failed_try_is_followed_by_one_more_where_that_may_help()
    {
        BatchRules.After(1, mayHelp: true).ShouldBe(BatchNext.Again);
        BatchRules.After(2, mayHelp: true).ShouldBe(BatchNext.Fail);
        BatchRules.After(1, mayHelp: false).ShouldBe(BatchNext.Fail);
    }

    [Fact]
    public void What_nobody_could_be_asked_waits_three_days()
    {
        BatchRules.Unasked(TimeSpan.FromDays(2.9)).ShouldBe(BatchNext.Later);
        BatchRules.Unasked(TimeSpan.FromDays(3)).ShouldBe(BatchNext.Fail);
        BatchRules.Tomorrow(new DateTimeOffset(2026, 12, 31, 23, 59, 59, TimeSpan.Zero)).ShouldBe(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        BatchRules.Tomorrow(new DateTimeOffset(2026, 12, 31, 23, 0, 0, TimeSpan.FromHours(-3))).ShouldBe(new DateTimeOffset(2027, 1, 2, 0, 0, 0, TimeSpan.Zero), "days are UTC");
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(600, 60)]
    [InlineData(86_400, 600)]
    public void A_young_batch_is_looked_at_more_often(int ageSeconds, int expectedSeconds) => BatchRules.Look(TimeSpan.FromSeconds(ageSeconds)).ShouldBe(TimeSpan.FromSeconds(expectedSeconds));

    [Theory]
    [InlineData(1, null, 30)]
    [InlineData(3, null, 120)]
    [InlineData(50, null, 600)]
    [InlineData(1, 90, 90)]
    [InlineData(4, 5, 240)]
    [InlineData(1, 90_000, 3600)]
    public void Failures_double_the_wait_and_the_provider_may_ask_for_more(int failures, int? retryAfter, int expected) =>
        BatchRules.AfterFailure(failures, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null).ShouldBe(TimeSpan.FromSeconds(expected));

    [Theory]
    [InlineData(ModelFault.Unauthorized, 401, true)]
    [InlineData(ModelFault.Invalid, 400, true)]
    [InlineData(ModelFault.TooLarge, 413, true)]
    [InlineData(ModelFault.ModelNotFound, 404, true)]
    [InlineData(ModelFault.RateLimited, 429, true)]
    [InlineData(ModelFault.ServerError, 500, false)]
    [InlineData(ModelFault.Overloaded, 529, false)]
    [InlineData(ModelFault.Timeout, null, false)]
    [InlineData(ModelFault.Cut, null, false)]
    [InlineData(ModelFault.Malformed, null, false)]
    [InlineData(ModelFault.Unreachable, null, false)]
    public void Only_a_clear_no_means_that_nothing_was_made(ModelFault fault, int? status, bool notTaken) =>
        BatchRules.NotTaken(new ModelException(fault, "p", "m", "x") { Status = status }).ShouldBe(notTaken);

    [Fact]
    public void Money_is_held_for_longer_than_a_batch_lives() => BatchRules.Lease.ShouldBeGreaterThan(BatchRules.Bound + TimeSpan.FromHours(24));

    [Fact]
    public void The_lanes_prices_are_half_of_all_unless_the_entry_says_otherwise()
    {
        var usage = new ModelUsage { InputTokens = 100, CachedReadTokens = 200, CacheWriteTokens = 300, OutputTokens = 50 };
        Prices.Batched().Cost(usage).ShouldBe(Prices.Cost(usage) / 2);
        (Prices with { Batch = .6m }).Batched().Cost(usage).ShouldBe(Prices.Cost(usage) * .6m);
        var longer = usage with { InputTokens = 2000 };
        Prices.Batched().Cost(longer).ShouldBe(Prices.Cost(longer) / 2, "also for long prompts");
        (Prices with { Input = null }).Batched().Cost(usage).ShouldBeNull("what has no price has none here");
    }

    [Fact]
    public void A_bill_of_the_lane_compares_with_the_same_model_outside_of_it()
    {
        var seat = new ModelSeat(ModelTier.Small, new ModelAccount { Id = Guid.CreateVersion7(), Provider = "anthropic" }, new ModelInfo { Provider = "anthropic", Model = "m", Kind = ModelKind.Chat, Prices = Prices });
        var usage = new ModelUsage { InputTokens = 100, CachedReadTokens = 200, OutputTokens = 50 };
        var bill = Bill.OfBatch(seat, usage);
        (bill.Batch, bill.Cost, bill.CostUnbatched).ShouldBe((true, Prices.Cost(usage) / 2, Prices.Cost(usage)));
        bill.CostUncached.ShouldBe(Prices.Cost(usage.Uncached()) / 2, "the cache's saving is that of the lane's prices");
        bill.CostLarge.ShouldBeNull();
        Bill.OfBatch(seat, null).Cost.ShouldBeNull("an unknown bill costs what was held");
    }
}
