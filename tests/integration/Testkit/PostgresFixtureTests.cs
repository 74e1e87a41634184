using Dapper;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Testkit;

public sealed class PostgresFixtureTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Databases_of_two_classes_share_nothing()
    {
        await using var one = await postgres.CreateDatabaseAsync();
        await using var two = await postgres.CreateDatabaseAsync();
        var tenant = await one.CreateTenantAsync();
        (await one.System.QueryAsync<Guid>("select tenant_ids()", null, default)).ShouldContain(tenant);
        (await two.System.QueryAsync<Guid>("select tenant_ids()", null, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_definer_sees_every_tenants_rows()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.CreateTenantAsync();
        await using var everything = await database.Everything.OpenConnectionAsync();
        (await everything.QueryAsync<Guid>("select id from tenants")).Count().ShouldBe(1);
        await using var owner = await database.Owner.OpenConnectionAsync();
        (await owner.QueryAsync<Guid>("select id from tenants")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_roles_of_the_application_own_nothing_and_cannot_bypass_row_level_security()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var owner = await database.Owner.OpenConnectionAsync();
        (await owner.QueryAsync<string>("select rolname from pg_roles where rolname like 'parley%' and (rolsuper or rolbypassrls)")).ShouldBeEmpty();
        (await owner.QueryAsync<string>(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and pg_get_userbyid(relowner) in ('parley_app', 'parley_system')")).ShouldBeEmpty();
    }
}
