using Npgsql;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Postgres;

namespace Parley.Host.Instance;

/// <summary>The instance's database: yours where <c>ConnectionStrings__Parley</c> names one, else our own server, which we start, watch and stop.</summary>
internal sealed class InstanceDatabase : IAsyncDisposable
{
    private const string Setting = "ConnectionStrings__Parley";
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private readonly EmbeddedPostgres? _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;

    private InstanceDatabase(DatabaseOptions options, EmbeddedPostgres? server, ILogger logger)
    {
        (Options, _server) = (options, server);
        _watch = server is null ? Task.CompletedTask : WatchAsync(server, logger, _stop.Token);
    }

    internal DatabaseOptions Options { get; }

    internal bool IsEmbedded => _server is not null;

    /// <summary>Does ConnectionStrings__Parley name the database?</summary>
    internal static bool IsExternal => External() is not null;

    /// <param name="data">The folder, held by the caller.</param>
    /// <param name="durable">False for a database that is thrown away.</param>
    internal static async Task<InstanceDatabase> OpenAsync(string data, ILogger logger, bool durable, CancellationToken ct)
    {
        if (durable && External() is { } external) return new InstanceDatabase(external, null, logger);
        var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data, Durable = durable }, logger, ct);
        return new InstanceDatabase(new DatabaseOptions(server.ConnectionString), server, logger);
    }

    /// <summary>The options of a running instance's database, without touching its server.</summary>
    internal static DatabaseOptions Attach(string data) =>
        External() ?? new DatabaseOptions(EmbeddedPostgres.ConnectionStringOf(data)
            ?? throw new CommandException($"The database in '{data}' does not run although another process holds that folder: try again in a moment."));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
        _stop.Dispose();
    }

    private static DatabaseOptions? External()
    {
        var text = Environment.GetEnvironmentVariable(Setting);
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(parsed.Username) || string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database)
                ? throw new CommandException($"{Setting} must name Host, Database, Username and Password of the database's owner.")
                : new DatabaseOptions(parsed.ConnectionString);
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"{Setting} is no connection string: {e.Message}");
        }
    }

    /// <summary>A server that was killed is started again: requests fail for a moment, the instance does not.</summary>
    private static async Task WatchAsync(EmbeddedPostgres server, ILogger logger, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(WatchEvery);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                if (await server.EnsureRunningAsync(ct)) Log.DatabaseRestarted(logger);
            }
            catch (EmbeddedPostgresException e)
            {
                Log.DatabaseDown(logger, e.Message);
            }
        }
    }
}
