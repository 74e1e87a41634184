using Dapper;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>No table, view or function outside the rules of tenancy; and each rule can fail.</summary>
public sealed class CatalogTests(PostgresFixture postgres)
{
    /// <summary>For each rule, in its order, something that breaks it.</summary>
    private static readonly string[] Violations =
    [
        "create table bad (id uuid primary key)",
        "create table bad (tenant_id uuid primary key); create policy p on bad using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()))",
        "create policy everybody on brands for select using (true)",
        "create unique index bad on brands (name)",
        "create table bad (tenant_id uuid not null); call tenant_table('bad')",
        "alter table brands add column parent uuid; alter table brands add unique (tenant_id, id, parent); create unique index on companies (tenant_id, id, name); alter table users add column company uuid; create table bad (tenant_id uuid primary key, user_x uuid references users (id) on delete cascade); call tenant_table('bad')",
        "alter table tasks drop constraint tasks_tenant_id_end_user_id_fkey, add foreign key (tenant_id, end_user_id) references end_users (tenant_id, id) on delete set null",
        "alter table tasks drop constraint tasks_tenant_id_end_user_id_fkey, add foreign key (tenant_id, end_user_id) references end_users (tenant_id, id)",
        "create view v_bad as select * from brands",
        "create function bad() returns int language sql security definer as 'select 1'; call system_function('bad()')",
        "create function bad() returns int language sql security definer set search_path = public, pg_temp as 'select 1'; grant execute on function bad() to parley_app; call system_function('bad()')",
        "create function bad() returns int language sql as 'select 1'",
        "grant select on user_sessions to parley_app",
        "grant select (id) on brands to parley_system",
        "grant create on schema public to parley_app",
        "drop table usage cascade; create table usage (tenant_id uuid primary key); call tenant_table('usage')",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> EachRule() => [.. Enumerable.Range(0, CatalogRules.Names.Count)];

    [Fact]
    public async Task The_schema_keeps_the_rules_of_tenancy()
    {
        await using var database = await postgres.CreateDatabaseAsync(Ct);
        await using var owner = await database.Owner.OpenConnectionAsync(Ct);
        (await CatalogRules.ViolationsAsync(owner, database.Options)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(EachRule))]
    public async Task Each_rule_can_fail(int rule)
    {
        Violations.Length.ShouldBe(CatalogRules.Names.Count);
        await using var database = await postgres.CreateDatabaseAsync(Ct);
        await using var owner = await database.Owner.OpenConnectionAsync(Ct);
        await owner.ExecuteAsync(Violations[rule]);
        (await CatalogRules.ViolationsAsync(owner, database.Options)).ShouldContain(violation => violation.StartsWith(CatalogRules.Names[rule]), CatalogRules.Names[rule]);
    }
}
