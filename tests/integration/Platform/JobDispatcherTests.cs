using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform;
using Parley.Platform.Jobs;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

public sealed class JobDispatcherTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly JobKind Turn = new("test.turn", Priority: 10, MaxAttempts: 3, LeaseSeconds: 2);
    private static readonly JobKind Import = new("test.import", MaxAttempts: 2, LeaseSeconds: 2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Script _script = new();
    private TestDatabase _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync(Ct);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_job_runs_once_it_is_committed_and_leaves_a_row_of_history()
    {
        await using var node = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await Should.ThrowAsync<InvalidOperationException>(_database.Tenants.InTransactionAsync(tenant, async s =>
        {
            await node.Queue.EnqueueAsync(s, Turn, new Work("rolled back"));
            throw new InvalidOperationException();
        }, Ct));
        await AddAsync(node, tenant, Turn, "a");
        await _script.WaitForAsync("a");
        await EmptyAsync();
        _script.Ran.ShouldBe(["a"]);
        (await AllAsync<string>("select kind || ' ' || outcome || ' ' || attempts from job_history")).ShouldBe(["test.turn done 1"]);
    }

    [Fact]
    public async Task Jobs_of_one_aggregate_run_one_after_another_in_their_order_and_others_beside_them()
    {
        var gate = _script.Hold("a1");
        await using var node = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        foreach (var name in new[] { "a1", "a2", "a3" })
        {
            await AddAsync(node, tenant, Turn, name, "conversation-a");
        }
        await AddAsync(node, tenant, Turn, "b1", "conversation-b");
        await _script.WaitForAsync("b1");
        _script.Ran.ShouldNotContain("a2");
        gate.SetResult();
        await _script.WaitForAsync("a3");
        _script.Ran.Where(name => name[0] == 'a').ShouldBe(["a1", "a2", "a3"]);
        _script.MostAtOnce("conversation-a").ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_waits_for_the_poll_neither_the_first_nor_the_next_of_an_aggregate_nor_another_nodes_job()
    {
        await using var node = await StartAsync(new JobOptions { Poll = TimeSpan.FromHours(1) });
        await using var web = await StartAsync(runsJobs: false);
        await node.Services.GetRequiredService<Parley.Platform.Feed.FeedNotifier>().Listening.Task.WaitAsync(Patience, Ct);
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        var gate = _script.Hold("a1");
        foreach (var name in new[] { "a1", "a2", "a3" })
        {
            await AddAsync(node, tenant, Turn, name, "conversation");
        }
        await _script.WaitForAsync("a1");
        gate.SetResult();
        await _script.WaitForAsync("a3");
        await AddAsync(web, tenant, Turn, "from another node");
        await _script.WaitForAsync("from another node");
    }

    [Fact]
    public async Task A_failed_job_is_tried_again_and_then_given_up_and_the_next_of_its_aggregate_goes_on()
    {
        _script.FailAlways("poison");
        await using var node = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await AddAsync(node, tenant, Import, "poison", "source");
        await AddAsync(node, tenant, Import, "after", "source");
        await AddAsync(node, tenant, Import, "beside");
        await _script.WaitForAsync("beside");
        await _script.WaitForAsync("after");
        _script.Ran.Where(name => name is "poison" or "after").ShouldBe(["poison", "poison", "after"]);
        await EmptyAsync();
        (await AllAsync<string>("select state || ' ' || attempts || ' ' || last_error from jobs where state = 'dead'")).ShouldBe(["dead 2 InvalidOperationException: scripted"]);
        (await AllAsync<string>("select outcome from job_history order by outcome")).ShouldBe(["dead", "done", "done"]);
    }

    [Fact]
    public async Task What_is_abandoned_is_not_tried_again()
    {
        _script.Abandon("hopeless");
        await using var node = await StartAsync();
        await AddAsync(node, await _database.CreateTenantAsync(ct: Ct), Import, "hopeless");
        await UntilAsync(async () => (await AllAsync<int>("select count(*)::int from jobs where state = 'dead' and attempts = 1"))[0] == 1);
        _script.Ran.ShouldBe(["hopeless"]);
    }

    [Fact]
    public async Task Imports_never_take_the_slots_of_turns()
    {
        var gates = Enumerable.Range(0, 6).Select(i => _script.Hold("import" + i)).ToList();
        await using var node = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        for (var i = 0; i < 6; i++)
        {
            await AddAsync(node, tenant, Import, "import" + i);
        }
        await _script.WaitForAsync("import0");
        await AddAsync(node, tenant, Turn, "turn");
        await _script.WaitForAsync("turn");
        gates.ForEach(gate => gate.SetResult());
        await EmptyAsync();
    }

    [Fact]
    public async Task A_tenant_with_many_jobs_delays_another_by_one_job_only()
    {
        await using var node = await StartAsync(new JobOptions { Poll = TimeSpan.FromMilliseconds(100), BackgroundSlots = 1 });
        var (busy, quiet) = (await _database.CreateTenantAsync(ct: Ct), await _database.CreateTenantAsync(ct: Ct));
        var gate = _script.Hold("busy0");
        await AddAsync(node, busy, Import, "busy0");
        await _script.WaitForAsync("busy0");
        for (var i = 1; i < 40; i++)
        {
            await AddAsync(node, busy, Import, "busy" + i);
        }
        await AddAsync(node, quiet, Import, "quiet");
        gate.SetResult();
        await EmptyAsync();
        _script.Ran.ToList().IndexOf("quiet").ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_job_for_later_waits_until_business_time_reaches_it()
    {
        var time = new ShiftableTime();
        await using var node = await StartAsync(time: time);
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await _database.Tenants.InTransactionAsync(tenant, s => node.Queue.EnqueueAsync(s, Import, new Work("tomorrow"), runAt: time.GetUtcNow().AddDays(1)), Ct);
        await AddAsync(node, tenant, Import, "now");
        await _script.WaitForAsync("now");
        _script.Ran.ShouldBe(["now"]);
        time.Advance(TimeSpan.FromDays(1));
        await _script.WaitForAsync("tomorrow");
    }

    [Fact]
    public async Task Of_two_nodes_one_runs_each_job()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        for (var i = 0; i < 60; i++)
        {
            await AddAsync(i % 2 == 0 ? first : second, tenant, Turn, "job" + i, "aggregate" + (i % 7));
        }
        await EmptyAsync();
        _script.Ran.Count.ShouldBe(60);
        _script.Ran.Distinct().Count().ShouldBe(60);
        for (var aggregate = 0; aggregate < 7; aggregate++)
        {
            _script.MostAtOnce("aggregate" + aggregate).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Who_lost_the_lease_is_cancelled_and_cannot_commit()
    {
        var gate = _script.Hold("slow", ignoreCancellation: true);
        await using var node = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await AddAsync(node, tenant, Turn, "slow");
        await _script.WaitForAsync("slow");
        // As another node would take it over, after this one was cut off from the database for longer than the lease.
        (await _database.System.QueryAsync<Guid>("select id from jobs_claim('other', true, '{test.turn}', '00000000-0000-0000-0000-000000000000', 1, '1 minute')", null, Ct)).ShouldBeEmpty();
        await ExecuteAsync("update jobs set lease_until = now() - interval '1 second', leased_by = 'cut off'");
        await UntilAsync(() => Task.FromResult(_script.Cancelled.Contains("slow")));
        await UntilAsync(async () => (await AllAsync<int>("select fence from jobs where fence = 2"))is [2]);
        gate.SetResult();
        await EmptyAsync();
        // The first attempt woke up late, tried to complete and was refused; the second did the work.
        await UntilAsync(() => Task.FromResult(_script.LostLeases == 1));
        (await AllAsync<int>("select count(*)::int from brands")).ShouldBe([1]);
        (await AllAsync<string>("select outcome from job_history")).ShouldBe(["done"]);
    }

    [Fact]
    public async Task What_a_node_held_that_is_known_to_be_dead_goes_on_at_once()
    {
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await using (var web = await StartAsync(runsJobs: false))
        {
            await AddAsync(web, tenant, Turn, "left");
            await AddAsync(web, tenant, Turn, "held");
        }
        await ExecuteAsync("update jobs set state = 'running', attempts = 1, fence = 1, leased_by = 'dead', lease_until = now() + interval '1 hour' where payload->>'name' = 'left'");
        await ExecuteAsync("update jobs set state = 'running', attempts = 1, fence = 1, leased_by = 'alive', lease_until = now() + interval '1 hour' where payload->>'name' = 'held'");
        await using var node = await StartAsync();
        await node.Services.GetRequiredService<GoneNode>().ReleaseAsync("dead", Ct);
        await _script.WaitForAsync("left");
        await UntilAsync(async () => (await AllAsync<string>("select outcome || ' ' || attempts from job_history")) is ["done 2"]);
        (await AllAsync<string>("select leased_by from jobs")).ShouldBe(["alive"]);
    }

    [Fact]
    public async Task A_long_job_keeps_its_lease()
    {
        var gate = _script.Hold("long");
        await using var node = await StartAsync();
        await AddAsync(node, await _database.CreateTenantAsync(ct: Ct), Turn, "long");
        await _script.WaitForAsync("long");
        var first = (await AllAsync<DateTime>("select lease_until from jobs"))[0];
        await UntilAsync(async () => (await AllAsync<DateTime>("select lease_until from jobs"))[0] > first.AddSeconds(2));
        gate.SetResult();
        await EmptyAsync();
        _script.Ran.ShouldBe(["long"]);
    }

    [Fact]
    public async Task A_job_whose_node_died_on_its_last_attempt_is_given_up()
    {
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await using (var node = await StartAsync(runsJobs: false))
        {
            await AddAsync(node, tenant, Import, "killer", "source");
            await AddAsync(node, tenant, Import, "next", "source");
        }
        await ExecuteAsync("update jobs set state = 'running', attempts = 2, fence = 2, leased_by = 'dead', lease_until = now() - interval '1 second' where state = 'queued'");
        await using var survivor = await StartAsync();
        await _script.WaitForAsync("next");
        _script.Ran.ShouldBe(["next"]);
        (await AllAsync<string>("select last_error from jobs where state = 'dead'")).ShouldBe(["lease expired"]);
    }

    [Fact]
    public async Task A_stopping_node_finishes_turns_and_hands_imports_back_without_counting_the_attempt()
    {
        var turn = _script.Hold("turn", ignoreCancellation: true);
        _ = _script.Hold("import");
        var node = await StartAsync();
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await AddAsync(node, tenant, Turn, "turn");
        await AddAsync(node, tenant, Import, "import");
        await _script.WaitForAsync("turn");
        await _script.WaitForAsync("import");
        var stopping = node.StopAsync();
        await UntilAsync(() => Task.FromResult(_script.Cancelled.Contains("import")));
        stopping.IsCompleted.ShouldBeFalse();
        turn.SetResult();
        await stopping;
        await node.DisposeAsync();
        (await AllAsync<string>("select kind || ' ' || state || ' ' || attempts from jobs")).ShouldBe(["test.import queued 0"]);
        (await AllAsync<string>("select kind || ' ' || outcome from job_history")).ShouldBe(["test.turn done"]);
    }

    [Fact]
    public async Task What_failed_because_the_database_was_away_does_not_rest_until_its_lease_ends()
    {
        await using var own = new PostgresFixture();
        await using var database = await own.CreateDatabaseAsync(Ct);
        await using var node = await PlatformNode.StartAsync(database, services => services.AddSingleton(_script).AddJob<ScriptedJob>(Turn with { LeaseSeconds = 3600 }));
        var gate = _script.Hold("work");
        await AddAsync(node, await database.CreateTenantAsync(ct: Ct), Turn, "work", database: database);
        await _script.WaitForAsync("work");
        var server = await own.ServerAsync(Ct);
        await server.StopAsync(Ct);
        gate.SetResult();
        await Task.Delay(500, Ct);
        await server.EnsureRunningAsync(Ct);
        await UntilAsync(async () => (await database.Everything.CreateCommand("select outcome from job_history").ExecuteScalarAsync(Ct)) is "done");
        _script.Ran.ShouldBe(["work", "work"]);
    }

    [Fact]
    public async Task Work_goes_on_after_the_database_was_restarted()
    {
        await using var own = new PostgresFixture();
        await using var database = await own.CreateDatabaseAsync(Ct);
        await using var node = await StartAsync(database: database);
        var tenant = await database.CreateTenantAsync(ct: Ct);
        await AddAsync(node, tenant, Turn, "before", database: database);
        await _script.WaitForAsync("before");
        var server = await own.ServerAsync(Ct);
        await server.StopAsync(Ct);
        await server.EnsureRunningAsync(Ct);
        await AddAsync(node, tenant, Turn, "after", database: database);
        await _script.WaitForAsync("after");
    }

    [Fact]
    public async Task A_claim_is_one_index_probe_per_job_also_behind_a_hundred_thousand()
    {
        var tenants = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            tenants.Add(await _database.CreateTenantAsync(ct: Ct));
        }
        await ExecuteAsync("""
            insert into jobs (tenant_id, id, kind, state, run_at, created_at, aggregate_key)
            select (@tenants)[1 + i % 20], gen_random_uuid(), 'test.import', case when i % 3 = 0 then 'waiting' when i % 3 = 1 then 'scheduled' else 'queued' end, now(), now(),
                   case when i % 3 = 0 then 'busy' end
              from generate_series(1, 100000) i
            """, new { tenants = tenants.ToArray() });
        await ExecuteAsync("analyze jobs");
        var plan = string.Join('\n', await AllAsync<string>("""
            explain (analyze, buffers) select j.tenant_id, j.id from jobs j
             where j.state = 'queued' and not j.interactive and j.kind = any ('{test.import}') and j.tenant_id > '00000000-0000-0000-0000-000000000000'
             order by j.tenant_id, j.priority desc, j.run_at, j.position limit 1 for update skip locked
            """));
        plan.ShouldContain("jobs_claimable");
        plan.ShouldNotContain("Sort");
        plan.ShouldNotContain("Seq Scan");
        var claimed = await _database.System.QueryAsync<Guid>(
            "select tenant_id from jobs_claim('node', false, '{test.import}', '00000000-0000-0000-0000-000000000000', 20, '1 minute')", null, Ct);
        claimed.Distinct().Count().ShouldBe(20);
    }

    private Task<PlatformNode> StartAsync(JobOptions? jobs = null, bool runsJobs = true, TimeProvider? time = null, TestDatabase? database = null) =>
        PlatformNode.StartAsync(database ?? _database, services =>
        {
            services.AddSingleton(_script).AddJob<ScriptedJob>(Turn);
            services.AddSingleton(new JobRegistration(Import, typeof(ScriptedJob)));
            if (time is not null)
            {
                services.AddSingleton(time);
            }
        }, jobs, runsJobs);

    private Task AddAsync(PlatformNode node, Guid tenant, JobKind kind, string name, string? aggregate = null, TestDatabase? database = null) =>
        (database ?? _database).Tenants.InTransactionAsync(tenant, s => node.Queue.EnqueueAsync(s, kind, new Work(name, aggregate), aggregate), Ct);

    private Task EmptyAsync() => UntilAsync(async () => (await AllAsync<int>("select count(*)::int from jobs where state <> 'dead'"))[0] == 0);

    private async Task<List<T>> AllAsync<T>(string sql)
    {
        await using var connection = await _database.Everything.OpenConnectionAsync(Ct);
        return (await connection.QueryAsync<T>(sql)).AsList();
    }

    private async Task ExecuteAsync(string sql, object? args = null)
    {
        await using var connection = sql.StartsWith("analyze", StringComparison.Ordinal) ? await _database.Owner.OpenConnectionAsync(Ct) : await _database.Everything.OpenConnectionAsync(Ct);
        await connection.ExecuteAsync(sql, args);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private sealed record Work(string Name, string? Aggregate = null);

    /// <summary>What the jobs of a test do, and what they did.</summary>
    private sealed class Script
    {
        private readonly ConcurrentDictionary<string, (TaskCompletionSource Gate, bool IgnoreCancellation)> _held = new();
        private readonly ConcurrentDictionary<string, bool> _failing = new();
        private readonly ConcurrentDictionary<string, (int Now, int Most)> _atOnce = new();

        public ConcurrentQueue<string> Ran { get; } = new();

        public ConcurrentQueue<string> Cancelled { get; } = new();

        public int LostLeases;

        public TaskCompletionSource Hold(string name, bool ignoreCancellation = false) =>
            _held.GetOrAdd(name, _ => (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), ignoreCancellation)).Gate;

        public void FailAlways(string name) => _failing[name] = false;

        public void Abandon(string name) => _failing[name] = true;

        public int MostAtOnce(string aggregate) => _atOnce[aggregate].Most;

        public Task WaitForAsync(string name) => UntilAsync(() => Task.FromResult(Ran.Contains(name)));

        public async Task RunAsync(Work work, CancellationToken ct)
        {
            var aggregate = work.Aggregate ?? "";
            _atOnce.AddOrUpdate(aggregate, (1, 1), (_, n) => (n.Now + 1, Math.Max(n.Most, n.Now + 1)));
            Ran.Enqueue(work.Name);
            try
            {
                if (_held.TryGetValue(work.Name, out var held) && held.IgnoreCancellation)
                {
                    await using var registration = ct.Register(() => Cancelled.Enqueue(work.Name));
                    await held.Gate.Task;
                }
                else if (held.Gate is not null)
                {
                    await held.Gate.Task.WaitAsync(ct);
                }
            }
            catch (OperationCanceledException)
            {
                Cancelled.Enqueue(work.Name);
                throw;
            }
            finally
            {
                _atOnce.AddOrUpdate(aggregate, (0, 0), (_, n) => (n.Now - 1, n.Most));
            }
            if (_failing.TryGetValue(work.Name, out var abandon))
            {
                throw abandon ? new JobAbandonedException("scripted") : new InvalidOperationException("scripted");
            }
        }
    }

    private sealed class ScriptedJob(Script script, Parley.Platform.Data.TenantDb db) : IJobHandler
    {
        public async Task HandleAsync(JobContext job, CancellationToken ct)
        {
            await script.RunAsync(job.Payload<Work>(), ct);
            try
            {
                await db.InTransactionAsync(job.TenantId, async s =>
                {
                    await s.ExecuteAsync("insert into brands (tenant_id, id, name, created_at) values (@tenantId, gen_random_uuid(), 'work ' || gen_random_uuid(), now())", new { job.TenantId });
                    await job.CompleteAsync(s);
                }, CancellationToken.None);
            }
            catch (LeaseLostException)
            {
                Interlocked.Increment(ref script.LostLeases);
                throw;
            }
        }
    }
}
