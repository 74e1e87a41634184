using Npgsql;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Testkit;

/// <summary>A database of one test class, with the doors that the application has and the owner's for looking behind them.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly DataSources _sources;

    internal TestDatabase(DatabaseOptions options, MasterKey key)
    {
        (Options, Key) = (options, key);
        _sources = new DataSources(options, key);
        Tenants = new TenantDb(_sources);
        System = new SystemDb(_sources);
        Everything = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString)
        {
            MaxPoolSize = 4, Options = $"-c role={options.DefinerRole}",
        }.ConnectionString);
        Owner = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString) { MaxPoolSize = 4 }.ConnectionString);
    }

    public DatabaseOptions Options { get; }

    public MasterKey Key { get; }

    public DataSources Sources => _sources;

    public TenantDb Tenants { get; }

    public SystemDb System { get; }

    /// <summary>The role that owns the schema. Row level security is forced on it too: it sees no tenant's rows.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>Makes a tenant; the slug is unique within the database.</summary>
    public async Task<Guid> CreateTenantAsync(string? slug = null, CancellationToken ct = default)
    {
        var id = Guid.CreateVersion7();
        slug ??= "t-" + id.ToString("N")[^12..];
        return await System.QuerySingleOrDefaultAsync<Guid?>("select tenant_create(@id, @slug, @slug, false, now())", new { id, slug }, ct)
            ?? throw new InvalidOperationException($"The slug {slug} is taken.");
    }

    /// <summary>Sees and changes every tenant's rows: for looking behind the application's back, and for planting what must not leak.</summary>
    public NpgsqlDataSource Everything { get; }

    public async ValueTask DisposeAsync()
    {
        await Everything.DisposeAsync();
        await _sources.DisposeAsync();
        await Owner.DisposeAsync();
    }
}
