using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Inference.Costs;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>The formulas of the cost simulation beside questions that are drawn and paid one by one.</summary>
public sealed class TierSimulationTests
{
    private static readonly TierPrices Prices = new(
        new ModelPrices { Input = .1m, CachedRead = .01m, CacheWrite = .125m, Output = .5m },
        new ModelPrices { Input = 2, CachedRead = .2m, CacheWrite = 2.5m, Output = 10 },
        new ModelPrices { Input = 4, Output = 20 });

    [Theory]
    [InlineData(.6, .625, .7)]
    [InlineData(0, .5, 0)]
    [InlineData(1, .5, 1)]
    [InlineData(.35, .1, .2)]
    public void The_formulas_are_what_drawn_questions_cost(double small, double mediumOfRest, double cached)
    {
        const int Questions = 200_000;
        var (random, tokens) = (new Random(11), new QuestionTokens(800, 2_300, 180, cached));
        var (complexity, attempts, large) = (0m, 0m, 0m);
        for (var i = 0; i < Questions; i++)
        {
            var tier = random.NextDouble() < small ? ModelTier.Small : random.NextDouble() < mediumOfRest ? ModelTier.Medium : ModelTier.Large;
            complexity += Pay(tier);
            large += Pay(ModelTier.Large);
            for (var attempt = ModelTier.Small; attempt <= tier; attempt++)
                attempts += Pay(attempt);
        }
        Close(complexity, TierSimulation.Complexity(Prices, tokens, small, mediumOfRest));
        Close(attempts, TierSimulation.Attempts(Prices, tokens, small, mediumOfRest));
        Close(large, TierSimulation.AllLarge(Prices, tokens));

        // As a bill is: tokens that were read from the cache, or written into it, or neither where nothing is ever read.
        decimal Pay(ModelTier tier)
        {
            var prices = tier switch { ModelTier.Small => Prices.Small, ModelTier.Medium => Prices.Medium, _ => Prices.Large };
            var hit = random.NextDouble() < cached;
            return prices.Cost(new ModelUsage { InputTokens = cached > 0 ? 2_300 : 3_100, CachedReadTokens = cached > 0 && hit ? 800 : 0, CacheWriteTokens = cached > 0 && !hit ? 800 : 0, OutputTokens = 180 })!.Value;
        }

        static void Close(decimal drawn, double expected) => ((double)drawn / Questions).ShouldBe(expected, expected * .01);
    }

    [Fact]
    public void More_success_of_the_small_tier_is_never_dearer_and_attempts_never_cheaper_than_a_prior_that_is_always_right()
    {
        var tokens = new QuestionTokens(800, 2_300, 180, .5);
        for (var i = 0; i < 20; i++)
        {
            var (now, next) = (i / 20d, (i + 1) / 20d);
            TierSimulation.Complexity(Prices, tokens, next, .6).ShouldBeLessThan(TierSimulation.Complexity(Prices, tokens, now, .6));
            TierSimulation.Attempts(Prices, tokens, next, .6).ShouldBeLessThan(TierSimulation.Attempts(Prices, tokens, now, .6));
            TierSimulation.Attempts(Prices, tokens, now, .6).ShouldBeGreaterThan(TierSimulation.Complexity(Prices, tokens, now, .6));
        }
        TierSimulation.Complexity(Prices, tokens, 1, .6).ShouldBe(TierSimulation.Attempts(Prices, tokens, 1, .6), 1e-12);
    }

    [Fact]
    public void The_shipped_prices_can_be_simulated() => ModelCatalogue.Shipped.Models.Where(model => model is { Kind: ModelKind.Chat, Prices: not null })
        .ShouldAllBe(model => TierSimulation.Call(model.Prices!, new QuestionTokens(800, 2_300, 180, .5)) > 0);
}
