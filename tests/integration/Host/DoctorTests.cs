using System.Text.Json;
using Parley.Host;
using Parley.Host.Cli;
using Parley.Host.Instance;
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
        findings.Select(finding => finding.Name).ShouldBe(["database", "encoding", "owner", "roles", "keys", "schema", "tenants", "clock", "nodes", "months", "schedules", "jobs", "audit"]);
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

    [Theory]
    [InlineData("tenants", "alter table messages no force row level security", "messages")]
    [InlineData("months", "do $$ begin execute 'drop table events_' || to_char(now() + interval '1 month', 'YYYYMM'); end $$", "events")]
    [InlineData("keys", "update installation set master_key_id = '0123456789abcdef'", "0123456789abcdef")]
    [InlineData("keys", "update installation set restoring = 'b1'", "b1")]
    [InlineData("schedules", "insert into nodes (id, version) values ('n', '1'); insert into quartz.qrtz_job_details (sched_name, job_name, job_group, job_class_name, is_durable, is_nonconcurrent, is_update_data, requests_recovery) values ('parley', 'x', 'parley', 'x', true, true, false, false); insert into quartz.qrtz_triggers (sched_name, trigger_name, trigger_group, job_name, job_group, next_fire_time, trigger_state, trigger_type, start_time) values ('parley', 'late.one', 'parley', 'x', 'parley', 1, 'WAITING', 'CRON', 0)", "late.one")]
    [InlineData("nodes", "insert into nodes (id, version) select 'n' || i, '1' from generate_series(1, 100) i", "100 nodes")]
    public async Task What_is_wrong_is_found_with_its_mend(string name, string damage, string cause)
    {
        await using var database = await postgres.CreateDatabaseAsync(_ct);
        await using (var owner = await database.Owner.OpenConnectionAsync(_ct)) await Dapper.SqlMapper.ExecuteAsync(owner, damage);
        var finding = (await Examination.DatabaseAsync(database.Options, database.Key, _ct)).Single(f => f.Name == name);
        finding.Ok.ShouldBeFalse();
        finding.Detail.ShouldContain(cause);
        finding.Mend.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("dead", 0, "parley jobs", false)]
    [InlineData("queued", 11, "--role", false)]
    [InlineData("queued", 1, null, true)]
    public async Task Work_that_failed_or_is_stuck_is_found(string state, int minutes, string? mend, bool ok)
    {
        await using var database = await postgres.CreateDatabaseAsync(_ct);
        var tenant = await database.CreateTenantAsync(ct: _ct);
        await using (var owner = await database.Owner.OpenConnectionAsync(_ct)) await Dapper.SqlMapper.ExecuteAsync(owner, "insert into nodes (id, version) values ('n', '1')");
        await database.Tenants.InTransactionAsync(tenant, s => s.ExecuteAsync(
            "insert into jobs (tenant_id, id, kind, state, run_at, created_at) values (@tenant, gen_random_uuid(), 'x', @state, now() - make_interval(mins => @minutes), now())", new { tenant, state, minutes }), _ct);
        var finding = (await Examination.DatabaseAsync(database.Options, database.Key, _ct)).Single(f => f.Name == "jobs");
        finding.Ok.ShouldBe(ok);
        if (mend is not null) finding.Mend!.ShouldContain(mend);
    }

    [Fact]
    public void Clocks_and_indexes_that_are_off_are_found()
    {
        var now = TimeProvider.System.GetUtcNow();
        Parley.Host.Cli.Installation.Clock(now, now.AddSeconds(1)).Ok.ShouldBeTrue();
        Parley.Host.Cli.Installation.Clock(now, now.AddSeconds(-90)).Detail.ShouldContain("90 s");
        Examination.Index("parley_knowledge_index_lag_seconds 0\nparley_knowledge_indexes 3\n").ShouldBe(new Finding("index", true, "3 in memory, up to date"));
        Examination.Index("parley_knowledge_index_lag_seconds 75.5\n").Ok.ShouldBeFalse();
    }

    [Fact]
    public async Task A_store_of_files_that_is_not_the_installations_is_found()
    {
        await using var database = await postgres.CreateDatabaseAsync(_ct);
        using var scratch = new ScratchFolder();
        var objects = Path.Combine(scratch.Path, "objects");
        await SharedObjects.EnsureAsync(database.Options, objects, _ct);
        (await Examination.ObjectsAsync(database.Options, objects, _ct)).Ok.ShouldBeTrue();
        var other = await Examination.ObjectsAsync(database.Options, Path.Combine(scratch.Path, "other"), _ct);
        (other.Ok, other.Name).ShouldBe((false, "files"));
        other.Mend!.ShouldContain("--objects");
        Examination.Folder("disk", scratch.Path, "Make room", long.MaxValue).Mend.ShouldBe("Make room");
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
