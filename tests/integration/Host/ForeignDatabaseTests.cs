using System.Net;
using Npgsql;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>Parley on a PostgreSQL of the operator's own: <c>ConnectionStrings__Parley</c> names the owner.</summary>
public sealed class ForeignDatabaseTests
{
    private const string Setting = "ConnectionStrings__Parley";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrates_and_runs_on_postgresql_15()
    {
        Assert.SkipUnless(ForeignPostgres.IsInstalled, "postgresql-15 is not installed: apt-get install postgresql-15");
        await using var server = await ForeignPostgres.StartAsync(_ct);
        var connectionString = await server.CreateDatabaseAsync("parley", "createrole", _ct);
        using var scratch = new ScratchFolder();

        await using var parley = await ParleyProcess.UpAsync(scratch.Path, [], (Setting, connectionString));
        using var client = ParleyHost.NewClient(parley.Address);
        using var ready = await client.GetAsync("/health/ready", _ct);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        Directory.Exists(Path.Combine(scratch.Path, "postgres")).ShouldBeFalse("no server of our own is started");
        await using var owner = new NpgsqlConnection(connectionString);
        await owner.OpenAsync(_ct);
        await using var version = new NpgsqlCommand("select current_setting('server_version_num')::int / 10000 from schema_migrations limit 1", owner);
        (await version.ExecuteScalarAsync(_ct)).ShouldBe(15);
    }

    [Fact]
    public async Task An_owner_that_may_not_create_roles_is_told_what_to_do()
    {
        Assert.SkipUnless(ForeignPostgres.IsInstalled, "postgresql-15 is not installed: apt-get install postgresql-15");
        await using var server = await ForeignPostgres.StartAsync(_ct);
        var connectionString = await server.CreateDatabaseAsync("parley", "nocreaterole", _ct);
        using var scratch = new ScratchFolder();
        var (code, output) = await ParleyProcess.RunAsync(["migrate", "--quiet", "--data", scratch.Path], (Setting, connectionString));
        code.ShouldBe(1);
        output.ShouldContain("may not create roles");
        output.Trim().ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=a;Password=b;Database=c", "cannot be reached")]
    [InlineData("Host=127.0.0.1", "must name Host, Database, Username and Password")]
    [InlineData("nonsense", "is no connection string")]
    public async Task A_wrong_connection_string_is_explained_in_one_line(string connectionString, string cause)
    {
        using var scratch = new ScratchFolder();
        var (code, output) = await ParleyProcess.RunAsync(["up", "--port", "0", "--data", scratch.Path], (Setting, connectionString));
        code.ShouldBe(1);
        output.Split('\n').ShouldContain(line => line.StartsWith("parley: ", StringComparison.Ordinal) && line.Contains(cause, StringComparison.Ordinal));
    }
}
