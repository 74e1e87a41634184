using Dapper;
using Npgsql;
using Parley.Platform.Secrets;

namespace Parley.Platform.Data;

/// <summary>The two pools of a process: the application's role and the system role.</summary>
public sealed class DataSources : IAsyncDisposable
{
    static DataSources()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new DateTimeOffsetHandler());
        SqlMapper.AddTypeHandler(new JsonElementHandler());
    }

    /// <summary>Opens no connection yet.</summary>
    public DataSources(DatabaseOptions options, MasterKey key)
    {
        App = NpgsqlDataSource.Create(options.ConnectionStringOf(options.AppRole, key, maxPoolSize: 60));
        System = NpgsqlDataSource.Create(options.ConnectionStringOf(options.SystemRole, key, maxPoolSize: 20));
    }

    internal NpgsqlDataSource App { get; }

    internal NpgsqlDataSource System { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await System.DisposeAsync();
    }
}
