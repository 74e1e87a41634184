using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Platform.Postgres;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Creates_a_utf8_database_owned_by_a_role_that_is_no_superuser()
    {
        await using var server = await StartAsync();
        (await QueryAsync<string>(server, "select current_user::text")).ShouldBe("parley_owner");
        (await QueryAsync<bool>(server, "select rolcreaterole and rolcreatedb and not rolsuper and not rolbypassrls from pg_roles where rolname = current_user")).ShouldBeTrue();
        (await QueryAsync<string>(server, "select pg_encoding_to_char(encoding) || ' ' || datlocprovider::text || ' ' || pg_get_userbyid(datdba) from pg_database where datname = current_database()"))
            .ShouldBe("UTF8 b parley_owner");
        (await QueryAsync<string>(server, "show fsync")).ShouldBe("on");
    }

    [Fact]
    public async Task Keeps_data_over_a_restart()
    {
        await using (var first = await StartAsync()) await ExecuteAsync(first, "create table kept (x int); insert into kept values (42)");
        await using var second = await StartAsync();
        (await QueryAsync<int>(second, "select x from kept")).ShouldBe(42);
    }

    [Theory]
    [InlineData("with a space and ümläuts")]
    [InlineData("a,comma='and quotes'")]
    [InlineData("a path that is by far too long for a socket: the kernel keeps room for 107 bytes and this one has many more than that")]
    public async Task Works_in_awkward_folders(string name)
    {
        await using var server = await StartAsync(name);
        (await QueryAsync<int>(server, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Keeps_its_port_over_a_restart_when_it_must_use_one()
    {
        const string comma = "a,comma";
        string first;
        await using (var server = await StartAsync(comma)) first = server.ConnectionString;
        await using var again = await StartAsync(comma);
        again.ConnectionString.ShouldBe(first);
        new NpgsqlConnectionStringBuilder(first).Host.ShouldBe("127.0.0.1");
    }

    [Fact]
    public async Task Adopts_a_server_that_a_killed_process_left_behind()
    {
        await using var left = await StartAsync();
        var pid = ServerPid();
        await using var server = await StartAsync();
        ServerPid().ShouldBe(pid);
        (await QueryAsync<int>(server, "select 1")).ShouldBe(1);
        await server.StopAsync(_ct);
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public async Task Starts_again_after_the_server_was_killed_and_keeps_what_was_committed()
    {
        await using var server = await StartAsync();
        await ExecuteAsync(server, "create table kept (x int); insert into kept values (7)");
        using (var process = Process.GetProcessById(ServerPid()))
        {
            process.Kill();
            await process.WaitForExitAsync(_ct);
        }
        (await server.EnsureRunningAsync(_ct)).ShouldBeTrue();
        NpgsqlConnection.ClearAllPools();
        (await QueryAsync<int>(server, "select x from kept")).ShouldBe(7);
        (await server.EnsureRunningAsync(_ct)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stale_file_that_names_a_living_stranger_does_not_keep_it_from_starting()
    {
        await using (await StartAsync()) { }
        await File.WriteAllTextAsync(Path.Combine(Data(), "postgres", "postmaster.pid"), $"{Environment.ProcessId}\n{Data()}/postgres\n1\n5432\n.\n\n1 1\nready   \n", _ct);
        await using var server = await StartAsync();
        (await QueryAsync<int>(server, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_cluster_that_was_half_made_when_the_process_died_is_made_anew()
    {
        Directory.CreateDirectory(Path.Combine(Data(), "postgres.new-1", "base"));
        await File.WriteAllTextAsync(Path.Combine(Data(), "postgres.new-1", "PG_VERSION"), "18\n", _ct);
        await using var server = await StartAsync();
        (await QueryAsync<int>(server, "select 1")).ShouldBe(1);
        Directory.GetDirectories(Data(), "postgres.new*").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_initdb_that_outlived_its_killed_process_does_not_disturb()
    {
        var left = Path.Combine(Data(), "postgres.new-1");
        using var stop = new CancellationTokenSource();
        var writes = Task.Run(
            () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                    Directory.CreateDirectory(Path.Combine(left, "base", $"{i % 500}"));
            },
            _ct);
        while (!Directory.Exists(left)) await Task.Delay(1, _ct);
        await using (var server = await StartAsync()) (await QueryAsync<int>(server, "select 1")).ShouldBe(1);
        await stop.CancelAsync();
        await writes;
        await using (await StartAsync()) Directory.Exists(left).ShouldBeFalse("nobody writes there any more");
    }

    [Fact]
    public async Task A_lost_password_file_is_mended()
    {
        await using (var first = await StartAsync()) await ExecuteAsync(first, "create table kept (x int); insert into kept values (3)");
        File.Delete(Path.Combine(Data(), "postgres.password"));
        await using var server = await StartAsync();
        (await QueryAsync<int>(server, "select x from kept")).ShouldBe(3);
    }

    [Fact]
    public async Task Secrets_and_the_log_are_closed_to_others()
    {
        await using var server = await StartAsync();
        foreach (var file in (string[])["postgres.password", "postgres.log"])
            File.GetUnixFileMode(Path.Combine(Data(), file)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.Combine(Data(), "postgres")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task The_servers_log_holds_no_values()
    {
        await using var server = await StartAsync();
        await ExecuteAsync(server, "create table once (email text primary key); insert into once values ('canary@example.org')");
        await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(server, "insert into once values ('canary@example.org')"));
        var log = await File.ReadAllTextAsync(Path.Combine(Data(), "postgres.log"), _ct);
        log.ShouldContain("duplicate key value");
        log.ShouldNotContain("canary");
    }

    [Fact]
    public async Task As_root_a_folder_below_a_closed_one_is_refused_in_one_line()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root runs the server under another account.");
        var closed = Path.Combine(_scratch.Path, "closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync("closed/data"));
        refusal.Message.ShouldContain($"'{closed}' is closed");
        refusal.Message.ShouldContain("--data");
        refusal.Message.ShouldNotContain('\n');
    }

    private string Data(string name = "data") => Path.Combine(_scratch.Path, name);

    private Task<EmbeddedPostgres> StartAsync(string name = "data") =>
        EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = Data(name) }, NullLogger.Instance, _ct);

    private int ServerPid() => PostmasterFile.Read(Path.Combine(Data(), "postgres"))!.Pid;

    private async Task<T> QueryAsync<T>(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(_ct))!;
    }

    private async Task ExecuteAsync(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_ct);
    }
}
