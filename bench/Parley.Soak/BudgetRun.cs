using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Testkit;
using Parley.Testkit.Faults;
using Parley.Testkit.Models;

namespace Parley.Soak;

/// <summary>
/// Calls of several nodes on one tenant with hard caps: most of them reserve and settle at once, a part goes through the whole stack to providers that time out,
/// break off and fail. One node is a process of its own that is killed with -9 between reserving and settling, and the day or month changes in the middle. Meanwhile the sum of settled and
/// held is read all the time.
/// </summary>
internal sealed class BudgetRun : IAsyncDisposable
{
    private const int Parallel = 24;

    /// <summary>Every so many of the calls go to a provider.</summary>
    private const int EachFaulty = 30;

    private readonly PostgresFixture _postgres = new();
    private ModelsDouble? _providers;

    private const string HeldSql = "select count(*)::int from budget_reservations where node = @node";

    public async ValueTask DisposeAsync()
    {
        await (_providers?.DisposeAsync() ?? default);
        await _postgres.DisposeAsync();
    }

    internal async Task<FaultRound> RunAsync(Random random, int calls)
    {
        await using var database = await _postgres.CreateDatabaseAsync();
        var (time, tenant) = (new ShiftableTime(), await database.CreateTenantAsync());
        // So that all caps are met: an average call would hold two cents on the large tier.
        var settings = new BudgetSettings { Month = calls / 500m, Day = calls / 800m, Conversation = calls / 10_000m, EndUser = null, Anonymous = calls / 4_000m, HardCap = true, RequestsPerMinute = null, TokensPerMinute = null };
        await database.Tenants.InTransactionAsync(tenant, s => new ConfigurationStore(time).SaveAndPublishAsync(s, BudgetSettings.Kind, tenant, settings, null), CancellationToken.None);
        var providers = _providers ??= await ModelsDouble.StartAsync();
        var address = new Uri(providers.Address);
        ModelNode[] living = [.. Enumerable.Range(1, 3).Select(i => new ModelNode($"node-{i}", database.Tenants, database.System, database.Key, address, time))];
        Budgets[] nodes = [.. living.Select(each => each.Budgets)];
        FaultyCalls[] faulty = [.. living.Select(each => new FaultyCalls(each, providers))];
        using var doomed = NodeProcess.Start(database, tenant, address, TimeSpan.Zero, random.Next());
        Guid[] conversations = [.. Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7())];
        (int Node, int Conversation, bool Anonymous, decimal Amount, double Share, int Ending)[] plan =
        [
            .. Enumerable.Range(0, calls).Select(_ => (random.Next(3), random.Next(conversations.Length), random.Next(5) == 0, random.Next(1, 40_000_000) / 1_000_000_000m, random.NextDouble(), random.Next(20))),
        ];
        var kinds = plan.Select(_ => random.Next(FaultyCalls.Kinds)).ToArray();
        // While there is still something to hold: later the caps are used up.
        var (rollover, death) = (random.Next(calls / 4, calls / 2), random.Next(calls / 40, calls / 16));
        var jump = TimeSpan.FromDays(random.Next(2) == 0 ? 1 : 32);
        var (granted, refused, lost) = (0, 0, 0);
        using var done = new CancellationTokenSource();
        await HoldsAsync(database, NodeProcess.Name);
        var watching = WatchAsync(database, settings, done.Token);
        await System.Threading.Tasks.Parallel.ForAsync(0, calls, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (i, ct) =>
        {
            if (i == rollover)
            {
                time.Advance(jump);
            }
            if (i == death)
            {
                lost = await KillAsync(database, doomed);
                await SweepAsync(database, nodes[1]);
            }
            var (call, node) = (plan[i], plan[i].Node);
            var who = new Spender { TenantId = tenant, Feature = "answer", ConversationId = conversations[call.Conversation], Anonymous = call.Anonymous };
            if (i % EachFaulty == 0)
            {
                await faulty[node].AskAsync(who, kinds[i]);
                return;
            }
            Offer[] offers = [new(ModelTier.Large, "p", "large", call.Amount), new(ModelTier.Small, "p", "small", call.Amount / 20)];
            if ((await nodes[node].ReserveAsync(who, offers, extractive: true, TimeSpan.FromMinutes(5), ct)).Reservation is not { } held)
            {
                Interlocked.Increment(ref refused);
                return;
            }
            Interlocked.Increment(ref granted);
            await (call.Ending switch
            {
                1 or 2 => nodes[node].ReleaseAsync(held, ct), // refused by the provider, nothing billed
                3 or 4 => nodes[node].SettleAsync(held, new Bill("p", held.Model), ct), // time-out, cut stream
                _ => nodes[node].SettleAsync(held, new Bill("p", held.Model) { Usage = new ModelUsage { OutputTokens = 1 }, Cost = Math.Round(held.Amount * (decimal)call.Share, 9) }, ct),
            });
        });
        await Task.WhenAll(SweepAsync(database, nodes[1]), SweepAsync(database, nodes[2]));
        foreach (var each in living)
        {
            await each.DisposeAsync();
        }
        await done.CancelAsync();
        var (looks, passed) = await watching;
        var wrong = await WrongAsync(database);
        var seen = faulty.SelectMany(each => each.Seen).GroupBy(each => each.Key).ToDictionary(each => each.Key, each => each.Sum(one => one.Value));
        if (passed > 0 || wrong.Count > 0 || lost == 0 || refused == 0)
        {
            throw new InvalidOperationException(passed > 0 ? $"A cap was passed in {passed} of {looks} looks." : wrong.Count > 0 ? string.Join("; ", wrong) : "No node died with a reservation, or no call was refused: the round says nothing.");
        }
        return FaultRound.Of($"{granted} calls granted, {refused} refused, {seen.Values.Sum()} through providers, {lost} lost with their killed process, {jump.TotalDays} days on in the middle, {looks} looks at the counters",
            [("granted", granted), ("refused", refused), ("lost", lost), ("looks", looks), .. seen.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => ("provider " + each.Key, (double)each.Value))]);
    }

    /// <summary>When it holds money, and not before. Answers how many calls it took with it.</summary>
    private static async Task<int> KillAsync(TestDatabase database, NodeProcess node)
    {
        await HoldsAsync(database, NodeProcess.Name);
        await node.KillAsync();
        await using var everything = await database.Everything.OpenConnectionAsync();
        var held = await everything.ExecuteScalarAsync<int>(HeldSql, new { node = NodeProcess.Name });
        await database.System.ExecuteAsync("select node_gone(@node)", new { node = NodeProcess.Name }, CancellationToken.None);
        return held;
    }

    private static async Task HoldsAsync(TestDatabase database, string node)
    {
        await using var everything = await database.Everything.OpenConnectionAsync();
        for (var patience = 6_000; await everything.ExecuteScalarAsync<int>(HeldSql, new { node }) == 0; patience--)
        {
            if (patience == 0)
            {
                throw new InvalidOperationException("The process never held anything.");
            }
            await Task.Delay(10);
        }
    }

    private static async Task SweepAsync(TestDatabase database, Budgets budgets)
    {
        for (var left = -1; left != 0;)
        {
            await new BudgetSweep(database.System, budgets, NullLogger<BudgetSweep>.Instance).RunAsync(CancellationToken.None);
            left = (await database.System.QueryAsync<object>("select * from budget_overdue(1)", null, CancellationToken.None)).Count;
        }
    }

    private static async Task<(int Looks, int Passed)> WatchAsync(TestDatabase database, BudgetSettings caps, CancellationToken done)
    {
        var (looks, passed) = (0, 0);
        while (!done.IsCancellationRequested)
        {
            passed += await PassedAsync(database, caps) > 0 ? 1 : 0;
            looks++;
            await Task.Delay(5, CancellationToken.None);
        }
        return (looks, passed + (await PassedAsync(database, caps) > 0 ? 1 : 0));
    }

    private static async Task<int> PassedAsync(TestDatabase database, BudgetSettings caps)
    {
        await using var everything = await database.Everything.OpenConnectionAsync();
        return await everything.ExecuteScalarAsync<int>("""
            select count(*)::int from budget_scopes where settled + held > case kind when 'tenant_month' then @Month when 'tenant_day' then @Day when 'conversation' then @Conversation else @Anonymous end
            """, new { caps.Month, caps.Day, caps.Conversation, caps.Anonymous });
    }

    private static async Task<List<string>> WrongAsync(TestDatabase database)
    {
        await using var everything = await database.Everything.OpenConnectionAsync();
        return [.. await everything.QueryAsync<string>("""
            select 'something is still held in ' || kind from budget_scopes where held <> 0
            union all select 'a reservation is left' from budget_reservations
            union all select 'the calls of a month cost ' || coalesce(sum(u.cost), 0) || ', its counter says ' || s.settled
              from budget_scopes s left join usage u on u.tenant_id = s.tenant_id and date_trunc('month', u.at at time zone 'utc') = s.period where s.kind = 'tenant_month' group by s.period, s.settled having coalesce(sum(u.cost), 0) <> s.settled
            union all select 'the calls of a day cost ' || coalesce(sum(u.cost), 0) || ', its counter says ' || s.settled
              from budget_scopes s left join usage u on u.tenant_id = s.tenant_id and date_trunc('day', u.at at time zone 'utc') = s.period where s.kind = 'tenant_day' group by s.period, s.settled having coalesce(sum(u.cost), 0) <> s.settled
            union all select 'the calls of a conversation cost ' || coalesce(sum(u.cost), 0) || ', its counter says ' || s.settled
              from budget_scopes s left join usage u on u.tenant_id = s.tenant_id and u.conversation_id = s.subject_id where s.kind = 'conversation' group by s.subject_id, s.settled having coalesce(sum(u.cost), 0) <> s.settled
            union all select 'the calls of ' || d.day || ' cost ' || sum(d.cost) || ' by the sums of days, ' || (select coalesce(sum(u.cost), 0) from usage u where (u.at at time zone 'utc')::date = d.day)
              from usage_days d group by d.day having sum(d.cost) <> (select coalesce(sum(u.cost), 0) from usage u where (u.at at time zone 'utc')::date = d.day)
            """)];
    }
}
