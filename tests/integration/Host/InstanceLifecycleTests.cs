using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Platform.Postgres;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>The binary as its operator meets it: started, killed, started again.</summary>
public sealed partial class InstanceLifecycleTests : IAsyncLifetime
{
    private readonly ScratchFolder _scratch = new();

    private string Data => Path.Combine(_scratch.Path, "a data folder, mit Ümlaut");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await EmbeddedPostgres.StopLeftOverAsync(new EmbeddedPostgresOptions { DataDirectory = Data }, CancellationToken.None);
        _scratch.Dispose();
    }

    [Fact]
    public async Task Up_makes_everything_prints_the_password_once_and_stops_without_a_trace()
    {
        await using (var first = await ParleyProcess.UpAsync(Data))
        {
            (await GetAsync(first, "/health/ready")).ShouldBe(HttpStatusCode.OK);
            var password = Password().Match(first.Output).Groups[1].Value;
            password.ShouldNotBeEmpty();
            (await SignInAsync(first, "admin@parley.local", password)).ShouldBe(HttpStatusCode.OK);
            File.GetUnixFileMode(Path.Combine(Data, "run.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(Path.Combine(Data, "master.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            (await first.StopAsync()).ShouldBe(0);
        }
        File.Exists(Path.Combine(Data, "run.json")).ShouldBeFalse();
        File.Exists(Path.Combine(Data, "postgres", "postmaster.pid")).ShouldBeFalse();

        await using var second = await ParleyProcess.UpAsync(Data);
        Password().IsMatch(second.Output).ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused_in_one_line_and_the_first_goes_on()
    {
        await using var first = await ParleyProcess.UpAsync(Data);
        var (code, output) = await ParleyProcess.RunAsync("up", "--port", "0", "--data", Data);
        code.ShouldBe(1);
        output.ShouldContain($"parley: Parley already runs on '{Data}': process {first.Id}");
        (await GetAsync(first, "/health/ready")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_a_kill_the_next_start_takes_over_folder_and_database()
    {
        var first = await ParleyProcess.UpAsync(Data);
        var password = Password().Match(first.Output).Groups[1].Value;
        var database = PostmasterFile.Read(Path.Combine(Data, "postgres"))!.Pid;
        await first.KillAsync();
        File.Exists(Path.Combine(Data, "run.json")).ShouldBeTrue("a killed process cleans nothing up");

        await using var second = await ParleyProcess.UpAsync(Data);
        PostmasterFile.Read(Path.Combine(Data, "postgres"))!.Pid.ShouldBe(database, "the server that was left running is adopted");
        (await SignInAsync(second, "admin@parley.local", password)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_killed_database_is_started_again_while_the_instance_runs()
    {
        await using var parley = await ParleyProcess.UpAsync(Data);
        var pid = PostmasterFile.Read(Path.Combine(Data, "postgres"))!.Pid;
        using (var server = Process.GetProcessById(pid)) server.Kill();

        var waited = Stopwatch.StartNew();
        while (PostmasterFile.Read(Path.Combine(Data, "postgres")) is not { Ready: true } now || now.Pid == pid)
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        while (await GetAsync(parley, "/health/ready") != HttpStatusCode.OK)
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Commands_work_on_the_database_of_a_running_instance_and_without_one()
    {
        await using (var parley = await ParleyProcess.UpAsync(Data))
        {
            var (code, output) = await ParleyProcess.RunAsync("operator", "reset", "--json", "--quiet", "--data", Data);
            code.ShouldBe(0);
            var password = JsonDocument.Parse(output).RootElement.GetProperty("password").GetString()!;
            (await SignInAsync(parley, "admin@parley.local", password)).ShouldBe(HttpStatusCode.OK);
        }
        var (later, applied) = await ParleyProcess.RunAsync("migrate", "--json", "--quiet", "--data", Data);
        later.ShouldBe(0);
        applied.Trim().ShouldBe("""{"applied":[]}""");
        File.Exists(Path.Combine(Data, "postgres", "postmaster.pid")).ShouldBeFalse("the database runs for the command's duration only");
    }

    [Fact]
    public async Task A_second_node_joins_with_the_first_ones_settings_and_only_with_all_of_them()
    {
        await using var first = await ParleyProcess.UpAsync(Data);
        var settings = (await File.ReadAllLinesAsync(Path.Combine(Data, "node.env"), TestContext.Current.CancellationToken))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).Select(line => line.Split('=', 2)).Select(p => (Name: p[0], Value: p[1].Trim('\''))).ToArray();
        settings.Select(s => s.Name).ShouldBe(["ConnectionStrings__Parley", "PARLEY_MASTER_KEY", "PARLEY_OBJECTS"]);
        var other = Path.Combine(_scratch.Path, "second");

        await using (var second = await ParleyProcess.UpAsync(other, [], settings)) (await GetAsync(second, "/health/ready")).ShouldBe(HttpStatusCode.OK);
        await RefusedAsync("PARLEY_MASTER_KEY", "belongs to the master key");
        await RefusedAsync("PARLEY_OBJECTS", "--objects");

        async Task RefusedAsync(string without, string cause)
        {
            var (code, output) = await ParleyProcess.RunAsync(["up", "--port", "0", "--data", Path.Combine(_scratch.Path, without)], [.. settings.Where(s => s.Name != without)]);
            code.ShouldBe(1);
            output.ShouldContain(cause);
        }
    }

    [Fact]
    public async Task Files_may_be_in_s3_which_every_node_finds_and_a_node_with_another_bucket_does_not_start()
    {
        await using var s3 = await S3Double.StartAsync();
        (string Name, string Value)[] keys = [("AWS_ACCESS_KEY_ID", S3Double.AccessKey), ("AWS_SECRET_ACCESS_KEY", S3Double.SecretKey), ("PARLEY_PRIVATE_HOSTS", s3.Host)];
        await using var first = await ParleyProcess.UpAsync(Data, ["--objects", s3.Location], keys);
        s3.Objects.Keys.ShouldContain("some/prefix/.parley-objects");
        s3.Objects.Count.ShouldBeGreaterThan(10, "the guides of the demo tenant");
        Directory.Exists(Path.Combine(Data, "objects")).ShouldBeFalse();

        var settings = (await File.ReadAllLinesAsync(Path.Combine(Data, "node.env"), TestContext.Current.CancellationToken))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).Select(line => line.Split('=', 2)).Select(p => (Name: p[0], Value: p[1].Trim('\''))).ToArray();
        await using (var second = await ParleyProcess.UpAsync(Path.Combine(_scratch.Path, "second"), [], settings)) (await GetAsync(second, "/health/ready")).ShouldBe(HttpStatusCode.OK);
        var (code, output) = await ParleyProcess.RunAsync(["up", "--port", "0", "--data", Path.Combine(_scratch.Path, "third"), "--objects", s3.Location.Replace("some/prefix", "another", StringComparison.Ordinal)], settings);
        code.ShouldBe(1);
        output.ShouldContain("not in 's3://parley-test/another/");
        output.ShouldContain("Running now: ");
        output.ShouldNotContain(S3Double.SecretKey);
        s3.Objects.Keys.ShouldAllBe(key => key.StartsWith("some/prefix/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, "up", "--port", "70000")]
    [InlineData(2, "up", "--listen", "nowhere")]
    [InlineData(2, "no-such-command")]
    public async Task Wrong_words_end_with_a_cause(int minimumWords, params string[] arguments)
    {
        var (code, output) = await ParleyProcess.RunAsync(arguments);
        code.ShouldNotBe(0);
        output.Split(' ').Length.ShouldBeGreaterThan(minimumWords);
        output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var first = await ParleyProcess.UpAsync(Data);
        var other = Path.Combine(_scratch.Path, "other");
        await using var second = ParleyProcess.Start("up", "--listen", "127.0.0.1", "--port", first.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--data", other);
        (await second.ExitAsync()).ShouldBe(1);
        second.Output.ShouldContain($"parley: Port {first.Address.Port} is in use");
        await EmbeddedPostgres.StopLeftOverAsync(new EmbeddedPostgresOptions { DataDirectory = other }, CancellationToken.None);
    }

    private static async Task<HttpStatusCode> GetAsync(ParleyProcess parley, string path)
    {
        using var client = ParleyHost.NewClient(parley.Address);
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(ParleyProcess parley, string email, string password)
    {
        using var client = ParleyHost.NewClient(parley.Address);
        using var response = await client.PostAsync("/v1/auth/sign-in", new StringContent(JsonSerializer.Serialize(new { email, password }), null, "application/json"));
        return response.StatusCode;
    }

    [GeneratedRegex(@"^Password\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex Password();
}
