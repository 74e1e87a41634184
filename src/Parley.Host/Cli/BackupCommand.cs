using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Parley.Host.Backup;
using Parley.Host.Instance;
using Parley.Platform;
using Parley.Platform.Cli;
using Parley.Platform.Objects;
using Parley.Platform.Outbound;

namespace Parley.Host.Cli;

/// <summary><c>parley backup FILE</c>: everything of an instance at one moment, in one file, while it runs or not.</summary>
internal static class BackupCommand
{
    internal static readonly Option<string?> Objects = new("--objects") { HelpName = "DIR|s3://BUCKET/PREFIX", Description = "Where the instance's files are, where they are not in its data folder" };
    private static readonly Argument<string> To = new("FILE") { Description = "Where to write the backup; it must not exist" };

    internal static Command Create() =>
        CommandFrame.Create("backup", "Write everything of the instance into one file; it may run meanwhile", [To, Objects, CommandFrame.Json, CommandFrame.Quiet], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var (data, watch) = (CommandFrame.DataOf(parsed), Stopwatch.StartNew());
        if (!Directory.Exists(data) && !InstanceDatabase.IsExternal) throw new CommandException($"There is no instance in '{data}': name its folder with --data DIR.");
        await using var access = await DatabaseAccess.OpenAsync(data, CommandFrame.ProgressOf(parsed), ct);
        await BackupWriter.EnsureWholeAsync(access.Options, ct);
        var objects = DataDirectory.ObjectsIn(data, parsed.GetValue(Objects) ?? NodeFile.ObjectsOf(data));
        if (await SharedObjects.ProblemAsync(access.Options, objects, ct, readsOnly: true) is { } problem)
            throw new CommandException($"{problem}. Name the store of the instance's files with --objects, as it was started with.");
        using var http = new GuardedHttp(PlatformOptions.FromEnvironment(objects), TimeProvider.System);
        using var store = ObjectLocation.Parse(objects).Open(http, TimeProvider.System);
        var result = await new BackupWriter(access.Options, store, TimeProvider.System, CommandFrame.ProgressOf(parsed)).WriteAsync(Path.GetFullPath(parsed.GetValue(To)!), ct);

        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(CommandFrame.Json))
            await output.WriteLineAsync(JsonSerializer.Serialize(new
            {
                result.Id, result.File, result.Bytes, result.Tables, result.Rows, result.Objects, result.ObjectBytes, result.MissingObjects, result.MasterKeyId, seconds = Math.Round(watch.Elapsed.TotalSeconds, 2),
            }, JsonSerializerOptions.Web));
        else
        {
            await output.WriteLineAsync($"{result.File}: {result.Rows} rows of {result.Tables} tables and {result.Objects} files, {result.Bytes >> 10} kB in {watch.Elapsed.TotalSeconds:0.0} s.");
            if (result.MissingObjects.Count > 0) await output.WriteLineAsync($"{result.MissingObjects.Count} files were missing in the store, for example {result.MissingObjects[0]}: import their documents again.");
            await output.WriteLineAsync($"It needs the master key {result.MasterKeyId}, which is not in it: keep a copy of "
                + (access.Key.Id == result.MasterKeyId && File.Exists(DataDirectory.MasterKeyIn(data)) ? DataDirectory.MasterKeyIn(data) : "that key") + " apart from it.");
        }
        return 0;
    }
}
