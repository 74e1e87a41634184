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

/// <summary>How often and how much is asked in a minute.</summary>
public sealed class ModelLimitTests(PostgresFixture postgres, ModelWorld world) : PipelineCase(postgres, world)
{
    [Fact]
    public async Task An_account_at_its_limit_is_spared_when_there_is_another()
    {
        var first = Seat(ModelProviderKinds.Anthropic);
        first = first with { Account = first.Account with { Limits = new ModelAccountLimits { RequestsPerMinute = 1 } } };
        var (second, chat) = (Seat(ModelProviderKinds.OpenAi), Pipeline());
        await AskAsync(chat, Call([first, second]), Hello, stream: false);
        var call = Call([first, second]);
        await AskAsync(chat, call, Hello, stream: false);
        call.Decisions.Select(each => $"{each.Step} {each.Reason}").ShouldBe(["budget within_budget", "failover RateLimited", "answered answered"]);
        call.Seat.ShouldBe(second);
        (await RowAsync()).Unknown.ShouldBe(0);
    }

    [Fact]
    public async Task Tokens_are_counted_before_a_call_and_corrected_after_it()
    {
        // Two calls at once would be more than the limit; one after the other use a hundredth of it each.
        var first = Seat(ModelProviderKinds.Anthropic);
        first = first with { Account = first.Account with { Limits = new ModelAccountLimits { TokensPerMinute = 500 } } };
        var (second, chat) = (Seat(ModelProviderKinds.OpenAi), Pipeline());
        await AskAsync(chat, Call([first, second]), Hello, stream: true);
        await AskAsync(chat, Call([first, second]), Hello, stream: false);
        World.Double.BilledTo(second.Account.Key).ShouldBe(new Billed());
        await using var reading = chat.GetStreamingResponseAsync(Hello, Call([first, second]).In(new ChatOptions { MaxOutputTokens = 300 }), Ct).GetAsyncEnumerator(Ct);
        (await reading.MoveNextAsync()).ShouldBeTrue();
        var call = Call([first, second]);
        await AskAsync(chat, call, Hello, stream: true);
        call.Decisions.Select(each => $"{each.Step} {each.Reason}").ShouldBe(["budget within_budget", "failover RateLimited", "answered answered"]);
        call.Seat.ShouldBe(second);
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(null, 2000)] // one call is counted as a good five hundred before it is made
    public async Task Of_an_account_of_the_instance_no_tenant_uses_up_the_minute_of_all(int? requests, int? tokens)
    {
        var (first, second, chat) = (Seat(ModelProviderKinds.Anthropic), Seat(ModelProviderKinds.OpenAi), Pipeline());
        first = first with { Account = first.Account with { OfInstance = true, Limits = new ModelAccountLimits { RequestsPerMinute = requests, TokensPerMinute = tokens } } };
        ChatMessage[] words = [new(ChatRole.User, string.Join(' ', Enumerable.Repeat("Zanzibar", 200)))];
        async Task<ModelSeat?> AnsweredByAsync(Guid tenant)
        {
            var call = Call([first, second], who: new Spender { TenantId = tenant, Feature = "answer" });
            await AskAsync(chat, call, words, stream: false);
            return call.Seat;
        }
        var served = 0;
        while (served < 10 && await AnsweredByAsync(Tenant) == first)
        {
            served++;
        }
        served.ShouldBeInRange(1, 9, "its share ends before the calls do");
        served.ShouldBe(requests / 2 ?? served);
        var other = await Database.CreateTenantAsync(ct: Ct);
        (await AnsweredByAsync(other)).ShouldBe(first, "the other half is left, and nobody rests");
        (await AnsweredByAsync(Tenant)).ShouldBe(second);
    }

    [Theory]
    [InlineData(3, null, "requests_per_minute")]
    [InlineData(null, 700, "tokens_per_minute")]
    public async Task A_tenant_at_its_limit_is_answered_without_a_model(int? requests, int? tokens, string reason)
    {
        await SetAsync(new BudgetSettings { RequestsPerMinute = requests, TokensPerMinute = tokens });
        var (seat, chat) = (Seat(ModelProviderKinds.Anthropic), Pipeline());
        ChatMessage[] words = [new(ChatRole.User, string.Join(' ', Enumerable.Repeat("Zanzibar", 60)))];
        BudgetRefusedException? refused = null;
        var answered = 0;
        while (refused is null && answered < 20)
        {
            try
            {
                await AskAsync(chat, Call([seat]), words, stream: false);
                answered++;
            }
            catch (BudgetRefusedException e)
            {
                refused = e;
            }
        }
        refused.ShouldNotBeNull().Reason.ShouldBe(reason);
        refused.OnlyPerson.ShouldBeFalse();
        answered.ShouldBe(requests + 1 ?? answered, "the first one told the node of the tenant's own limit");
        answered.ShouldBeGreaterThan(2, "what was counted too much is free again");
        var row = await RowAsync();
        (row.Calls, row.Held).ShouldBe((answered, 0));
        await AskAsync(chat, Call([Free(seat)]), words, stream: false); // costs nothing, uses up nothing
    }

    [Fact]
    public async Task Several_are_taken_at_once_or_none_over_all_nodes()
    {
        var time = new ManualTime();
        RateLimiter[] nodes = [new(Database.System, Database.Key, time), new(Database.System, Database.Key, time)];
        var minute = TimeSpan.FromMinutes(1);
        (await nodes[0].TryTakeAsync("s", 60, 100, minute, Ct)).ShouldBeNull();
        (await nodes[1].TryTakeAsync("s", 60, 100, minute, Ct)).ShouldNotBeNull();
        await nodes[0].CorrectAsync("s", 50, nodes[0].WindowOf(minute), minute, Ct);
        (await nodes[0].TryTakeAsync("s", 50, 100, minute, Ct)).ShouldBeNull();
        (await nodes[1].TryTakeAsync("s", 40, 100, minute, Ct)).ShouldBeNull();
        (await nodes[1].TryTakeAsync("s", 1, 100, minute, Ct)).ShouldNotBeNull();
        var start = nodes[0].WindowOf(minute);
        time.Advance(minute);
        (await nodes[1].TryTakeAsync("s", 1000, 100, minute, Ct)).ShouldBeNull("more than the limit is the whole of it");
        (await nodes[0].TryTakeAsync("s", 1, 100, minute, Ct)).ShouldNotBeNull();
        await nodes[0].CorrectAsync("s", 50, start, minute, Ct);
        (await nodes[0].TryTakeAsync("s", 1, 100, minute, Ct)).ShouldNotBeNull("what was given back belonged to the minute before");
    }

    private static ModelSeat Free(ModelSeat seat) => seat with { Info = seat.Info with { Prices = new ModelPrices { Input = 0, Output = 0 } } };
}
