using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using Parley.Host;
using Parley.Platform.Data;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>
/// Every statement in the code is planned against the migrated schema with the rights of the role that runs it: a wrong name, type or
/// missing grant is found here, not by a customer. Statements are constants whose names end in "Sql" (architecture test).
/// </summary>
public sealed partial class StatementTests(PostgresFixture postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_can_be_planned_by_its_role()
    {
        await using var database = await postgres.CreateDatabaseAsync(Ct);
        string.Join("\n", await FailuresAsync(database.Sources, database.Options)).ShouldBeEmpty();
    }

    internal static async Task<List<string>> FailuresAsync(DataSources sources, DatabaseOptions options)
    {
        // What the command line does before there is an application (roles, objects' folder) it does as the owner.
        await using var owner = NpgsqlDataSource.Create(options.OwnerConnectionString);
        var statements = Modules.All.SelectMany(module => module.GetTypes()).SelectMany(StatementsOf).Select(s => (s.Name, s.Sql, Roles: new[] { sources.App, sources.System }))
            .Concat(typeof(Modules).Assembly.GetTypes().SelectMany(StatementsOf).Select(s => (s.Name, s.Sql, Roles: new[] { sources.App, sources.System, owner }))).ToList();
        statements.Count.ShouldBeGreaterThan(50);
        var failures = new List<string>();
        foreach (var (name, sql, roles) in statements)
        {
            if (await FailureAsync(roles, sql) is { } failure)
            {
                failures.Add($"{name}: {failure}");
            }
        }
        return failures;
    }

    [Theory]
    [InlineData("select no_such_column from brands")]
    [InlineData("select * from brands where name = @name and id = @id::int")]
    [InlineData("select password_hash from users")]
    [InlineData("select * from user_sessions")]
    [InlineData("insert into audit_chain (tenant_id) values (@tenantId) on conflict do update set x = 1")]
    [InlineData("update audit set action = @a")]
    [InlineData("select tenant_table('brands')")]
    public async Task The_test_can_fail(string sql)
    {
        await using var database = await postgres.CreateDatabaseAsync(Ct);
        (await FailureAsync([database.Sources.App, database.Sources.System], sql)).ShouldNotBeNull();
    }

    [Fact]
    public void Parameters_are_found_outside_texts_casts_and_operators() =>
        Rewrite("select @a::text[], '@no', x @> @b, \"@c\", y <@ @a -- @d\n, $1").ShouldBe(("select $1::text[], '@no', x @> $2, \"@c\", y <@ $1 -- @d\n, $1", 2));

    /// <summary>Null where the tenants' role or the system role can plan it; else what PostgreSQL said to the one that came further.</summary>
    private static async Task<string?> FailureAsync(NpgsqlDataSource[] roles, string sql)
    {
        string? failure = null;
        foreach (var source in roles)
        {
            await using var connection = await source.OpenConnectionAsync(Ct);
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            try
            {
                foreach (var statement in Split(sql))
                {
                    await PlanAsync(connection, statement);
                }
                return null;
            }
            catch (PostgresException e)
            {
                failure = failure is null || e.SqlState != PostgresErrorCodes.InsufficientPrivilege ? $"{e.SqlState} {e.MessageText}" : failure;
            }
        }
        return failure;
    }

    private static int _planned;

    private static async Task PlanAsync(NpgsqlConnection connection, string sql)
    {
        var (rewritten, parameters) = Rewrite(sql);
        var nulls = parameters == 0 ? "" : "(" + string.Join(", ", Enumerable.Repeat("null", parameters)) + ")";
        // EXPLAIN checks rights like an execution, but does nothing. A name of its own: where EXPLAIN fails the statement stays, and a pool that
        // prepares statements itself does not discard them when a connection comes back.
        var planned = "planned_" + Interlocked.Increment(ref _planned);
        await using var command = new NpgsqlCommand($"prepare {planned} as {rewritten}; explain execute {planned} {nulls}; deallocate {planned}", connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static IEnumerable<(string Name, string Sql)> StatementsOf(Type type) =>
        from field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where field.IsLiteral && field.FieldType == typeof(string) && (field.Name.EndsWith("Sql", StringComparison.Ordinal) || field.Name.EndsWith("Select", StringComparison.Ordinal))
        select ($"{type.FullName}.{field.Name}", (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> Split(string sql) => sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Dapper's <c>@name</c> as <c>$n</c>.</summary>
    private static (string Sql, int Parameters) Rewrite(string sql)
    {
        var names = new List<string>();
        var text = new StringBuilder();
        foreach (Match token in Token().Matches(sql))
        {
            if (token.Groups["name"] is { Success: true, Value: var name })
            {
                if (!names.Contains(name))
                {
                    names.Add(name);
                }
                text.Append('$').Append(names.IndexOf(name) + 1);
            }
            else
            {
                text.Append(token.Value);
            }
        }
        return (text.ToString(), names.Count);
    }

    [GeneratedRegex("""'(?:[^']|'')*'|"[^"]*"|--[^\n]*|(?<![@<])@(?<name>[A-Za-z_]\w*)|.""", RegexOptions.Singleline)]
    private static partial Regex Token();
}
