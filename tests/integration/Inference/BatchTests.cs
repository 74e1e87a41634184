using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Batches;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Testkit;
using Parley.Testkit.Models;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Work that may wait: whatever happens on the way, each piece is handed over once, and what is booked is what the double billed.</summary>
public sealed class BatchTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Pieces = 6;

    private BatchWorld _world = null!;

    private ModelsDouble Double => _world.Double;

    public async ValueTask InitializeAsync() => _world = await BatchWorld.StartAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    public static TheoryData<string> Providers => [ModelProviderKinds.Anthropic, ModelProviderKinds.OpenAi, ModelProviderKinds.OpenAiCompatible];

    [Theory, MemberData(nameof(Providers))]
    public async Task Answers_come_at_half_the_price_and_nothing_is_left_anywhere(string provider)
    {
        await _world.ChooseAsync(provider, "batch;polls=2");
        var ids = await _world.AddAsync(Pieces);
        await _world.RoundAsync();
        (await _world.ReadAsync<long>("select count(*) from batches"))[0].ShouldBe(0, "they wait five minutes for company");
        await _world.RunAsync();
        _world.Taken.Select(each => each.Id).ShouldBe(ids, ignoreOrder: true);
        _world.Taken.ShouldAllBe(each => each.Batched && each.Fault == null && each.Text!.StartsWith("The customer asked: Question") && each.Provider == provider);
        var books = await _world.BooksAsync();
        (books.Calls, books.Batched, books.Unknown, books.Held, books.Reservations).ShouldBe((Pieces, Pieces, 0, 0, 0));
        books.Cost.ShouldBe(Billed() / 2);
        books.Unbatched.ShouldBe(Billed());
        books.Settled.ShouldBe(books.Cost);
        _world.Taken.Sum(each => each.Cost).ShouldBe(books.Cost);
        (await _world.OpenAsync(), Double.KeptFor(_world.Account.Key), Double.BatchesOf(_world.Account.Key)).ShouldBe((0, 0, 1));
        (await _world.ReadAsync<string>("select distinct step || ' ' || reason from model_decisions")).ShouldBe(["answered batch"]);
    }

    [Fact]
    public async Task A_hundred_go_at_once_and_more_in_several_files()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        await _world.AddAsync(BatchRules.MostItems + 5);
        await _world.RoundAsync();
        Double.BatchesOf(_world.Account.Key).ShouldBe(2);
        await _world.RunAsync();
        _world.Taken.Count.ShouldBe(BatchRules.MostItems + 5);
        (await _world.BooksAsync()).Cost.ShouldBe(Billed() / 2);
    }

    /// <summary>What goes wrong; pieces that fail for good and why; bills that stay unknown; batches that are made. The double does the same to the second try.</summary>
    public static TheoryData<string, string, int, string?, int, int> Faults => new()
    {
        { "anthropic", "batch;expired=2", 2, "expired", 0, 2 },
        { "openai", "batch;expired=2", 2, "expired", 0, 2 },
        { "anthropic", "batch;errored=1", 1, "ServerError", 0, 2 },
        { "openai", "batch;errored=1", 1, "ServerError", 0, 2 },
        { "anthropic", "batch;errored=2;error=invalid_request_error", 2, "Invalid", 0, 1 },
        { "openai", "batch;errored=2;error=invalid_request_error", 2, "Invalid", 0, 1 },
        { "anthropic", "batch;missing=1", 1, "lost", 2, 2 },
        { "openai", "batch;missing=1", 1, "lost", 2, 2 },
        { "anthropic", "batch;garbled=1", 1, "lost", 2, 2 },
        { "openai", "batch;garbled=1", 1, "lost", 2, 2 },
        { "anthropic", "batch;shuffled=1;duplicates=1;unknown=1;polls=1", 0, null, 0, 1 },
        { "openai", "batch;shuffled=1;duplicates=1;unknown=1;polls=1", 0, null, 0, 1 },
        { "anthropic", "batch;cut=2", 0, null, 0, 1 },
        { "openai", "batch;cut=2", 0, null, 0, 1 },
        { "openai", "batch;failed=1", Pieces, "expired", 0, 2 },
        { "anthropic", "batch;create=429;retry-after=90", 0, null, 0, 1 },
        { "openai", "batch;create=429;retry-after=90", 0, null, 0, 1 },
        { "anthropic", "batch;create=500", 0, null, 0, 1 },
        { "openai", "batch;create=500", 0, null, 0, 1 },
        { "openai", "batch;upload=500", 0, null, 0, 1 },
        { "anthropic", "batch;poll=500", 0, null, 0, 1 },
        { "openai", "batch;poll=500", 0, null, 0, 1 },
        { "anthropic", "batch;results=500", 0, null, 0, 1 },
        { "openai", "batch;results=500", 0, null, 0, 1 },
        { "anthropic", "batch;delete=500", 0, null, 0, 1 },
        { "openai", "batch;delete=500", 0, null, 0, 1 },
        { "anthropic", "batch;lost=1;polls=1", 0, null, 0, 1 },
        { "openai", "batch;lost=1;polls=1", 0, null, 0, 1 },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task Whatever_goes_wrong_each_piece_ends_once_and_the_money_is_right(string provider, string fault, int failing, string? why, int unknown, int batches)
    {
        await _world.ChooseAsync(provider, fault);
        var ids = await _world.AddAsync(Pieces);
        await _world.RunAsync();
        _world.Taken.Select(each => each.Id).ShouldBe(ids, ignoreOrder: true);
        _world.Taken.Where(each => each.Text is null).Select(each => each.Fault).ShouldBe(Enumerable.Repeat(why, failing));
        var books = await _world.BooksAsync();
        (books.Unknown, books.Held, books.Reservations, books.Settled).ShouldBe((unknown, 0, 0, books.Cost));
        if (unknown == 0)
        {
            books.Cost.ShouldBe(Billed() / 2);
        }
        else
        {
            books.Cost.ShouldBeGreaterThan(Billed() / 2, "an unknown bill costs what was held");
        }
        (await _world.OpenAsync(), Double.KeptFor(_world.Account.Key), Double.BatchesOf(_world.Account.Key)).ShouldBe((0, 0, batches));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("openai")]
    public async Task What_was_called_off_is_asked_again(string provider)
    {
        await _world.ChooseAsync(provider, "batch;canceled=1");
        await _world.AddAsync(4);
        await _world.RunAsync();
        // Of four two are answered, of the two that are left one, the other has been tried twice.
        _world.Taken.Select(each => each.Fault).Order().ShouldBe([null, null, null, "expired"]);
        var books = await _world.BooksAsync();
        (books.Cost, books.Unknown, books.Held, Double.KeptFor(_world.Account.Key)).ShouldBe((Billed() / 2, 0, 0, 0));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("openai")]
    public async Task One_that_is_not_done_after_a_day_is_called_off(string provider)
    {
        await _world.ChooseAsync(provider, "batch;polls=1000");
        await _world.AddAsync(1);
        await _world.RunAsync(rounds: 40, step: TimeSpan.FromHours(6));
        _world.Taken.Select(each => each.Fault).ShouldBe(["expired"]);
        var books = await _world.BooksAsync();
        (books.Calls, books.Held, books.Reservations, await _world.OpenAsync(), Double.BatchesOf(_world.Account.Key)).ShouldBe((0, 0, 0, 0, 2));
    }

    /// <summary>Killed at every look at the clock, of which there is at least one in every step; then another run goes on.</summary>
    [Theory]
    [InlineData("anthropic")]
    [InlineData("openai")]
    public async Task Killed_anywhere_it_goes_on_and_is_sent_and_paid_once(string provider)
    {
        await _world.SetAsync(new BudgetSettings { HardCap = true });
        var kills = 0;
        for (var looks = 0; ; looks++)
        {
            await _world.ChooseAsync(provider, "batch;polls=1");
            var before = await _world.BooksAsync();
            var ids = await _world.AddAsync(2);
            _world.Taken.Clear();
            _world.Time.Advance(TimeSpan.FromMinutes(6));
            _world.Time.StopAfter(looks);
            var killed = false;
            for (var round = 0; round < 6 && !killed; round++)
            {
                try
                {
                    await _world.RoundAsync();
                    _world.Time.Advance(TimeSpan.FromMinutes(15));
                }
                catch (KilledException)
                {
                    killed = true;
                }
            }
            _world.Time.StopAfter(null);
            kills += killed ? 1 : 0;
            await _world.RunAsync();
            var books = await _world.BooksAsync();
            _world.Taken.Select(each => each.Id).ShouldBe(ids, ignoreOrder: true, $"killed at look {looks}");
            _world.Taken.ShouldAllBe(each => each.Text != null);
            Double.BatchesOf(_world.Account.Key).ShouldBe(1, $"killed at look {looks}");
            (books.Calls - before.Calls, books.Cost - before.Cost, books.Unknown, books.Held, books.Reservations).ShouldBe((2, Billed() / 2, 0, 0, 0), $"killed at look {looks}");
            (await _world.OpenAsync(), Double.KeptFor(_world.Account.Key)).ShouldBe((0, 0), $"killed at look {looks}");
            if (!killed)
            {
                break;
            }
        }
        kills.ShouldBeGreaterThan(15);
    }

    [Fact]
    public async Task Two_nodes_on_one_batch_book_and_hand_over_once()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        var ids = await _world.AddAsync(20);
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        for (var round = 0; round < 4; round++)
        {
            // Whoever comes second may be told so; what is left is done by the next round.
            await Task.WhenAll(_world.RoundAsync().ContinueWith(_ => { }, TaskScheduler.Default), _world.RoundAsync().ContinueWith(_ => { }, TaskScheduler.Default));
            _world.Time.Advance(TimeSpan.FromMinutes(15));
        }
        await _world.RunAsync();
        _world.Taken.Select(each => each.Id).ShouldBe(ids, ignoreOrder: true);
        var books = await _world.BooksAsync();
        (books.Held, books.Reservations, books.Settled).ShouldBe((0, 0, books.Cost));
    }

    [Fact]
    public async Task A_budget_is_never_passed_and_what_it_refuses_waits_for_the_next_day()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        await _world.AddAsync(10);
        // Soft: answers may pass it, work that may wait may not.
        await _world.SetAsync(new BudgetSettings { Day = .005m });
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        await _world.RoundAsync();
        var scope = (await _world.ReadAsync<decimal>("select held + settled from budget_scopes where kind = 'tenant_day'"))[0];
        scope.ShouldBeInRange(.0001m, .005m);
        var waiting = await _world.ReadAsync<DateTime>("select waits_from from batch_items where state = 'waiting'");
        waiting.Count.ShouldBeInRange(1, 9);
        waiting.ShouldAllBe(from => from.ToUniversalTime() == BatchRules.Tomorrow(_world.Time.GetUtcNow()).UtcDateTime);
        for (var day = 0; day < 3 && await _world.OpenAsync() > 0; day++)
        {
            await _world.RunAsync(rounds: 8, step: TimeSpan.FromHours(3));
            (await _world.ReadAsync<decimal>("select max(held + settled) from budget_scopes where kind = 'tenant_day'"))[0].ShouldBeLessThanOrEqualTo(.005m);
        }
        _world.Taken.Count(each => each.Text is not null).ShouldBeGreaterThan(3);
        (await _world.BooksAsync()).Known.ShouldBe(Billed() / 2);
    }

    [Fact]
    public async Task What_no_budget_allows_is_given_up_after_three_days()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        await _world.SetAsync(new BudgetSettings { Day = 0 });
        await _world.AddAsync(2);
        await _world.RunAsync(rounds: 11, step: TimeSpan.FromHours(6));
        _world.Taken.ShouldBeEmpty();
        await _world.RunAsync(rounds: 10, step: TimeSpan.FromHours(6));
        _world.Taken.Select(each => each.Fault).ShouldBe(["budget", "budget"]);
        (await _world.OpenAsync(), Double.BatchesOf(_world.Account.Key)).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_conversation_that_has_used_up_its_budget_is_not_waited_for()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        await _world.SetAsync(new BudgetSettings { Conversation = 0 });
        await _world.AddAsync(1, Guid.CreateVersion7());
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        await _world.RoundAsync();
        await _world.RoundAsync();
        _world.Taken.Select(each => each.Fault).ShouldBe(["budget"]);
    }

    [Fact]
    public async Task A_model_without_a_lane_is_asked_by_itself_at_the_normal_price()
    {
        await _world.ChooseAsync(ModelProviderKinds.OpenAiCompatible, lane: false);
        await _world.AddAsync(3);
        await _world.RunAsync();
        _world.Taken.ShouldAllBe(each => !each.Batched && each.Text != null);
        var (books, billed) = (await _world.BooksAsync(), Double.BilledTo(_world.Account.Key));
        (books.Calls, books.Batched, books.Held, await _world.OpenAsync()).ShouldBe((3, 0, 0, 0));
        books.Cost.ShouldBe(Price(billed));
    }

    [Fact]
    public async Task Without_a_model_it_waits_three_days()
    {
        await _world.AddAsync(1);
        await _world.RunAsync(rounds: 60, step: TimeSpan.FromHours(2));
        _world.Taken.Select(each => each.Fault).ShouldBe(["no_model"]);
    }

    [Fact]
    public async Task A_wrong_key_is_waited_for_and_holds_no_money()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic, "401");
        await _world.AddAsync(1);
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        await _world.RoundAsync();
        (await _world.BooksAsync()).Held.ShouldBe(0);
        (await _world.ReadAsync<string>("select state from batch_items")).ShouldBe(["waiting"]);
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        await _world.RunAsync();
        _world.Taken.ShouldHaveSingleItem().Text.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_was_erased_meanwhile_is_paid_and_told_to_nobody()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic, "batch;polls=3");
        var ids = await _world.AddAsync(3);
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        await _world.RoundAsync();
        await _world.InAsync(s => s.ExecuteAsync("delete from batch_contents where tenant_id = @tenantId and item_id = @id", new { tenantId = s.TenantId, id = ids[1] }));
        await _world.RunAsync();
        _world.Taken.Select(each => each.Id).ShouldBe([ids[0], ids[2]], ignoreOrder: true);
        var books = await _world.BooksAsync();
        (books.Calls, books.Cost, books.Held, await _world.OpenAsync()).ShouldBe((3, Billed() / 2, 0, 0));
    }

    [Fact]
    public async Task A_handler_that_fails_is_told_again_and_the_answer_is_kept_for_it()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic);
        await _world.AddAsync(1);
        _world.Handler.FailNext = 1;
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        await Should.ThrowAsync<InvalidOperationException>(async () => { for (var i = 0; i < 4; i++) { await _world.RoundAsync(); } });
        _world.Taken.ShouldBeEmpty();
        await _world.RunAsync();
        _world.Taken.ShouldHaveSingleItem().Text.ShouldNotBeNull();
        (await _world.BooksAsync()).Calls.ShouldBe(1);
    }

    [Fact]
    public async Task The_sweep_of_dead_nodes_leaves_it_alone_and_another_tenant_sees_nothing()
    {
        await _world.ChooseAsync(ModelProviderKinds.Anthropic, "batch;polls=5");
        await _world.AddAsync(2);
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        await _world.RoundAsync();
        await using (var everything = await _world.Database.Everything.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await everything.ExecuteAsync("select node_gone('batch-test')");
            (await everything.QuerySingleAsync<DateTime>("select min(expires_at) from budget_reservations")).ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(7));
        }
        await new BudgetSweep(_world.Database.System, _world.Get<Budgets>(), NullLogger<BudgetSweep>.Instance).RunAsync(default);
        (await _world.BooksAsync()).Calls.ShouldBe(0);
        var other = await _world.Database.CreateTenantAsync();
        (await _world.Database.Tenants.InTransactionAsync(other, s => s.QuerySingleAsync<long>(
            "select (select count(*) from batches) + (select count(*) from batch_items) + (select count(*) from batch_contents)"), default)).ShouldBe(0);
    }

    [Fact]
    public async Task Work_is_added_with_its_callers_transaction_or_not_at_all()
    {
        await Should.ThrowAsync<KilledException>(_world.InAsync<bool>(async s =>
        {
            await _world.Get<BatchWork>().AddAsync(s, new BatchRequest(new Spender { TenantId = s.TenantId, Feature = ModelFeature.Summarise }, "test.taking", Guid.CreateVersion7(), [new(Microsoft.Extensions.AI.ChatRole.User, "x")]));
            throw new KilledException();
        }));
        (await _world.OpenAsync()).ShouldBe(0);
        await Should.ThrowAsync<ArgumentException>(_world.InAsync(s => _world.Get<BatchWork>().AddAsync(s, new BatchRequest(
            new Spender { TenantId = s.TenantId, Feature = ModelFeature.Summarise }, "nobody", Guid.CreateVersion7(), [new(Microsoft.Extensions.AI.ChatRole.User, "x")]))));
    }

    private decimal Billed() => Price(Double.BatchBilledTo(_world.Account.Key));

    private static decimal Price(Billed of) =>
        BatchWorld.Prices.Cost(new ModelUsage { InputTokens = of.Input, CachedReadTokens = of.CachedRead, CacheWriteTokens = of.CacheWrite, OutputTokens = of.Output })!.Value;
}
