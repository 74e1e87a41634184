using System.Globalization;
using System.Text.Json;
using Parley.Escalations;
using Parley.Escalations.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Escalations;

public sealed class EscalationPolicyTests(ITestOutputHelper output)
{
    private static readonly EscalationRules Rules = new();

    [Fact]
    public void Decides_more_than_nine_in_ten_labelled_messages_as_a_support_lead_would()
    {
        var cases = LabelledDecision.All();
        cases.Count.ShouldBeGreaterThanOrEqualTo(80);
        var wrong = cases.Where(c => c.Decide(Rules).Label != c.Expect).ToList();
        foreach (var c in wrong)
        {
            output.WriteLine($"{c.Text} → {c.Decide(Rules)}, expected {c.Expect}");
        }
        var accuracy = 1 - ((double)wrong.Count / cases.Count);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"decision accuracy {accuracy:P1} of {cases.Count}"));
        accuracy.ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public void All_rules_are_kept_and_the_highest_priority_wins()
    {
        var decision = EscalationPolicy.Decide(Rules, new EscalationSignals
        {
            Text = "You charged me twice for the same invoice!", Language = "en", ExplicitRequest = true, Frustrated = true, Complex = true,
            Attempts = 4, FailedAttempts = 3, Elapsed = TimeSpan.FromMinutes(30),
        });
        decision.HandOff.ShouldBeTrue();
        decision.Priority.ShouldBe(HandoffPriority.Urgent);
        decision.Reasons[0].ShouldBe("own_account.billing");
        decision.Reasons.ShouldBe(
            ["own_account.billing", "topic.billing", "explicit_request", "frustrated", "complex_and_long", "failed_attempts", "long_conversation"], ignoreOrder: true);
    }

    [Fact]
    public void A_topic_alone_sets_the_priority_of_what_something_else_causes()
    {
        var signals = new EscalationSignals { Text = "Where do I see my invoices?", Language = "en" };
        EscalationPolicy.Decide(Rules, signals).HandOff.ShouldBeFalse();
        var asked = EscalationPolicy.Decide(Rules, signals with { ExplicitRequest = true });
        (asked.Priority, asked.Reasons).ShouldSatisfyAllConditions(
            d => d.Priority.ShouldBe(HandoffPriority.Urgent),
            d => d.Reasons.ShouldBe(["topic.billing", "explicit_request"]));
    }

    [Fact]
    public void A_tenant_may_make_a_topic_immediate_change_its_priority_and_add_words()
    {
        var rules = Rules with
        {
            Topics = new Dictionary<string, TopicRule> { ["legal"] = new() { Immediate = true, Priority = HandoffPriority.Medium, Words = ["works council*", "§ 87"] } },
        };
        var decision = EscalationPolicy.Decide(rules, new EscalationSignals { Text = "What did the works councils agree to?", Language = "en" });
        decision.ShouldSatisfyAllConditions(
            d => d.HandOff.ShouldBeTrue(), d => d.Priority.ShouldBe(HandoffPriority.Medium), d => d.Reasons.ShouldBe(["topic.legal"]));
        // A topic that the rules do not name is not looked for.
        EscalationPolicy.Decide(rules, new EscalationSignals { Text = "I was charged twice", Language = "en" }).HandOff.ShouldBeFalse();
    }

    [Fact]
    public void Without_automatic_rules_only_an_explicit_request_counts()
    {
        var rules = Rules with { Automatic = false };
        var signals = new EscalationSignals { Text = "I was charged twice", Language = "en", Frustrated = true, Attempts = 5, FailedAttempts = 5, Elapsed = TimeSpan.FromHours(2) };
        EscalationPolicy.Decide(rules, signals).HandOff.ShouldBeFalse();
        EscalationPolicy.Decide(rules, signals with { ExplicitRequest = true }).Reasons.ShouldContain("explicit_request");
    }

    [Theory]
    [InlineData("$1,240.50 was taken", 1240.50)]
    [InlineData("1.240,50 € abgebucht", 1240.50)]
    [InlineData("it was 1,240 EUR", 1240)]
    [InlineData("12.50 dollars", 12.50)]
    [InlineData("USD 99", 99)]
    [InlineData("error 500 at 12:30", 0)]
    [InlineData("₹ 2,50,000", 250000)]
    public void Reads_amounts_in_any_currency(string text, decimal expected) => TopicReader.Amounts(text).DefaultIfEmpty(0).Max().ShouldBe(expected);

    [Fact]
    public void The_dispute_limit_is_the_tenants()
    {
        var signals = new EscalationSignals { Text = "There is a wrong charge of $80 on the statement", Language = "en" };
        EscalationPolicy.Decide(Rules, signals).HandOff.ShouldBeFalse();
        EscalationPolicy.Decide(Rules with { DisputeAmount = 50 }, signals).Reasons.ShouldContain("disputed_amount");
        EscalationPolicy.Decide(Rules with { DisputeAmount = null }, signals).HandOff.ShouldBeFalse();
    }

    [Fact]
    public void There_are_words_for_every_language_the_product_answers_in() =>
        Lexicon.Languages.ShouldBe(["ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"], ignoreOrder: true);

    [Fact]
    public void Rules_out_of_range_are_named()
    {
        new EscalationRules().Problems().ShouldBeEmpty();
        new EscalationRules { FailedAttempts = 0, RemindMinutes = 0, DisputeAmount = -1, Topics = new Dictionary<string, TopicRule> { ["weather"] = new() } }
            .Problems().Keys.ShouldBe(["rules.failedAttempts", "rules.remindMinutes", "rules.disputeAmount", "rules.topics"], ignoreOrder: true);
    }
}

/// <summary>A message in its circumstances, and what should be done: none, or the priority of the handoff.</summary>
internal sealed record LabelledDecision(
    string Text, string Expect, string Lang = "en", bool Explicit = false, bool Frustrated = false, int Attempts = 0, int Failed = 0, double Minutes = 0, bool Complex = false, bool? Answered = null)
{
    internal static IReadOnlyList<LabelledDecision> All(string file = "decisions.jsonl") =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Escalations", "Fixtures", file))
            .Select(line => JsonSerializer.Deserialize<LabelledDecision>(line, JsonSerializerOptions.Web)!)];

    internal EscalationSignals Signals => new()
    {
        Text = Text, Language = Lang, ExplicitRequest = Explicit, Frustrated = Frustrated, Complex = Complex, Attempts = Attempts,
        FailedAttempts = Failed, Elapsed = TimeSpan.FromMinutes(Minutes), Answered = Answered,
    };

    internal Outcome Decide(EscalationRules rules) => new(EscalationPolicy.Decide(rules, Signals));

    internal sealed record Outcome(EscalationDecision Decision)
    {
        internal string Label => Decision.HandOff ? Names.Of(Decision.Priority) : "none";

        public override string ToString() => $"{Label} ({string.Join(", ", Decision.Reasons)})";
    }
}
