using System.Text;
using Microsoft.Extensions.AI;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>What is reserved is never less than what can be billed.</summary>
public sealed class WorstCaseTests
{
    private static readonly ModelPrices Prices = new() { Input = 3, CachedRead = .3m, CacheWrite = 3.75m, Output = 15 };

    [Fact]
    public void A_prompt_is_counted_as_if_all_of_it_were_written_to_the_cache() =>
        WorstCase.Cost(Prices, 1_000, 500).ShouldBe((1_000 * 3.75m + 500 * 15) / 1_000_000);

    [Fact]
    public void Prices_of_long_prompts_count_where_the_bound_is_above_their_beginning()
    {
        var prices = Prices with { LongAbove = 2_000, Long = new ModelPrices { Input = 6, Output = 22.5m } };
        WorstCase.Cost(prices, 2_000, 100).ShouldBe((2_000 * 3.75m + 100 * 15) / 1_000_000);
        WorstCase.Cost(prices, 2_001, 100).ShouldBe((2_001 * 6m + 100 * 22.5m) / 1_000_000);
    }

    [Fact]
    public void Part_of_the_last_digit_is_a_whole_one() => WorstCase.Cost(new ModelPrices { Input = .0125m, Output = 0 }, 1, 0).ShouldBe(.000000013m);

    [Fact]
    public void What_has_no_price_has_no_worst_case()
    {
        WorstCase.Cost(null, 1, 1).ShouldBeNull();
        WorstCase.Cost(new ModelPrices { Input = 1 }, 1, 1).ShouldBeNull();
    }

    [Fact]
    public void No_mixture_of_cached_written_and_plain_tokens_costs_more()
    {
        var prices = Prices with { LongAbove = 500, Long = new ModelPrices { Input = 6, CachedRead = .6m, Output = 22.5m } };
        var random = new Random(5);
        for (var i = 0; i < 1_000; i++)
        {
            var (bound, output) = (random.Next(0, 1_000), random.Next(0, 300));
            var read = random.Next(0, bound + 1);
            var written = random.Next(0, bound - read + 1);
            var usage = new ModelUsage { CachedReadTokens = read, CacheWriteTokens = written, InputTokens = random.Next(0, bound - read - written + 1), OutputTokens = output };
            WorstCase.Cost(prices, bound, output).ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(prices.Cost(usage).ShouldNotBeNull());
        }
    }

    [Fact]
    public void Everything_that_is_sent_is_counted()
    {
        ChatMessage[] plain = [new(ChatRole.System, "Answer from the passages."), new(ChatRole.User, "Where is Zanzibar?")];
        var before = WorstCase.InputTokens(plain, null);
        before.ShouldBeGreaterThan(10);
        More(new ChatMessage(ChatRole.User, "And Oslo?"));
        More(new ChatMessage(ChatRole.User, [new DataContent(new byte[10], "image/png")]), atLeast: 5_000);
        More(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "get_weather", new Dictionary<string, object?> { ["city"] = "Oslo" })]));
        More(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new { weather = "snow" })]));
        More(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("The passages are compared.")]));
        WorstCase.InputTokens(plain, new ChatOptions { Instructions = "Be brief." }).ShouldBeGreaterThan(before);
        WorstCase.InputTokens(plain, new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => city, "get_weather")] }).ShouldBeGreaterThan(before + 1_000);

        void More(ChatMessage message, int atLeast = 1) => (WorstCase.InputTokens([.. plain, message], null) - before).ShouldBeGreaterThanOrEqualTo(atLeast + 16);
    }

    [Fact]
    public void The_bound_does_not_pass_the_number_of_bytes()
    {
        const string text = "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=";
        WorstCase.InputTokens([new(ChatRole.User, text)], null).ShouldBeLessThanOrEqualTo(Encoding.UTF8.GetByteCount(text) + 32);
    }
}
