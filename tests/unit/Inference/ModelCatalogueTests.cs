using System.Text;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

public sealed class ModelCatalogueTests
{
    private const string Good = """
        { "provider": "openai", "model": "m", "name": "M", "kind": "chat", "prices": { "input": 2, "cachedRead": 0.5, "output": 10 }, "asOf": "2026-01-05", "source": "https://example.com/prices" }
        """;

    [Fact]
    public void The_shipped_table_is_valid_dated_and_has_all_three_kinds_and_tiers_that_differ_in_price()
    {
        var models = ModelCatalogue.Shipped.Models;
        models.ShouldAllBe(model => model.AsOf >= new DateOnly(2026, 11, 1) && model.Source!.Scheme == "https");
        models.Select(model => model.Kind).Distinct().Count().ShouldBe(3);
        var small = ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")!.Prices!;
        var large = ModelCatalogue.Shipped.Find("anthropic", "claude-opus-5-5")!.Prices!;
        (large.Input / small.Input).ShouldBe(40);
        // Whoever has marked caching pays for writing; a table without it would promise too much.
        models.Where(model => model.Capabilities.CachedPrompt == PromptCaching.Marked).ShouldAllBe(model => model.Prices!.CacheWrite > model.Prices.Input);
    }

    [Theory]
    [InlineData("\"input\": 2,", "\"input\": -2,", "prices must be between 0")]
    [InlineData("\"input\": 2,", "", "need input and output")]
    [InlineData("\"cachedRead\": 0.5", "\"cachedRead\": 5", "exchanged")]
    [InlineData("\"openai\"", "\"closedai\"", "provider is none of anthropic, openai")]
    [InlineData("https://example.com", "http://example.com", "https address")]
    [InlineData("\"name\": \"M\"", "\"name\": \" \"", "not empty")]
    [InlineData("\"kind\": \"chat\"", "\"kind\": \"embedding\"", "capabilities.dimensions")]
    [InlineData("\"output\": 10", "\"output\": 10, \"longAbove\": 5", "belong together")]
    [InlineData("\"asOf\": \"2026-01-05\"", "\"asOf\": \"2026-01-05\", \"until\": \"2025-01-05\"", "until is before asOf")]
    [InlineData("\"asOf\": \"2026-01-05\"", "\"asOf\": \"2026-01-05\", \"capabilities\": { \"maxOutputTokens\": 0 }", "limits must be above 0")]
    [InlineData("\"output\": 10", "\"otput\": 10", "otput")]
    [InlineData("\"kind\": \"chat\"", "\"kind\": \"chatty\"", "kind")]
    [InlineData("\"asOf\": \"2026-01-05\", ", "", "asOf")]
    public void A_mistake_is_named_with_its_place(string good, string bad, string says)
    {
        Good.ShouldContain(good);
        Should.Throw<FormatException>(() => Read(Good.Replace(good, bad, StringComparison.Ordinal))).Message.ShouldContain(says);
    }

    [Fact]
    public void Several_mistakes_are_named_at_once()
    {
        var e = Should.Throw<FormatException>(() => Read(Good + "," + Good.Replace("\"input\": 2", "\"input\": -2", StringComparison.Ordinal)));
        e.Message.ShouldContain("openai m: is there twice");
        e.Message.ShouldContain("openai m: prices must be between 0");
    }

    [Fact]
    public void An_operators_table_corrects_and_extends_the_shipped_one()
    {
        var mine = Read(Good + "," + Good.Replace("\"m\"", "\"gpt-6-sol\"", StringComparison.Ordinal));
        var both = ModelCatalogue.Shipped.With(mine);
        both.Find("openai", "m")!.Prices!.Output.ShouldBe(10);
        both.Find("openai", "gpt-6-sol")!.Name.ShouldBe("M");
        both.Find("voyage", "voyage-4").ShouldNotBeNull();
        both.Models.Count.ShouldBe(ModelCatalogue.Shipped.Models.Count + 1);
        both.Find("openai", "unheard-of").ShouldBeNull();
    }

    [Fact]
    public void A_cost_is_exact()
    {
        var prices = new ModelPrices { Input = 2m, CachedRead = .2m, CacheWrite = 2.5m, Output = 10m };
        prices.Cost(new ModelUsage { InputTokens = 1_001, CachedReadTokens = 2_003, CacheWriteTokens = 3_005, OutputTokens = 407 })
            .ShouldBe(.002002m + .0004006m + .0075125m + .00407m);
        prices.Cost(new ModelUsage()).ShouldBe(0);
        new ModelPrices { Searches = 2m }.Cost(new ModelUsage { SearchUnits = 3 }).ShouldBe(.006m);
    }

    [Fact]
    public void A_long_prompt_has_its_prices_for_all_of_its_tokens_counted_with_the_cached_ones()
    {
        var luna = ModelCatalogue.Shipped.Find("openai", "gpt-6-luna")!.Prices!;
        luna.Cost(new ModelUsage { InputTokens = 272_000 }).ShouldBe(.0272m);
        luna.Cost(new ModelUsage { InputTokens = 2_000, CachedReadTokens = 270_001, OutputTokens = 1_000 }).ShouldBe(.0004m + .00540002m + .00075m);
    }

    [Fact]
    public void What_has_no_price_costs_an_unknown_amount_and_not_nothing()
    {
        new ModelPrices { Input = 1 }.Cost(new ModelUsage { OutputTokens = 1 }).ShouldBeNull();
        new ModelPrices { Input = 1 }.Cost(new ModelUsage { SearchUnits = 1 }).ShouldBeNull();
        // A cached token is never dearer than a plain one.
        new ModelPrices { Input = 1, Output = 1 }.Cost(new ModelUsage { CachedReadTokens = 1_000_000 }).ShouldBe(1);
    }

    private static ModelCatalogue Read(string models) => ModelCatalogue.Read(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "models": [ {{models}} ] }""")));
}
