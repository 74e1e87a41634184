using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Parley.Platform.Jobs;
using Parley.Platform.Schedules;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

public sealed class ScheduleTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly JobKind Kind = new("test.scheduled");
    private TestDatabase _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync(Ct);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Of_two_nodes_one_fires_each_time()
    {
        var fired = new ConcurrentQueue<DateTimeOffset>();
        void Add(IServiceCollection services) => services.AddSchedule("test.each_second", "* * * * * ?", (_, _) =>
        {
            fired.Enqueue(TimeProvider.System.GetUtcNow());
            return Task.CompletedTask;
        });
        await using var first = await PlatformNode.StartAsync(_database, Add);
        await using var second = await PlatformNode.StartAsync(_database, Add);
        await UntilAsync(() => Task.FromResult(fired.Count >= 4));
        await first.StopAsync();
        await second.StopAsync();
        await using var connection = await _database.Owner.OpenConnectionAsync(Ct);
        (await connection.ExecuteScalarAsync<int>("select count(*)::int from quartz.qrtz_triggers where trigger_name = 'test.each_second'")).ShouldBe(1);
        // A history of every firing would grow for ever, and nothing reads it.
        (await connection.ExecuteScalarAsync<int>("select (select count(*) from quartz.qrtz_execution_history)::int + (select count(*) from quartz.qrtz_misfire_history)::int")).ShouldBe(0);
        // Two firings of one second would come as two entries between two full seconds.
        fired.GroupBy(at => at.ToUnixTimeSeconds()).Count(second => second.Count() > 1).ShouldBeLessThan(2);
    }

    [Fact]
    public async Task A_tenants_schedule_gives_each_active_tenant_one_job_and_no_second_while_it_waits()
    {
        var tenants = new[] { await _database.CreateTenantAsync(ct: Ct), await _database.CreateTenantAsync(ct: Ct) };
        await using var node = await PlatformNode.StartAsync(_database, _ => { }, runsJobs: false);
        var fanOut = node.Services.GetRequiredService<TenantFanOut>();
        await fanOut.RunAsync(Kind, Ct);
        await fanOut.RunAsync(Kind, Ct);
        await using var all = await _database.Everything.OpenConnectionAsync(Ct);
        (await all.QueryAsync<Guid>("select tenant_id from jobs where kind = 'test.scheduled'")).ShouldBe(tenants, ignoreOrder: true);
    }

    [Fact]
    public async Task The_schedulers_role_reaches_its_own_tables_and_nothing_else()
    {
        await using var connection = await _database.Sources.Scheduler.OpenConnectionAsync(Ct);
        (await connection.ExecuteScalarAsync<int>("select count(*)::int from quartz.qrtz_locks")).ShouldBeGreaterThanOrEqualTo(0);
        foreach (var table in new[] { "tenants", "jobs", "users", "schema_migrations", "instance_settings" })
        {
            (await Should.ThrowAsync<PostgresException>(connection.ExecuteAsync($"select 1 from {table}"))).SqlState.ShouldBe("42501", table);
        }
        (await Should.ThrowAsync<PostgresException>(connection.ExecuteAsync("select tenant_ids()"))).SqlState.ShouldBe("42501");
    }

    [Fact]
    public async Task Housekeeping_makes_months_ahead_and_throws_away_what_expired()
    {
        var tenant = await _database.CreateTenantAsync(ct: Ct);
        await using (var owner = await _database.Owner.OpenConnectionAsync(Ct))
        {
            await owner.ExecuteAsync($"drop table {await owner.ExecuteScalarAsync<string>("select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'audit'::regclass")}");
        }
        await _database.Tenants.InTransactionAsync(tenant, s => s.ExecuteAsync("""
            insert into idempotency_keys (tenant_id, principal, route, key, body_hash, locked_until, created_at)
            values (@tenant, 'p', 'r', 'old', '\x00', now(), now() - interval '2 days'), (@tenant, 'p', 'r', 'new', '\x00', now(), now())
            """, new { tenant }), Ct);
        await _database.System.ExecuteAsync(Scheduling.PartitionsSql, new { now = TimeProvider.System.GetUtcNow() }, Ct);
        await _database.System.ExecuteAsync(Scheduling.ExpireSql, new { now = TimeProvider.System.GetUtcNow() }, Ct);
        await using var connection = await _database.Owner.OpenConnectionAsync(Ct);
        (await connection.ExecuteScalarAsync<int>("select count(*)::int from pg_inherits where inhparent = 'audit'::regclass")).ShouldBe(5);
        (await _database.Tenants.InTransactionAsync(tenant, s => s.QueryAsync<string>("select key from idempotency_keys"), Ct)).ShouldBe(["new"]);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!await holds())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
