using Dapper;
using Npgsql;
using Parley.Platform.Secrets;

namespace Parley.Platform.Data;

/// <summary>The two pools of a process: the application's role and the system role.</summary>
public sealed class DataSources : IAsyncDisposable
{
    private readonly string _own;

    static DataSources()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        // Dapper's own mapping would come before the handler and send a local offset, which Npgsql refuses.
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(typeof(DateTimeOffset), new DateTimeOffsetHandler());
        SqlMapper.AddTypeHandler(new JsonElementHandler());
    }

    /// <summary>Opens no connection yet.</summary>
    public DataSources(DatabaseOptions options, MasterKey key)
    {
        // Tenants' statements leave nothing behind in a session: whose it is is set for one transaction only, and locks end with it. Resetting it each time would
        // run seven statements more.
        App = Create("app", new NpgsqlConnectionStringBuilder(options.ConnectionStringOf(options.AppRole, key, options.MaxPoolSize)) { NoResetOnClose = true }.ConnectionString);
        _own = new NpgsqlConnectionStringBuilder(options.ConnectionStringOf(options.SystemRole, key, 1)) { Pooling = false, KeepAlive = 15 }.ConnectionString;
        System = Create("system", options.ConnectionStringOf(options.SystemRole, key, Math.Max(4, options.MaxPoolSize / 4)));
        Scheduler = Create("scheduler", options.ConnectionStringOf(options.SchedulerRole, key, 4));
    }

    internal NpgsqlDataSource App { get; }

    internal NpgsqlDataSource System { get; }

    /// <summary>Quartz's.</summary>
    internal NpgsqlDataSource Scheduler { get; }

    /// <summary>A connection of its own, in no pool, for who listens for as long as it lives.</summary>
    internal async Task<NpgsqlConnection> OpenOwnAsync(CancellationToken ct)
    {
        var connection = new NpgsqlConnection(_own);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await System.DisposeAsync();
        await Scheduler.DisposeAsync();
    }

    /// <summary>The name is the pool's in metrics: without it they would show the connection string.</summary>
    private static NpgsqlDataSource Create(string name, string connectionString) =>
        new NpgsqlDataSourceBuilder(connectionString) { Name = name }.Build();
}
