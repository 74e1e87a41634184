using System.CommandLine;
using System.Net.Sockets;
using Npgsql;
using Parley.Host.Instance;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Postgres;

namespace Parley.Host.Cli;

/// <summary>What all commands share: their options, how they fail (one line, exit code 1), and the way to an instance.</summary>
internal static class CommandFrame
{
    internal const int Cancelled = 130;

    internal static readonly Option<string?> Data = new("--data") { HelpName = "DIR", Description = "The instance's data folder (default: PARLEY_DATA, else the system's place)" };
    internal static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON document" };
    internal static readonly Option<bool> Quiet = new("--quiet") { Description = "No progress on standard error" };
    internal static readonly Option<string> Tenant = new("--tenant") { HelpName = "SLUG", Description = "The tenant to act in", DefaultValueFactory = _ => "demo" };

    /// <summary>A command with <c>--data</c> whose expected failures become one line.</summary>
    internal static Command Create(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        var command = new Command(name, description) { Data };
        foreach (var symbol in symbols)
        {
            if (symbol is Option option) command.Options.Add(option);
            else if (symbol is Argument argument) command.Arguments.Add(argument);
        }
        command.SetAction((parsed, ct) => GuardAsync(() => work(parsed, ct), parsed, ct));
        return command;
    }

    /// <summary>A command that talks to an instance over HTTP, in a tenant.</summary>
    internal static Command CreateClient(string name, string description, IEnumerable<Symbol> symbols, Func<CommandContext, ParseResult, CancellationToken, Task<int>> work) =>
        Create(name, description, [.. symbols, Tenant, Json, Quiet], async (parsed, ct) =>
        {
            var progress = ProgressOf(parsed);
            await using var client = await InstanceClient.ConnectAsync(DataOf(parsed), parsed.GetValue(Tenant)!, progress, ct);
            return await work(new CommandContext(client.Http, parsed.GetValue(Json), parsed.InvocationConfiguration.Output, progress), parsed, ct);
        });

    /// <summary>A command that works in a throw-away instance: its own database and folder, gone afterwards, the same code.</summary>
    internal static Command CreateScratch(string name, string description, IEnumerable<Symbol> symbols, Func<IServiceProvider, ParseResult, IProgress<string>, CancellationToken, Task<int>> work)
    {
        var command = Create(name, description, [.. symbols, Json, Quiet], async (parsed, ct) =>
        {
            var progress = ProgressOf(parsed);
            await using var scratch = await ScratchInstance.StartAsync(progress, ct);
            return await work(scratch.Services, parsed, progress, ct);
        });
        command.Options.Remove(Data); // it never touches an instance's data
        return command;
    }

    internal static string DataOf(ParseResult parsed) => DataDirectory.Resolve(parsed.GetValue(Data));

    internal static IProgress<string> ProgressOf(ParseResult parsed) =>
        new Lines(parsed.CommandResult.Command.Options.Contains(Quiet) && parsed.GetValue(Quiet) ? TextWriter.Null : parsed.InvocationConfiguration.Error);

    private static async Task<int> GuardAsync(Func<Task<int>> work, ParseResult parsed, CancellationToken ct)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return Cancelled;
        }
        catch (Exception e) when (Explain(e) is { } line)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"parley: {line}");
            return 1;
        }
    }

    /// <summary>The cause in one line; null for a bug, which keeps its stack trace.</summary>
    private static string? Explain(Exception e) => e switch
    {
        CommandException or EmbeddedPostgresException or MigrationException or FormatException or ObjectStoreException => e.Message,
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } p =>
            $"The database refused the sign-in: {p.MessageText}. Check ConnectionStrings__Parley.",
        PostgresException p => $"The database refused: {p.MessageText}",
        NpgsqlException => $"The database cannot be reached: {e.InnerException?.Message ?? e.Message}",
        HttpRequestException { InnerException: SocketException } => $"The instance cannot be reached: {e.Message}",
        UnauthorizedAccessException => e.Message,
        _ => null,
    };

    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
