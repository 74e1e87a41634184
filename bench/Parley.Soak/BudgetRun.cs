using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Testkit;
using Parley.Testkit.Faults;

namespace Parley.Soak;

/// <summary>
/// Calls of several nodes on one tenant with hard caps: answers, time-outs, cut streams, refusals, nodes that die between reserving and settling, and a
/// change of day or month in the middle. Meanwhile the sum of settled and held is read all the time. The nodes are in this process: what a dead one leaves in the database
/// is a reservation that nobody ends.
/// </summary>
internal sealed class BudgetRun : IAsyncDisposable
{
    private const int Parallel = 24;

    private readonly PostgresFixture _postgres = new();

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    internal async Task<FaultRound> RunAsync(Random random, int calls)
    {
        await using var database = await _postgres.CreateDatabaseAsync();
        var (time, tenant) = (new ShiftableTime(), await database.CreateTenantAsync());
        // So that all caps are met: an average call would hold two cents on the large tier.
        var settings = new BudgetSettings { Month = calls / 500m, Day = calls / 800m, Conversation = calls / 10_000m, EndUser = null, Anonymous = calls / 4_000m, HardCap = true };
        await database.Tenants.InTransactionAsync(tenant, s => new ConfigurationStore(time).SaveAndPublishAsync(s, BudgetSettings.Kind, tenant, settings, null), CancellationToken.None);
        Budgets[] nodes = [.. Enumerable.Range(0, 4).Select(i => new Budgets(database.Tenants, new ConfigurationStore(time), new NodeIdentity($"node-{i}", "1"), time, NullLogger<Budgets>.Instance))];
        Guid[] conversations = [.. Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7())];
        (int Node, int Conversation, bool Anonymous, decimal Amount, double Share, int Ending)[] plan =
        [
            .. Enumerable.Range(0, calls).Select(_ => (random.Next(4), random.Next(conversations.Length), random.Next(5) == 0, random.Next(1, 40_000_000) / 1_000_000_000m, random.NextDouble(), random.Next(20))),
        ];
        var (rollover, death) = (random.Next(calls / 4, calls / 2), random.Next(calls / 2, calls * 3 / 4));
        var jump = TimeSpan.FromDays(random.Next(2) == 0 ? 1 : 32);
        var (granted, refused, lost, dead) = (0, 0, 0, false);
        using var done = new CancellationTokenSource();
        var watching = WatchAsync(database, settings, done.Token);
        await System.Threading.Tasks.Parallel.ForAsync(0, calls, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (i, ct) =>
        {
            if (i == rollover)
            {
                time.Advance(jump);
            }
            if (i == death)
            {
                Volatile.Write(ref dead, true);
                await database.System.ExecuteAsync("select node_gone('node-0')", null, ct);
                await SweepAsync(database, nodes[1]);
            }
            var call = plan[i];
            var node = call.Node == 0 && Volatile.Read(ref dead) ? 1 : call.Node;
            var who = new Spender { TenantId = tenant, Feature = "answer", ConversationId = conversations[call.Conversation], Anonymous = call.Anonymous };
            Offer[] offers = [new(ModelTier.Large, "p", "large", call.Amount), new(ModelTier.Small, "p", "small", call.Amount / 20)];
            if ((await nodes[node].ReserveAsync(who, offers, extractive: true, TimeSpan.FromMinutes(5), ct)).Reservation is not { } held)
            {
                Interlocked.Increment(ref refused);
                return;
            }
            Interlocked.Increment(ref granted);
            if (call.Ending == 0 && node == 0)
            {
                Interlocked.Increment(ref lost); // the node dies with it
                return;
            }
            await (call.Ending switch
            {
                1 or 2 => nodes[node].ReleaseAsync(held, ct), // refused by the provider, nothing billed
                3 or 4 => nodes[node].SettleAsync(held, new Bill("p", held.Model), ct), // time-out, cut stream
                _ => nodes[node].SettleAsync(held, new Bill("p", held.Model) { Usage = new ModelUsage { OutputTokens = 1 }, Cost = Math.Round(held.Amount * (decimal)call.Share, 9) }, ct),
            });
        });
        await database.System.ExecuteAsync("select node_gone('node-0')", null, CancellationToken.None);
        await Task.WhenAll(SweepAsync(database, nodes[1]), SweepAsync(database, nodes[2]));
        await done.CancelAsync();
        var (looks, passed) = await watching;
        var wrong = await WrongAsync(database);
        if (passed > 0 || wrong.Count > 0 || lost == 0 || refused == 0)
        {
            throw new InvalidOperationException(passed > 0 ? $"A cap was passed in {passed} of {looks} looks." : wrong.Count > 0 ? string.Join("; ", wrong) : "No node died with a reservation, or no call was refused: the round says nothing.");
        }
        return FaultRound.Of($"{granted} calls granted, {refused} refused, {lost} lost with their node, {jump.TotalDays} days on in the middle, {looks} looks at the counters",
            ("granted", granted), ("refused", refused), ("lost", lost), ("looks", looks));
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
            """)];
    }
}
