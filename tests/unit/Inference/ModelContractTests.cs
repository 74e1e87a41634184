using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

public sealed class ModelContractTests
{
    [Theory]
    [InlineData(0, 1, 1, nameof(ModelTimeouts.FirstToken))]
    [InlineData(1, -1, 1, nameof(ModelTimeouts.BetweenTokens))]
    [InlineData(1, 1, 7200, nameof(ModelTimeouts.Whole))]
    [InlineData(5, 1, 4, nameof(ModelTimeouts.Whole))]
    public void Time_limits_that_cannot_be_are_refused_by_name(int first, int between, int whole, string name) =>
        Should.Throw<ArgumentException>(() => new ModelTimeouts { FirstToken = Seconds(first), BetweenTokens = Seconds(between), Whole = Seconds(whole) }.Checked()).Message.ShouldContain(name);

    [Fact]
    public void The_default_time_limits_are_possible() => new ModelTimeouts().Checked().ShouldBe(new ModelTimeouts());

    [Fact]
    public void An_account_never_writes_out_its_key()
    {
        var account = new ModelAccount { Id = Guid.CreateVersion7(), Provider = "openai", Key = "sk-very-secret" };
        $"{account}".ShouldNotContain("secret");
        $"{account}".ShouldContain("Key = set");
    }

    [Fact]
    public void Both_ways_of_counting_cached_tokens_become_one()
    {
        var usage = ModelUsage.From(new UsageDetails { InputTokenCount = 100, CachedInputTokenCount = 60, OutputTokenCount = 7, ReasoningTokenCount = 3, AdditionalCounts = new() { ["CacheCreationInputTokens"] = 30 } });
        usage.ShouldBe(new ModelUsage { InputTokens = 10, CachedReadTokens = 60, CacheWriteTokens = 30, OutputTokens = 7, ThinkingTokens = 3 });
    }

    [Fact]
    public void A_provider_that_counts_nothing_leaves_the_bill_unknown()
    {
        ModelUsage.From(null).ShouldBeNull();
        ModelUsage.From(new UsageDetails()).ShouldBeNull();
    }

    [Theory]
    [InlineData(ModelFault.RateLimited, true, true)]
    [InlineData(ModelFault.Stalled, true, true)]
    [InlineData(ModelFault.Unauthorized, false, true)]
    [InlineData(ModelFault.ModelNotFound, false, true)]
    [InlineData(ModelFault.WrongDimension, false, true)]
    [InlineData(ModelFault.Invalid, false, false)]
    [InlineData(ModelFault.Refused, false, false)]
    public void A_failure_says_whether_another_try_or_another_model_may_help_until_something_was_handed_on(ModelFault fault, bool retry, bool failOver)
    {
        var e = new ModelException(fault, "openai", "m", "…");
        (e.IsRetryable, e.MayFailOver).ShouldBe((retry, failOver));
        var late = e.After(output: true);
        (late.IsRetryable, late.MayFailOver, late.MayBeBilled, late.Fault, late.Message).ShouldBe((false, false, true, fault, e.Message));
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
