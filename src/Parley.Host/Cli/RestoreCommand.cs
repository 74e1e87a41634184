using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Parley.Host.Backup;
using Parley.Host.Instance;
using Parley.Platform;
using Parley.Platform.Cli;
using Parley.Platform.Objects;
using Parley.Platform.Outbound;
using Parley.Platform.Secrets;

namespace Parley.Host.Cli;

/// <summary><c>parley restore FILE</c>: a backup into an empty instance.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string> From = new("FILE") { Description = "The backup" };
    private static readonly Option<bool> Check = new("--check") { Description = "Only read the whole file and say whether it is sound" };

    internal static Command Create() =>
        CommandFrame.Create("restore", "Put a backup into an empty database and an empty store of files", [From, BackupCommand.Objects, Check, CommandFrame.Json, CommandFrame.Quiet], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var (data, watch, progress, output) = (CommandFrame.DataOf(parsed), Stopwatch.StartNew(), CommandFrame.ProgressOf(parsed), parsed.InvocationConfiguration.Output);
        var archive = new BackupArchive(parsed.GetValue(From)!);
        // All that can be known before anything is touched.
        var header = await archive.HeaderAsync(ct);
        var key = MasterKey.TryLoad(DataDirectory.MasterKeyIn(data));
        if (!parsed.GetValue(Check)) BackupRestore.EnsureFits(header, key, Modules.Migrations);
        progress.Report("Reading the whole backup");
        var (_, manifest) = await archive.VerifyAsync(progress, ct);
        if (parsed.GetValue(Check))
        {
            await output.WriteLineAsync(parsed.GetValue(CommandFrame.Json)
                ? JsonSerializer.Serialize(new { header.Id, header.CreatedAt, header.Parley, header.MasterKeyId, tables = manifest.Tables.Count, rows = manifest.Tables.Sum(t => t.Rows), objects = manifest.Objects.Count, sound = true }, JsonSerializerOptions.Web)
                : $"Sound: {manifest.Tables.Sum(t => t.Rows)} rows of {manifest.Tables.Count} tables and {manifest.Objects.Count} files of {header.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC, Parley {header.Parley}, master key {header.MasterKeyId}.");
            return 0;
        }
        if (DataDirectory.IsLocked(data)) throw new CommandException($"A Parley process works on '{data}': stop it first, or restore into another folder with --data DIR.");

        await using var access = await DatabaseAccess.OpenAsync(data, progress, ct);
        var objects = DataDirectory.ObjectsIn(data, parsed.GetValue(BackupCommand.Objects));
        using var http = new GuardedHttp(PlatformOptions.FromEnvironment(objects), TimeProvider.System);
        using var store = ObjectLocation.Parse(objects).Open(http, TimeProvider.System);
        await store.ProbeAsync(ct);
        var result = await new BackupRestore(archive, access.Options, key!, store, progress).RunAsync(header, manifest, ct);
        await SharedObjects.EnsureAsync(access.Options, objects, ct);

        if (parsed.GetValue(CommandFrame.Json))
            await output.WriteLineAsync(JsonSerializer.Serialize(new
            {
                result.Id, result.CreatedAt, result.Tables, result.Rows, result.Objects, result.MissingObjects, result.Migrated, seconds = Math.Round(watch.Elapsed.TotalSeconds, 2),
            }, JsonSerializerOptions.Web));
        else
        {
            await output.WriteLineAsync($"Restored {result.Rows} rows of {result.Tables} tables and {result.Objects} files as of {result.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC, each compared with the backup, in {watch.Elapsed.TotalSeconds:0.0} s.");
            if (result.Migrated.Count > 0) await output.WriteLineAsync($"The schema was then brought up to date: {string.Join(", ", result.Migrated)}.");
            if (result.MissingObjects.Count > 0) await output.WriteLineAsync($"{result.MissingObjects.Count} files were missing when the backup was made: import their documents again.");
        }
        return 0;
    }
}
