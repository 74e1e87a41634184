using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Host;
using Parley.Platform.Data;
using Parley.Platform.Postgres;
using Parley.Platform.Secrets;

namespace Parley.Testkit;

/// <summary>
/// One real PostgreSQL for the whole test program, started on first use; every test class gets a database of its own, copied from a
/// template that was migrated once. Use: <c>public sealed class FooTests(PostgresFixture postgres)</c>.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private const string Template = "parley_template";
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ScratchFolder? _scratch;
    private EmbeddedPostgres? _server;
    private bool _templateReady;
    private int _databases;

    /// <summary>Whether what is committed is on the disk, as in a real installation. Tests that measure need it; for the others it is time lost.</summary>
    public bool Durable { get; init; }

    /// <summary>The master key of all databases of this run: the roles are the server's, and their passwords come from it.</summary>
    public MasterKey Key { get; } = MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    /// <summary>A migrated database.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync(CancellationToken ct = default)
    {
        var server = await ServerAsync(ct);
        await EnsureTemplateAsync(server, ct);
        return await CreateAsync(server, Template, ct);
    }

    /// <summary>A database without any table, for tests of migration itself.</summary>
    public async Task<TestDatabase> CreateEmptyDatabaseAsync(CancellationToken ct = default) =>
        await CreateAsync(await ServerAsync(ct), "template0", ct);

    /// <summary>The server itself, for tests that stop and start it. Such a test makes a fixture of its own: others share this one.</summary>
    public async Task<EmbeddedPostgres> ServerAsync(CancellationToken ct = default)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_server is not null) return _server;
            await StopAbandonedAsync(ct);
            _scratch ??= new ScratchFolder();
            return _server = await EmbeddedPostgres.StartAsync(Options(_scratch.Path) with { Durable = Durable }, NullLogger.Instance, ct);
        }
        finally { _gate.Release(); }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
        _scratch?.Dispose();
        _gate.Dispose();
    }

    private async Task EnsureTemplateAsync(EmbeddedPostgres server, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_templateReady) return;
            await ExecuteAsync(server, $"drop database if exists {Template}", ct); // half made by a test whose migration failed
            await ExecuteAsync(server, $"create database {Template}", ct);
            await new Migrator(OptionsOf(server, Template), Key, Modules.Migrations).MigrateAsync(ct);
            _templateReady = true;
        }
        finally { _gate.Release(); }
    }

    private async Task<TestDatabase> CreateAsync(EmbeddedPostgres server, string template, CancellationToken ct)
    {
        var name = "test_" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await _gate.WaitAsync(ct); // a template is copied by one at a time
        try { await ExecuteAsync(server, $"create database {name} template {template}", ct); }
        finally { _gate.Release(); }
        return new TestDatabase(OptionsOf(server, name), Key);
    }

    private static DatabaseOptions OptionsOf(EmbeddedPostgres server, string database) =>
        new(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = database }.ConnectionString);

    private static async Task ExecuteAsync(EmbeddedPostgres server, string sql, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A killed run cannot stop its server. Its folder goes last, so that an interrupted cleaning is continued.</summary>
    private static async Task StopAbandonedAsync(CancellationToken ct)
    {
        foreach (var folder in ScratchFolder.Abandoned())
        {
            foreach (var cluster in Directory.EnumerateFiles(folder, "postmaster.pid", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 }))
                await EmbeddedPostgres.StopLeftOverAsync(Options(Path.GetDirectoryName(Path.GetDirectoryName(cluster)!)!), ct);
            ScratchFolder.Delete(folder);
        }
    }

    private static EmbeddedPostgresOptions Options(string folder) => new() { DataDirectory = folder, Durable = false, MaxConnections = 500 };
}
