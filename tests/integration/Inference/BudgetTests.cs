using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Schedules;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Money is held before it is spent, and what is booked is what was billed.</summary>
public sealed class BudgetTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(4);
    private readonly ShiftableTime _time = new();
    private TestDatabase _database = null!;
    private Guid _tenant;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Spender Who => new() { TenantId = _tenant, Feature = "answer", ConversationId = Guid.CreateVersion7(), EndUserId = Guid.CreateVersion7() };

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync(Ct);
        _tenant = await _database.CreateTenantAsync(ct: Ct);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task What_was_billed_is_booked_and_the_rest_is_free_again()
    {
        var (budgets, who) = (On("one"), Who);
        var held = await HoldAsync(budgets, who, .5m);
        (await ScopesAsync()).ShouldBe(["conversation 0.5 0", "end_user 0.5 0", "tenant_day 0.5 0", "tenant_month 0.5 0"]);
        var usage = new ModelUsage { InputTokens = 100, CachedReadTokens = 2_000, CacheWriteTokens = 30, OutputTokens = 40 };
        (await budgets.SettleAsync(held, new Bill("anthropic", "sonnet") { Usage = usage, Cost = .123456789m }, Ct)).ShouldBeTrue();
        (await ScopesAsync()).ShouldBe(["conversation 0 0.123456789", "end_user 0 0.123456789", "tenant_day 0 0.123456789", "tenant_month 0 0.123456789"]);
        (await UsageAsync()).ShouldBe(["sonnet 100 2000 30 40 0.123456789 True"]);
        (await budgets.SettleAsync(held, new Bill("anthropic", "sonnet") { Usage = usage, Cost = 1 }, Ct)).ShouldBeFalse("a call is booked once");
        (await UsageAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_not_billed_leaves_nothing_and_an_unknown_bill_costs_the_reserve()
    {
        var budgets = On("one");
        await budgets.ReleaseAsync(await HoldAsync(budgets, Who, .5m), Ct);
        (await UsageAsync()).ShouldBeEmpty();
        (await MonthAsync()).ShouldBe((0m, 0m));
        await budgets.SettleAsync(await HoldAsync(budgets, Who, .25m), new Bill("openai", "large"), Ct);
        (await UsageAsync()).ShouldBe(["large 0 0 0 0 0.250000000 False"]);
        (await MonthAsync()).ShouldBe((0m, .25m));
    }

    [Fact]
    public async Task A_hard_cap_is_never_passed_by_calls_at_once()
    {
        await SetAsync(new BudgetSettings { Month = 1, Day = null, Conversation = null, EndUser = null, Anonymous = null, HardCap = true });
        var (budgets, conversations) = (On("one"), Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToArray());
        var (worst, granted) = (0m, 0);
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 12, CancellationToken = Ct }, async (i, ct) =>
        {
            var who = Who with { ConversationId = conversations[i % 5], Anonymous = i % 3 == 0 };
            var reserved = await budgets.ReserveAsync(who, [new(ModelTier.Large, "p", "large", .03m), new(ModelTier.Small, "p", "small", .007m)], extractive: true, Lease, ct);
            var (held, settled) = await MonthAsync();
            lock (conversations)
            {
                worst = Math.Max(worst, held + settled);
            }
            if (reserved.Reservation is not { } reservation)
            {
                reserved.Step.Outcome.ShouldBe(LadderOutcome.Extractive);
                return;
            }
            Interlocked.Increment(ref granted);
            await (i % 4 == 0 ? budgets.ReleaseAsync(reservation, ct)
                : budgets.SettleAsync(reservation, new Bill("p", reservation.Model) { Usage = i % 7 == 0 ? null : new ModelUsage(), Cost = i % 7 == 0 ? null : reservation.Amount / 2 }, ct));
        });
        worst.ShouldBeLessThanOrEqualTo(1);
        var (left, spent) = await MonthAsync();
        left.ShouldBe(0);
        spent.ShouldBeInRange(.9m, 1, "the cap is also used");
        granted.ShouldBeInRange(40, 299);
        (await SumAsync("select sum(cost) from usage")).ShouldBe(spent);
        // The scopes of conversations and people add up to the same.
        (await SumAsync("select sum(settled) from budget_scopes where kind = 'conversation'")).ShouldBe(spent);
        (await SumAsync("select sum(settled) from budget_scopes where kind in ('end_user', 'anonymous')")).ShouldBe(spent);
        (await SumAsync("select count(*) from budget_reservations")).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_dead_node_held_is_settled_at_its_whole_amount_once()
    {
        var (dead, alive) = (On("dead"), On("alive"));
        var lost = await HoldAsync(dead, Who, .5m);
        await HoldAsync(alive, Who, .125m);
        await SweepAsync(alive);
        (await UsageAsync()).ShouldBeEmpty("both may still be under way");
        await _database.System.ExecuteAsync("select node_gone('dead')", null, Ct);
        await Task.WhenAll(SweepAsync(alive), SweepAsync(On("other")));
        (await UsageAsync()).ShouldBe(["m 0 0 0 0 0.500000000 False"]);
        (await MonthAsync()).ShouldBe((.125m, .5m));
        (await dead.SettleAsync(lost, new Bill("p", "m") { Usage = new ModelUsage(), Cost = .1m }, Ct)).ShouldBeFalse("it was only slow, and comes too late");
        (await MonthAsync()).ShouldBe((.125m, .5m));
    }

    [Fact]
    public async Task A_node_that_says_nothing_for_a_minute_has_lost_its_calls_and_every_lease_ends()
    {
        await _database.System.ExecuteAsync("select node_seen('silent', '1')", null, Ct);
        await HoldAsync(On("silent"), Who, .5m);
        await HoldAsync(On("command"), Who, .25m, TimeSpan.Zero);
        await HoldAsync(On("command"), Who, .125m);
        await SweepAsync(On("alive"));
        (await MonthAsync()).ShouldBe((.625m, .25m));
        await using var everything = await _database.Owner.OpenConnectionAsync(Ct);
        await everything.ExecuteAsync("update nodes set seen_at = now() - interval '61 seconds'");
        await SweepAsync(On("alive"));
        (await MonthAsync()).ShouldBe((.125m, .75m));
    }

    [Fact]
    public async Task A_call_is_booked_in_the_day_and_month_in_which_it_was_reserved()
    {
        await SetAsync(new BudgetSettings { Day = 1, HardCap = true });
        var budgets = On("one");
        var before = await HoldAsync(budgets, Who, .75m);
        (await budgets.ReserveAsync(Who, [new(ModelTier.Small, "p", "m", .5m)], extractive: true, Lease, Ct)).Step.Reason.ShouldBe(BudgetScope.Day);
        _time.Advance(TimeSpan.FromDays(32));
        var after = await HoldAsync(budgets, Who, .5m);
        await budgets.SettleAsync(before, new Bill("p", "m") { Usage = new ModelUsage(), Cost = .6m }, Ct);
        await budgets.SettleAsync(after, new Bill("p", "m") { Usage = new ModelUsage(), Cost = .4m }, Ct);
        await using var everything = await _database.Everything.OpenConnectionAsync(Ct);
        (await everything.QueryAsync<decimal>("select settled from budget_scopes where kind in ('tenant_month', 'tenant_day') order by kind, period")).ShouldBe([.6m, .4m, .6m, .4m]);
        (await everything.QueryAsync<bool>("""
            select (select sum(u.cost) from usage u where date_trunc('month', u.at at time zone 'utc') = s.period) = s.settled from budget_scopes s where kind = 'tenant_month'
            """)).ShouldBe([true, true]);
    }

    [Fact]
    public async Task Each_step_that_is_passed_is_one_alert_once_in_a_period()
    {
        await SetAsync(new BudgetSettings { Month = 10, Day = 1, Conversation = null, EndUser = null });
        var budgets = On("one");
        foreach (var cost in new[] { .5m, .25m, .01m, .2m, .5m, .01m })
        {
            await budgets.SettleAsync(await HoldAsync(budgets, Who, cost), new Bill("p", "m") { Usage = new ModelUsage(), Cost = cost }, Ct);
        }
        string[] passed = ["tenant_day 70", "tenant_day 80", "tenant_day 90", "tenant_day 100", "tenant_day 110", "tenant_day 120"];
        (await AlertsAsync()).ShouldBe(passed);
        _time.Advance(TimeSpan.FromDays(1));
        await budgets.SettleAsync(await HoldAsync(budgets, Who, .8m), new Bill("p", "m") { Usage = new ModelUsage(), Cost = .8m }, Ct);
        (await AlertsAsync()).ShouldBe([.. passed, "tenant_day 70", "tenant_day 80"]);
    }

    [Fact]
    public async Task Visitors_who_are_not_verified_share_a_small_scope_whatever_they_call_themselves()
    {
        await SetAsync(new BudgetSettings { Anonymous = .5m });
        var budgets = On("one");
        await HoldAsync(budgets, Who with { Anonymous = true }, .3m);
        (await budgets.ReserveAsync(Who with { Anonymous = true }, [new(ModelTier.Small, "p", "m", .3m)], extractive: false, Lease, Ct)).Step
            .ShouldSatisfyAllConditions(step => step.Outcome.ShouldBe(LadderOutcome.Person), step => step.Reason.ShouldBe(BudgetScope.Anonymous));
        (await AlertsAsync()).ShouldBe(["anonymous 100"]);
        await HoldAsync(budgets, Who, .3m); // a verified customer is still served
    }

    [Fact]
    public async Task The_application_sweeps_and_forgets_by_itself()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        host.Services.GetRequiredService<ModelPipeline>().Chat.ShouldNotBeNull();
        var (budgets, tenant) = (host.Services.GetRequiredService<Budgets>(), (await host.TenantAsync()).Id);
        await HoldAsync(budgets, new Spender { TenantId = tenant, Feature = "answer", ConversationId = Guid.CreateVersion7() }, .5m, TimeSpan.Zero);
        await RunAsync(BudgetSweep.Name);
        await using var everything = await host.Database.Everything.OpenConnectionAsync(Ct);
        (await everything.ExecuteScalarAsync<decimal>("select sum(cost) from usage where not settled")).ShouldBe(.5m);
        (await everything.ExecuteScalarAsync<int>("select count(*)::int from budget_scopes where settled = .5 and held = 0")).ShouldBe(3);
        host.Time.Advance(TimeSpan.FromDays(91));
        await RunAsync(BudgetSweep.ExpireName);
        (await everything.QueryAsync<string>("select kind from budget_scopes")).ShouldBe([BudgetScope.Month]);

        Task RunAsync(string schedule) => host.Services.GetServices<Schedule>().Single(each => each.Name == schedule).RunAsync(host.Services, Ct);
    }

    private Budgets On(string node) => new(_database.Tenants, new ConfigurationStore(_time), new NodeIdentity(node, "1"), _time, NullLogger<Budgets>.Instance);

    private static async Task<Reservation> HoldAsync(Budgets budgets, Spender who, decimal amount, TimeSpan? lease = null) =>
        (await budgets.ReserveAsync(who, [new(ModelTier.Small, "p", "m", amount)], extractive: true, lease ?? Lease, Ct)).Reservation.ShouldNotBeNull();

    private Task SweepAsync(Budgets budgets) => new BudgetSweep(_database.System, budgets, NullLogger<BudgetSweep>.Instance).RunAsync(Ct);

    private Task SetAsync(BudgetSettings settings) => _database.Tenants.InTransactionAsync(_tenant,
        session => new ConfigurationStore(_time).SaveAndPublishAsync(session, BudgetSettings.Kind, _tenant, settings, null), Ct);

    private async Task<(decimal Held, decimal Settled)> MonthAsync()
    {
        await using var everything = await _database.Everything.OpenConnectionAsync(Ct);
        return await everything.QuerySingleAsync<(decimal, decimal)>("select held, settled from budget_scopes where kind = 'tenant_month'");
    }

    private async Task<decimal> SumAsync(string sql)
    {
        await using var everything = await _database.Everything.OpenConnectionAsync(Ct);
        return await everything.ExecuteScalarAsync<decimal>(sql);
    }

    private Task<List<string>> ScopesAsync() => ListAsync("select kind || ' ' || trim_scale(held) || ' ' || trim_scale(settled) from budget_scopes order by kind");

    private Task<List<string>> AlertsAsync() => ListAsync("select kind || ' ' || step from budget_alerts order by at, step");

    private Task<List<string>> UsageAsync() => ListAsync("""
        select model || ' ' || input_tokens || ' ' || cached_tokens || ' ' || cache_write_tokens || ' ' || output_tokens || ' ' || cost || ' ' || case when settled then 'True' else 'False' end from usage order by at
        """);

    private async Task<List<string>> ListAsync(string sql)
    {
        await using var everything = await _database.Everything.OpenConnectionAsync(Ct);
        return [.. await everything.QueryAsync<string>(sql)];
    }
}
