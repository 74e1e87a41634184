using Dapper;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.RateLimits;
using Parley.Testkit;
using Parley.Testkit.Models;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>The whole stack against the double's protocols and a real database: what is booked is what the double billed, whatever happens on the way.</summary>
public sealed class ModelPipelineTests(PostgresFixture postgres, ModelWorld world) : PipelineCase(postgres, world)
{
    private const int Turns = 60;

    [Theory]
    [InlineData(ModelProviderKinds.Anthropic)]
    [InlineData(ModelProviderKinds.OpenAi)]
    public async Task Over_many_turns_the_metered_cost_is_the_providers_bill(string provider)
    {
        await SetAsync(new BudgetSettings { Month = 1000, Day = null, Conversation = null, HardCap = true, TokensPerMinute = null });
        var (chat, seat, conversation) = (Pipeline(), Seat(provider), Guid.CreateVersion7());
        var rules = new ChatMessage(ChatRole.System, string.Join(" ", Enumerable.Range(1, 700).Select(i => $"Rule {i} of the house.")));
        List<ChatMessage> history = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            history.Add(new ChatMessage(ChatRole.User, $"Question {turn}, how is Zanzibar?"));
            var call = Call([seat]);
            var response = await AskAsync(chat, call, [rules, .. history], stream: turn % 2 == 0);
            history = turn % 10 == 9 ? [] : [.. history, .. response.Messages];
            call.Decisions.Select(each => each.Step).ShouldBe(["budget", "answered"]);
            call.Decisions[^1].Cost.ShouldBe(call.Cost);
        }
        var billed = World.Double.BilledTo(seat.Account.Key);
        billed.CachedRead.ShouldBeGreaterThan(billed.Input, "the test is about cached tokens");
        var row = await RowAsync();
        (row.Calls, row.Input, row.Cached, row.Written, row.Output, row.Unknown).ShouldBe((Turns, billed.Input, billed.CachedRead, billed.CacheWrite, billed.Output, 0));
        var bill = Large.Cost(new ModelUsage { InputTokens = billed.Input, CachedReadTokens = billed.CachedRead, CacheWriteTokens = billed.CacheWrite, OutputTokens = billed.Output });
        (row.Cost, row.Settled, row.Held).ShouldBe((bill!.Value, bill.Value, 0));
        row.Uncached.ShouldBe(Large.Cost(new ModelUsage { InputTokens = billed.Input + billed.CachedRead + billed.CacheWrite, OutputTokens = billed.Output })!.Value);
        row.Large.ShouldBe(bill.Value, "it was the large tier that answered");
    }

    [Fact]
    public async Task A_row_says_who_served_the_call_and_what_it_would_have_cost_otherwise()
    {
        var dearest = Seat(ModelProviderKinds.OpenAi);
        dearest = dearest with { Info = dearest.Info with { Prices = new ModelPrices { Input = 10, Output = 100 } } };
        var small = Seat(ModelProviderKinds.OpenAi, ModelTier.Small);
        var call = Call([Seat(ModelProviderKinds.Anthropic), dearest, small], wanted: ModelTier.Small);
        call.Decide("tier", "complexity", confidence: .25);
        await AskAsync(Pipeline(), call, Hello, stream: true);
        await using var everything = await Database.Everything.OpenConnectionAsync(Ct);
        var row = await everything.QuerySingleAsync<(string Tier, Guid Account, long Latency, bool Batch, decimal Large, decimal Uncached, decimal Cost, Guid Call)>(
            "select tier, account_id, latency_us, batch, cost_large, cost_uncached, cost, call_id from usage");
        (row.Tier, row.Account, row.Batch, row.Call).ShouldBe(("small", small.Account.Id, false, call.Id));
        row.Latency.ShouldBeGreaterThan(0);
        row.Large.ShouldBe(new ModelPrices { Input = 10, Output = 100 }.Cost(call.Usage!)!.Value);
        (row.Uncached, row.Cost, call.Booked).ShouldBe((call.Cost!.Value, call.Cost.Value, call.Cost.Value));
    }

    [Fact]
    public async Task Every_decision_of_a_call_is_a_row_also_the_callers_own()
    {
        var who = new Spender { TenantId = Tenant, Feature = "answer", TurnId = Guid.CreateVersion7(), ConversationId = Guid.CreateVersion7() };
        var (first, second, chat) = (Seat(ModelProviderKinds.Anthropic, fault: "529"), Seat(ModelProviderKinds.OpenAi), Pipeline());
        var call = Call([first, second], who: who);
        call.Decide("tier", "complexity", confidence: .75);
        await AskAsync(chat, call, Hello, stream: true);
        call.Decide("draft", "kept", confidence: .5);
        call.Decide("escalate", "doubtful");
        var rows = await StoredAsync(who.TurnId!.Value, 6);
        rows.Select(row => $"{row.Ordinal} {row.Step} {row.Reason} {row.Tier} {row.Provider}").ShouldBe(
        [
            "0 tier complexity large ", "1 budget within_budget large ", "2 failover Overloaded large anthropic", "3 answered answered large openai", "4 draft kept large openai", "5 escalate doubtful large openai",
        ]);
        rows.ShouldAllBe(row => row.CallId == call.Id && row.Feature == "answer");
        rows[0].Confidence.ShouldBe(.75);
        (rows[3].Cost, rows[3].InputTokens, rows[3].OutputTokens, rows[3].AccountId).ShouldBe((call.Cost, call.Usage!.InputTokens, call.Usage.OutputTokens, second.Account.Id));
        rows[3].LatencyUs.ShouldNotBeNull().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("529", "failed Overloaded")]
    [InlineData("cut", "failed Cut")]
    [InlineData(null, "budget anonymous")]
    public async Task A_call_that_came_to_nothing_has_rows_too(string? fault, string last)
    {
        await SetAsync(new BudgetSettings { Anonymous = fault is null ? .0000001m : 1 });
        var who = new Spender { TenantId = Tenant, Feature = "answer", TurnId = Guid.CreateVersion7(), Anonymous = true };
        await Should.ThrowAsync<Exception>(AskAsync(Pipeline(), Call([Seat(ModelProviderKinds.Anthropic, fault: fault)], TimeSpan.FromMilliseconds(50), who), Hello, stream: true));
        (await StoredAsync(who.TurnId!.Value, 1)).Select(row => $"{row.Step} {row.Reason}").Last().ShouldBe(last);
    }

    [Fact]
    public async Task A_bill_that_comes_after_the_sweep_is_not_booked_but_stored()
    {
        var budgets = new Budgets(Database.Tenants, new ConfigurationStore(TimeProvider.System), new NodeIdentity("slow", "1"), TimeProvider.System, NullLogger<Budgets>.Instance);
        var who = new Spender { TenantId = Tenant, Feature = "answer", TurnId = Guid.CreateVersion7() };
        var (seat, call) = (Seat(ModelProviderKinds.Anthropic, ModelTier.Small), Call([], who: who));
        var held = (await budgets.ReserveAsync(who, [new Offer(ModelTier.Small, "anthropic", "m", .5m) { AccountId = seat.Account.Id }], true, TimeSpan.Zero, Ct)).Reservation!;
        await new BudgetSweep(Database.System, budgets, NullLogger<BudgetSweep>.Instance).RunAsync(Ct);
        call.At = TimeProvider.System.GetUtcNow();
        call.Decide("answered", "answered");
        (await budgets.SettleAsync(held, Bill.Of(seat, [seat], new ModelUsage { OutputTokens = 10 }) with { Decisions = call.TakeUnwritten() }, Ct)).ShouldBeFalse();
        await using var everything = await Database.Everything.OpenConnectionAsync(Ct);
        (await everything.QuerySingleAsync<(string, Guid, decimal, bool)>("select tier, account_id, cost, settled from usage")).ShouldBe(("small", seat.Account.Id, .5m, false));
        (await StoredAsync(who.TurnId!.Value, 1)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Another_account_answers_within_one_time_out_and_the_first_is_paid_as_if_it_had()
    {
        var (first, second) = (Seat(ModelProviderKinds.Anthropic, fault: "slow-first-token"), Seat(ModelProviderKinds.OpenAi));
        var call = Call([first, second]);
        (await AskAsync(Pipeline(TimeSpan.FromSeconds(2)), call, Hello, stream: true)).Text.ShouldContain("hello");
        call.Decisions.Select(each => $"{each.Step} {each.Reason}").ShouldBe(["budget within_budget", "failover Timeout", "answered answered"]);
        call.Seat.ShouldBe(second);
        var row = await RowAsync();
        (row.Calls, row.Unknown, row.Held).ShouldBe((2, 1, 0));
        row.Cost.ShouldBeGreaterThan(call.Cost!.Value);
        row.Settled.ShouldBe(row.Cost);
    }

    [Theory]
    [InlineData("529")]
    [InlineData("401")]
    [InlineData("429;retry-after=30")]
    public async Task What_was_not_billed_is_not_booked(string fault)
    {
        var call = Call([Seat(ModelProviderKinds.Anthropic, fault: fault), Seat(ModelProviderKinds.OpenAi)]);
        await AskAsync(Pipeline(), call, Hello, stream: false);
        var row = await RowAsync();
        (row.Calls, row.Unknown, row.Held, row.Cost).ShouldBe((1, 0, 0, call.Cost!.Value));
        var alone = Call([Seat(ModelProviderKinds.Anthropic, fault: fault)], TimeSpan.FromMilliseconds(50));
        await Should.ThrowAsync<ModelException>(AskAsync(Pipeline(), alone, Hello, stream: false));
        (await RowAsync()).ShouldBe(row);
    }

    [Theory]
    [InlineData("403")]
    [InlineData("429;retry-after=3600")]
    public async Task What_an_account_refuses_of_one_model_says_nothing_of_its_others(string fault)
    {
        var (refused, other, chat) = (Seat(ModelProviderKinds.Anthropic, fault: fault), Seat(ModelProviderKinds.Anthropic), Pipeline());
        refused = refused with { Info = refused.Info with { Model = "gpt-refused" } };
        other = other with { Account = other.Account with { Id = refused.Account.Id } };
        await Should.ThrowAsync<ModelException>(AskAsync(chat, Call([refused]), Hello, stream: false));
        var call = Call([other], who: new Spender { TenantId = await Database.CreateTenantAsync(ct: Ct), Feature = "answer" });
        await AskAsync(chat, call, Hello, stream: false);
        call.Decisions.Select(each => each.Step).ShouldBe(["budget", "answered"]);
        var again = Call([refused]);
        await Should.ThrowAsync<ModelException>(AskAsync(chat, again, Hello, stream: false));
        again.Decisions.ShouldContain(each => each.Step == "circuit", "it is the model that rests");
    }

    [Fact]
    public async Task A_stream_that_breaks_is_not_answered_by_another_and_costs_the_reserve()
    {
        var (first, second) = (Seat(ModelProviderKinds.Anthropic, fault: "cut"), Seat(ModelProviderKinds.OpenAi));
        var call = Call([first, second]);
        (await Should.ThrowAsync<ModelException>(AskAsync(Pipeline(), call, Hello, stream: true))).HasOutput.ShouldBeTrue();
        World.Double.BilledTo(second.Account.Key).ShouldBe(new Billed());
        var row = await RowAsync();
        (row.Calls, row.Unknown, row.Held).ShouldBe((1, 1, 0));
        var billed = World.Double.BilledTo(first.Account.Key);
        row.Cost.ShouldBeGreaterThan(Large.Cost(new ModelUsage { InputTokens = billed.Input, OutputTokens = billed.Output })!.Value);
        call.Decisions[^1].Reason.ShouldBe(nameof(ModelFault.Cut));
    }

    [Fact]
    public async Task A_reader_that_leaves_pays_the_reserve()
    {
        var call = Call([Seat(ModelProviderKinds.Anthropic)]);
        await foreach (var update in Pipeline().GetStreamingResponseAsync(Hello, call.In(null), Ct))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }
        await call.BookedAsync();
        var row = await RowAsync();
        (row.Calls, row.Unknown, row.Held).ShouldBe((1, 1, 0));
        call.Decisions[^1].Reason.ShouldBe("abandoned");
    }

    [Fact]
    public async Task The_ladder_leads_from_large_to_small_to_no_model()
    {
        await SetAsync(new BudgetSettings { Anonymous = .01m });
        ModelSeat[] seats = [Seat(ModelProviderKinds.Anthropic), Seat(ModelProviderKinds.OpenAi, ModelTier.Small)];
        var (chat, who) = (Pipeline(), new Spender { TenantId = Tenant, Feature = "answer", Anonymous = true });
        var call = Call(seats, who: who);
        await AskAsync(chat, call, Hello, stream: false); // 600 tokens of the large one would be .009
        call.Decisions.Select(each => $"{each.Step} {each.Tier} {each.Reason}").ShouldBe(["budget Large within_budget", "answered Large answered"]);
        call = Call(seats, who: who);
        await AskAsync(chat, call, [new ChatMessage(ChatRole.User, string.Join(' ', Enumerable.Repeat("Zanzibar", 1000)))], stream: false);
        call.Decisions.Select(each => $"{each.Step} {each.Tier} {each.Reason}").ShouldBe(["budget Small anonymous", "answered Small answered"]);
        await SetAsync(new BudgetSettings { Anonymous = .0001m });
        call = Call(seats, who: who);
        var refused = await Should.ThrowAsync<BudgetRefusedException>(AskAsync(chat, call, Hello, stream: false));
        (refused.Step.Outcome, refused.Step.Reason).ShouldBe((LadderOutcome.Extractive, BudgetScope.Anonymous));
        (await RowAsync()).Calls.ShouldBe(2);
    }
}
