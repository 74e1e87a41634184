using Npgsql;
using Parley.Host;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>The rules of tenancy, every statement and a job's life on PostgreSQL 15, the oldest version that Parley supports.</summary>
public sealed class OldestPostgresTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Schema_statements_and_jobs_work_on_postgresql_15()
    {
        Assert.SkipUnless(ForeignPostgres.IsInstalled, "postgresql-15 is not installed: apt-get install postgresql-15");
        await using var server = await ForeignPostgres.StartAsync(Ct);
        var options = new DatabaseOptions(await server.CreateDatabaseAsync("parley", "createrole", Ct));
        var key = MasterKey.Parse(Convert.ToBase64String(new byte[32]));
        await new Migrator(options, key, Modules.Migrations).MigrateAsync(Ct);
        await using var sources = new DataSources(options, key);
        await using (var owner = new NpgsqlConnection(options.OwnerConnectionString))
        {
            await owner.OpenAsync(Ct);
            (await CatalogRules.ViolationsAsync(owner, options)).ShouldBeEmpty();
        }
        string.Join("\n", await StatementTests.FailuresAsync(sources, options)).ShouldBeEmpty();

        var (tenants, system) = (new TenantDb(sources), new SystemDb(sources));
        var tenant = await system.QuerySingleOrDefaultAsync<Guid>("select tenant_create(@id, 'old', 'Old', false, now())", new { id = Ids.New(TimeProvider.System) }, Ct);
        foreach (var name in new[] { "first", "second" })
        {
            await tenants.InTransactionAsync(tenant, s => s.ExecuteAsync(
                "select job_enqueue(@tenant, @id, 'test.kind', 'aggregate', '{}', 0::smallint, 5, now(), now())", new { tenant, id = Ids.New(TimeProvider.System), name }), Ct);
        }
        for (var left = 2; left > 0; left--)
        {
            var job = (await system.QueryAsync<(Guid Id, int Fence)>("select id, fence from jobs_claim('node', false, '{test.kind}', @none, 10, '1 minute')", new { none = Guid.Empty }, Ct)).ShouldHaveSingleItem();
            (await tenants.InTransactionAsync(tenant, s => s.QuerySingleAsync<bool>("select job_complete(@tenant, @Id, @Fence, 'node', 'aggregate')", new { tenant, job.Id, job.Fence }), Ct)).ShouldBeTrue();
        }
        await system.ExecuteAsync("select tenant_delete(@tenant)", new { tenant }, Ct);
    }
}
