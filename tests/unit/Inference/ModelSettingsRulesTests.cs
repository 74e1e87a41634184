using Parley.Inference.Accounts;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

public sealed class ModelSettingsRulesTests
{
    private static readonly AccountFacts Anthropic = new(Guid.CreateVersion7(), "Main", ModelProviderKinds.Anthropic, true);
    private static readonly AccountFacts OpenAi = new(Guid.CreateVersion7(), "Second", ModelProviderKinds.OpenAi, true);
    private static readonly AccountFacts Own = new(Guid.CreateVersion7(), "Cellar", ModelProviderKinds.OpenAiCompatible, true);
    private static readonly AccountFacts Cohere = new(Guid.CreateVersion7(), "Cohere", ModelProviderKinds.Cohere, false);
    private static readonly AccountFacts House = new(Guid.CreateVersion7(), "House", ModelProviderKinds.Anthropic, true, OfInstance: true);
    private static readonly AccountFacts[] Accounts = [Anthropic, OpenAi, Own, Cohere, House];
    private static readonly DateOnly Today = new(2026, 11, 25);

    [Fact]
    public void Nothing_is_a_valid_setting_and_tiers_may_be_left_out() => Problems(
        new ModelSettings(),
        Of(Answer(ModelTier.Medium, Anthropic, "claude-sonnet-5-5")),
        Of(Answer(ModelTier.Small, Anthropic, "claude-haiku-5-5"), Answer(ModelTier.Small, OpenAi, "gpt-6-luna"), Answer(ModelTier.Large, OpenAi, "gpt-6-luna"),
            new ModelChoice(ModelFeature.Embed, ModelTier.Small, OpenAi.Id, "text-embedding-3-small"), new ModelChoice(ModelFeature.Vision, ModelTier.Small, OpenAi.Id, "gpt-6-sol"))).ShouldBeEmpty();

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "feature", "choices[0].feature", "answer, rewrite, judge" },
        { "tier", "choices[0].tier", "Only answer has tiers" },
        { "account", "choices[0].accountId", "no such account" },
        { "model", "choices[0].model", "Add it with its prices" },
        { "kind", "choices[0].model", "needs a model that writes" },
        { "images", "choices[0].model", "reads no images" },
        { "twice", "choices[1].model", "keep one" },
        { "vectors", "choices[1].model", "do not fit" },
        { "below", "cascadeBelow", "between 0 and 1" },
        { "nan", "cascadeBelow", "between 0 and 1" },
        { "attempts", "maxAttempts", "1, 2 or 3" },
        { "null", "choices", "none of them null" },
        { "entry", "models[0]", "a server of your own costs 0 and 0" },
        { "entries", "models[1]", "keep one" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named_with_its_field_and_its_mend(string what, string field, string says)
    {
        var haiku = Answer(ModelTier.Small, Anthropic, "claude-haiku-5-5");
        var llama = Llama();
        var settings = what switch
        {
            "feature" => Of(haiku with { Feature = "anwser" }),
            "tier" => Of(haiku with { Feature = ModelFeature.Rewrite, Tier = ModelTier.Large }),
            "account" => Of(haiku with { AccountId = Guid.CreateVersion7() }),
            "model" => Of(haiku with { Model = "claude-haiku-9" }),
            "kind" => Of(haiku with { AccountId = OpenAi.Id, Model = "text-embedding-3-small" }),
            "images" => Of(new ModelChoice(ModelFeature.Vision, ModelTier.Small, Own.Id, "llama")) with { Models = [llama] },
            "twice" => Of(haiku, haiku),
            "vectors" => Of(new ModelChoice(ModelFeature.Embed, ModelTier.Small, OpenAi.Id, "text-embedding-3-small"), new ModelChoice(ModelFeature.Embed, ModelTier.Small, OpenAi.Id, "text-embedding-3-large")),
            "below" => new ModelSettings { CascadeBelow = 1.1 },
            "nan" => new ModelSettings { CascadeBelow = double.NaN },
            "attempts" => new ModelSettings { MaxAttempts = 4 },
            "null" => new ModelSettings { Choices = [null!] },
            "entry" => new ModelSettings { Models = [llama with { Prices = new ModelPrices { Input = 0 } }] },
            _ => new ModelSettings { Models = [llama, llama] },
        };
        var problems = ModelSettingsRules.Problems(settings, Accounts, ModelCatalogue.Shipped);
        problems.Keys.ShouldBe([field]);
        problems[field].ShouldHaveSingleItem().ShouldContain(says, Case.Insensitive);
    }

    [Fact]
    public void A_tenants_own_entry_counts_before_the_catalogue_and_may_be_a_model_that_it_lacks()
    {
        var settings = Of(Answer(ModelTier.Small, Own, "llama")) with { Models = [Llama(), ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")! with { Prices = null }] };
        Problems(settings).ShouldBeEmpty();
        ModelSettingsRules.Find(settings, ModelCatalogue.Shipped, "anthropic", "claude-haiku-5-5", ofInstance: false)!.Prices.ShouldBeNull();
        ModelSettingsRules.Warnings(settings, Accounts, ModelCatalogue.Shipped, Today.AddYears(2)).ShouldBeEmpty("a price of 0 does not age");
    }

    [Fact]
    public void Of_an_account_of_the_instance_only_prices_of_the_catalogue_count()
    {
        var shipped = ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")!;
        var cheap = shipped with { Prices = new ModelPrices { Input = 0, Output = 0 }, AsOf = Today, Capabilities = shipped.Capabilities with { MaxOutputTokens = 7 } };
        var settings = Of(Answer(ModelTier.Small, House, cheap.Model), Answer(ModelTier.Small, Anthropic, "own"), Answer(ModelTier.Small, House, "own")) with { Models = [cheap, cheap with { Model = "own" }] };
        Problems(settings).ShouldBeEmpty();
        var found = ModelSettingsRules.Find(settings, ModelCatalogue.Shipped, "anthropic", cheap.Model, ofInstance: true)!;
        (found.Prices, found.AsOf, found.Capabilities.MaxOutputTokens).ShouldBe((shipped.Prices, shipped.AsOf, 7));
        ModelSettingsRules.Find(settings, ModelCatalogue.Shipped, "anthropic", "own", ofInstance: true)!.Prices.ShouldBeNull();
        ModelSettingsRules.Warnings(settings, Accounts, ModelCatalogue.Shipped, shipped.AsOf).ShouldHaveSingleItem().ShouldBe(
            "own: it has no price, so it is not asked where a budget must not be passed. The account 'House' belongs to the instance, for which only prices of the catalogue count: let the operator add the model there.");
    }

    [Fact]
    public void What_will_surprise_is_said()
    {
        var settings = Of(new ModelChoice(ModelFeature.Rerank, ModelTier.Small, Cohere.Id, "rerank-v4.0-pro"), Answer(ModelTier.Small, Own, "gemini-3.8-flash"), Answer(ModelTier.Large, Anthropic, "gone"),
            Answer(ModelTier.Small, OpenAi with { Id = Guid.CreateVersion7() }, "gpt-6-luna"));
        Warnings(Today).ShouldBe([
            "rerank-v4.0-pro: the account 'Cohere' is switched off, so it serves nothing.",
            "rerank-v4.0-pro: it has no price, so it is not asked where a budget must not be passed. Enter its price; a server of your own costs 0.",
            "gone: the catalogue no longer has it, so it serves nothing. Add it with its prices.",
            "gpt-6-luna: its account is gone, so it serves nothing. Choose another account, or remove it.",
        ]);
        Warnings(new DateOnly(2027, 1, 1)).ShouldContain("gemini-3.8-flash: Its price held until 2026-12-31. Look up the new one and enter it.");
        ModelSettingsRules.StaleReason(ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")!, new DateOnly(2027, 2, 19)).ShouldBeNull("90 days are not more than 90 days");
        ModelSettingsRules.StaleReason(ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")!, new DateOnly(2027, 2, 20))!.ShouldContain("more than 90 days");

        IReadOnlyList<string> Warnings(DateOnly today) => ModelSettingsRules.Warnings(settings, Accounts, ModelCatalogue.Shipped, today);
    }

    [Fact]
    public void A_file_of_the_operator_that_is_missing_or_wrong_is_named()
    {
        ModelCatalogue.WithFile(null).ShouldBe(ModelCatalogue.Shipped);
        Should.Throw<FormatException>(() => ModelCatalogue.WithFile("no-such-file.json")).Message.ShouldStartWith("PARLEY_MODEL_CATALOGUE=no-such-file.json: ");
    }

    private static ModelInfo Llama() => new() { Provider = ModelProviderKinds.OpenAiCompatible, Model = "llama", Kind = ModelKind.Chat, Prices = new ModelPrices { Input = 0, Output = 0 } };

    private static ModelChoice Answer(ModelTier tier, AccountFacts account, string model) => new(ModelFeature.Answer, tier, account.Id, model);

    private static ModelSettings Of(params ModelChoice[] choices) => new() { Choices = choices };

    private static List<string> Problems(params ModelSettings[] all) =>
        [.. all.SelectMany(settings => ModelSettingsRules.Problems(settings, Accounts, ModelCatalogue.Shipped)).SelectMany(problem => problem.Value.Select(text => $"{problem.Key}: {text}"))];
}
