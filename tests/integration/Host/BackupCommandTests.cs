using System.Text.Json;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>The commands as an operator runs them, on the embedded database, with processes that can be killed.</summary>
public sealed class BackupCommandTests : IDisposable
{
    private const string Question = "How do I back up Parley?";
    private readonly ScratchFolder _scratch = new();

    private string Data => Path.Combine(_scratch.Path, "data");

    private string Backup => Path.Combine(_scratch.Path, "backup.tar.gz");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_backup_of_a_running_instance_is_restored_also_when_the_restore_is_killed()
    {
        string answer;
        await using (var parley = await ParleyProcess.UpAsync(Data))
        {
            answer = await AskAsync(Data);
            var (code, output) = await ParleyProcess.RunAsync("backup", Backup, "--json", "--quiet", "--data", Data);
            code.ShouldBe(0, output);
            var made = JsonDocument.Parse(output).RootElement;
            made.GetProperty("objects").GetInt64().ShouldBeGreaterThan(10);
            made.GetProperty("file").GetString().ShouldBe(Backup);
            if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            (await ParleyProcess.RunAsync("restore", Backup, "--data", Data)).Output.ShouldContain("stop it first");
        }
        (await ParleyProcess.RunAsync("restore", Backup, "--check", "--json", "--quiet", "--data", Data)).Output.ShouldContain("\"sound\":true");
        (await ParleyProcess.RunAsync("restore", Backup, "--data", Data)).Output.ShouldContain("not empty");

        var other = Path.Combine(_scratch.Path, "other");
        var refused = await ParleyProcess.RunAsync("restore", Backup, "--data", other);
        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("master.key");
        Directory.Exists(other).ShouldBeFalse("nothing was made");

        Directory.CreateDirectory(other);
        File.Copy(Path.Combine(Data, "master.key"), Path.Combine(other, "master.key"));
        var random = new Random(20261121);
        for (var round = 0; round < 3; round++)
        {
            var restore = ParleyProcess.Start("restore", Backup, "--data", other);
            await Task.Delay(random.Next(300, 2500), TestContext.Current.CancellationToken);
            await restore.KillAsync();
            if (restore.Output.Contains("Restored ", StringComparison.Ordinal)) break; // it was faster
            if (round > 0) continue;
            // What a killed restore left is either nothing or says that it is incomplete: no instance comes up on half of it.
            if (restore.Output.Contains("Making the schema", StringComparison.Ordinal)) (await ParleyProcess.RunAsync("backup", Backup + ".2", "--data", other)).Output.ShouldContain("incomplete");
        }
        var again = await ParleyProcess.RunAsync("restore", Backup, "--data", other);
        if (again.ExitCode != 0) again.Output.ShouldContain("not empty");
        await using (await ParleyProcess.UpAsync(other)) (await AskAsync(other)).ShouldBe(answer);
    }

    [Fact]
    public async Task A_running_instances_store_of_files_is_found_by_itself()
    {
        var objects = Path.Combine(_scratch.Path, "shared files", "it's here");
        await using var parley = await ParleyProcess.UpAsync(Data, "--objects", objects);
        var (code, output) = await ParleyProcess.RunAsync("backup", Backup, "--json", "--quiet", "--data", Data);
        code.ShouldBe(0, output);
        JsonDocument.Parse(output).RootElement.GetProperty("missingObjects").GetArrayLength().ShouldBe(0);
        (await ParleyProcess.RunAsync("doctor", "--quiet", "--data", Data)).Output.ShouldContain(objects);
        var wrong = await ParleyProcess.RunAsync("backup", Backup + ".2", "--quiet", "--data", Data, "--objects", Path.Combine(_scratch.Path, "elsewhere"));
        wrong.ExitCode.ShouldBe(1);
        wrong.Output.ShouldContain("--objects");
    }

    private static async Task<string> AskAsync(string data)
    {
        var (code, output) = await ParleyProcess.RunAsync("ask", Question, "--json", "--quiet", "--data", data);
        code.ShouldBe(0, output);
        var answer = JsonDocument.Parse(output).RootElement;
        answer.GetProperty("outcome").GetString().ShouldBe("answered");
        return answer.GetProperty("answer").GetString() + answer.GetProperty("citations").GetRawText();
    }
}
