using Dapper;
using Npgsql;
using Parley.Host;
using Parley.Platform.Data;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

public sealed class MigratorTests(PostgresFixture postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applies_every_file_once_in_the_order_of_names()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(Ct);
        var migrator = new Migrator(database.Options, database.Key, Modules.Migrations);

        var first = await migrator.MigrateAsync(Ct);
        first.ShouldBe(Modules.Migrations.Select(m => m.Name).Order(StringComparer.Ordinal));
        (await migrator.MigrateAsync(Ct)).ShouldBeEmpty();
        (await database.System.QueryAsync<string>("select * from migrations_applied()", null, Ct)).Order(StringComparer.Ordinal).ShouldBe(first);
    }

    [Fact]
    public async Task The_owner_is_no_superuser_and_the_application_cannot_bypass_row_level_security()
    {
        await using var database = await postgres.CreateDatabaseAsync(Ct);
        await using var owner = await database.Owner.OpenConnectionAsync(Ct);
        (await owner.ExecuteScalarAsync<bool>("select rolsuper from pg_roles where rolname = current_user")).ShouldBeFalse();
        var roles = await owner.QueryAsync<(string Name, bool Any)>("""
            select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
              from pg_roles where rolname in ('parley_app', 'parley_system', 'parley_definer')
            """);
        roles.Count().ShouldBe(3);
        roles.ShouldAllBe(role => !role.Any);
    }

    [Fact]
    public async Task Two_migrators_at_once_apply_each_file_once()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(Ct);
        var applied = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new Migrator(database.Options, database.Key, Modules.Migrations).MigrateAsync(Ct)));
        applied.SelectMany(names => names).Order(StringComparer.Ordinal).ShouldBe(Modules.Migrations.Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_that_changed_after_it_was_applied_is_refused_and_named()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(Ct);
        await new Migrator(database.Options, database.Key, Modules.Migrations).MigrateAsync(Ct);
        var changed = Modules.Migrations.Select(m => m.Name == "0010_identity.sql" ? m with { Sql = m.Sql + "\n-- changed" } : m);
        var refused = await Should.ThrowAsync<MigrationException>(new Migrator(database.Options, database.Key, changed).MigrateAsync(Ct));
        refused.Message.ShouldContain("0010_identity.sql");
    }

    [Fact]
    public async Task Windows_line_ends_are_no_change()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(Ct);
        await new Migrator(database.Options, database.Key, Modules.Migrations).MigrateAsync(Ct);
        var windows = Modules.Migrations.Select(m => m with { Sql = m.Sql.ReplaceLineEndings("\r\n") });
        (await new Migrator(database.Options, database.Key, windows).MigrateAsync(Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failing_file_leaves_nothing_behind_and_is_named()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(Ct);
        Migration[] all = [.. Modules.Migrations, new("9999_broken.sql", "create table half (a int); select no_such_function();")];
        var failed = await Should.ThrowAsync<MigrationException>(new Migrator(database.Options, database.Key, all).MigrateAsync(Ct));
        failed.Message.ShouldContain("9999_broken.sql");
        await using var owner = await database.Owner.OpenConnectionAsync(Ct);
        (await owner.ExecuteScalarAsync<string?>("select to_regclass('half')::text")).ShouldBeNull();
        (await owner.ExecuteScalarAsync<int>("select count(*)::int from schema_migrations")).ShouldBe(Modules.Migrations.Count);
    }

    [Fact]
    public async Task A_role_with_another_password_gets_the_one_of_the_master_key()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(Ct);
        // A prefix of its own: the other tests use the usual roles at the same time.
        var options = database.Options with { RolePrefix = "rotated" };
        var migrator = new Migrator(options, database.Key, Modules.Migrations);
        await migrator.MigrateAsync(Ct);
        await using (var owner = await database.Owner.OpenConnectionAsync(Ct))
        {
            await owner.ExecuteAsync("alter role rotated_app password 'another'");
        }
        await using (var refused = new DataSources(options, database.Key))
        {
            (await Should.ThrowAsync<PostgresException>(new TenantDb(refused).InTransactionAsync(Guid.CreateVersion7(), s => s.QuerySingleAsync<int>("select 1"), Ct)))
                .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        }
        await migrator.MigrateAsync(Ct);
        await using var sources = new DataSources(options, database.Key);
        (await new TenantDb(sources).InTransactionAsync(Guid.CreateVersion7(), s => s.QuerySingleAsync<int>("select 1"), Ct)).ShouldBe(1);
    }
}
