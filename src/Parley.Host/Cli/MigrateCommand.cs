using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Host.Instance;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Host.Cli;

/// <summary><c>parley migrate</c>: brings the database's schema up to date; safe beside running nodes.</summary>
internal static class MigrateCommand
{
    internal static Command Create() => CommandFrame.Create("migrate", "Bring the database's schema up to date", [CommandFrame.Json, CommandFrame.Quiet], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var access = await DatabaseAccess.OpenAsync(CommandFrame.DataOf(parsed), CommandFrame.ProgressOf(parsed), ct);
        var applied = await new Migrator(access.Options, access.Key, Modules.Migrations).MigrateAsync(ct);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(CommandFrame.Json)
            ? System.Text.Json.JsonSerializer.Serialize(new { applied })
            : applied.Count == 0 ? "The schema is up to date." : $"Applied {string.Join(", ", applied)}.");
        return 0;
    }
}
