using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>Who answers with what is left.</summary>
public sealed class LadderTests
{
    private static readonly Guid Tenant = Guid.CreateVersion7();

    private static readonly Rung[] Rungs = [new(ModelTier.Large, 1m), new(ModelTier.Medium, .4m), new(ModelTier.Small, .1m)];

    [Theory]
    [InlineData(9.0, "Model Large within_budget")]
    [InlineData(9.1, "Model Medium tenant_day")]
    [InlineData(9.6, "Model Medium tenant_day")]
    [InlineData(9.7, "Model Small tenant_day")]
    [InlineData(9.9, "Model Small tenant_day")]
    [InlineData(9.95, "Extractive  tenant_day")]
    public void The_best_tier_whose_worst_case_fits_below_a_hard_limit(decimal used, string expected) => Text(Decide(used, hard: true)).ShouldBe(expected);

    [Fact]
    public void Without_sources_a_person_comes_after_the_models() => Decide(10, hard: true, extractive: false).Outcome.ShouldBe(LadderOutcome.Person);

    [Theory]
    [InlineData(9.95)]
    [InlineData(25)]
    public void A_soft_limit_leads_to_the_smallest_tier_and_no_further(decimal used) => Text(Decide(used, hard: false)).ShouldBe("Model Small tenant_day");

    [Fact]
    public void A_soft_limit_does_not_open_a_hard_one()
    {
        ScopeState[] scopes = [State(BudgetScope.Day, 10, hard: false, 20), State(BudgetScope.Anonymous, 1, hard: true, .95m)];
        var step = Ladder.Decide(Rungs, scopes, extractive: true);
        step.Outcome.ShouldBe(LadderOutcome.Extractive);
        step.Reason.ShouldBe(BudgetScope.Day);
    }

    [Fact]
    public void Without_limits_everything_fits() =>
        Text(Ladder.Decide(Rungs, [State(BudgetScope.Month, null, hard: true, 1_000_000)], extractive: true)).ShouldBe("Model Large within_budget");

    [Fact]
    public void What_has_no_price_is_not_used_below_a_hard_limit()
    {
        Rung[] rungs = [new(ModelTier.Large, null), new(ModelTier.Small, .1m)];
        Text(Ladder.Decide(rungs, [State(BudgetScope.Day, 10, hard: true, 0)], extractive: true)).ShouldBe("Model Small no_price");
        Text(Ladder.Decide(rungs, [State(BudgetScope.Day, 10, hard: false, 0)], extractive: true)).ShouldBe("Model Large within_budget");
    }

    [Fact]
    public void Without_a_model_the_sources_answer() => Ladder.Decide([], [State(BudgetScope.Day, 10, hard: true, 0)], extractive: true).Outcome.ShouldBe(LadderOutcome.Extractive);

    [Theory]
    [InlineData(6.99, 0)]
    [InlineData(7, 70)]
    [InlineData(8.99, 80)]
    [InlineData(10, 100)]
    [InlineData(11.5, 110)]
    [InlineData(99, 120)]
    public void Alerts_have_six_steps(decimal spent, int step) => Budgets.StepsOf(State(BudgetScope.Day, 10, hard: false, spent)).DefaultIfEmpty().Max().ShouldBe(step);

    [Fact]
    public void Nothing_to_spend_is_no_alert() => Budgets.StepsOf(State(BudgetScope.Day, 0, hard: true, 0)).ShouldBeEmpty();

    [Fact]
    public void Scopes_have_one_order_and_an_anonymous_visitor_shares_one()
    {
        var who = new Spender { TenantId = Tenant, Feature = "answer", ConversationId = Guid.CreateVersion7(), EndUserId = Guid.CreateVersion7() };
        var at = new DateTimeOffset(2026, 2, 28, 23, 30, 0, TimeSpan.FromHours(-2)); // already March in UTC
        BudgetScope.Of(who, at).ShouldBe(
        [
            new(BudgetScope.Month, Tenant, new(2026, 3, 1)), new(BudgetScope.Day, Tenant, new(2026, 3, 1)),
            new(BudgetScope.Conversation, who.ConversationId.Value, new(1970, 1, 1)), new(BudgetScope.EndUser, who.EndUserId.Value, new(2026, 3, 1)),
        ]);
        BudgetScope.Of(who with { Anonymous = true }, at)[^1].ShouldBe(new(BudgetScope.Anonymous, Tenant, new(2026, 3, 1)));
    }

    [Fact]
    public void Settings_that_cannot_hold_name_the_field()
    {
        new BudgetSettings().Problems().ShouldBeEmpty();
        new BudgetSettings { Month = null, Day = null, Conversation = null, EndUser = null, Anonymous = null }.Problems().ShouldBeEmpty();
        var problems = new BudgetSettings { Month = 3, Day = -1, Anonymous = 5 }.Problems();
        problems.Keys.Order().ShouldBe(["anonymous", "day"]);
        problems["day"][0].ShouldContain("between 0");
        problems["anonymous"][0].ShouldContain("month");
    }

    private static LadderStep Decide(decimal used, bool hard, bool extractive = true) => Ladder.Decide(Rungs, [State(BudgetScope.Month, null, hard, used), State(BudgetScope.Day, 10, hard, used)], extractive);

    private static ScopeState State(string kind, decimal? limit, bool hard, decimal used) => new(new BudgetScope(kind, Tenant, new(2026, 1, 5)), limit, hard, used);

    private static string Text(LadderStep step) => $"{step.Outcome} {step.Rung?.Tier} {step.Reason}";
}
