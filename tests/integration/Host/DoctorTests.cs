using System.Text.Json;
using Parley.Host;
using Parley.Host.Cli;
using Parley.Platform.Data;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

public sealed class DoctorTests(PostgresFixture postgres)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sound_installation_has_nothing_to_mend()
    {
        await using var database = await postgres.CreateDatabaseAsync(_ct);
        var findings = await Examination.DatabaseAsync(database.Options, database.Key, _ct);
        findings.ShouldAllBe(finding => finding.Ok && finding.Mend == null);
        findings.Select(finding => finding.Name).ShouldBe(["database", "encoding", "owner", "roles", "schema", "jobs", "audit"]);
    }

    [Fact]
    public async Task Missing_migrations_are_found()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync(_ct);
        await postgres.CreateDatabaseAsync(_ct); // the roles exist on the server
        (await Examination.DatabaseAsync(database.Options, database.Key, _ct)).Single(finding => finding.Name == "schema")
            .ShouldBe(new Finding("schema", false, $"{Modules.Migrations.Count} migrations are missing", "Run: parley migrate"));
    }

    [Fact]
    public async Task A_node_with_another_master_key_is_refused_before_it_changes_anything()
    {
        await using var database = await postgres.CreateDatabaseAsync(_ct);
        var other = MasterKey.Parse(Convert.ToBase64String(Guid.CreateVersion7().ToByteArray().Concat(new byte[16]).ToArray()));
        var refusal = await Should.ThrowAsync<MigrationException>(() => new Migrator(database.Options, other, Modules.Migrations).MigrateAsync(_ct));
        refusal.Message.ShouldContain(database.Key.Id);
        refusal.Message.ShouldContain("PARLEY_MASTER_KEY");
        await database.System.QueryAsync<int>("select 1", null, _ct); // the first node's passwords still hold
    }

    [Fact]
    public async Task The_command_prints_json_and_starts_the_database_for_its_duration()
    {
        using var scratch = new ScratchFolder();
        var data = Path.Combine(scratch.Path, "data");
        (await ParleyProcess.RunAsync("migrate", "--quiet", "--data", data)).ExitCode.ShouldBe(0);
        var (code, output) = await ParleyProcess.RunAsync("doctor", "--json", "--quiet", "--data", data);
        code.ShouldBe(0, output);
        var report = JsonDocument.Parse(output).RootElement;
        report.GetProperty("ok").GetBoolean().ShouldBeTrue();
        report.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()).ShouldContain("schema");
    }
}
