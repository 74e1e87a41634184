using Microsoft.Extensions.Logging.Abstractions;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Host.Instance;

/// <summary>The database for the duration of a command: of a running instance where there is one, else started and stopped here.</summary>
internal sealed class DatabaseAccess : IAsyncDisposable
{
    private readonly DataDirectory? _data;
    private readonly InstanceDatabase? _database;

    private DatabaseAccess(DataDirectory? data, InstanceDatabase? database, DatabaseOptions options, MasterKey key) =>
        (_data, _database, Options, Key) = (data, database, options, key);

    internal DatabaseOptions Options { get; }

    internal MasterKey Key { get; }

    internal static async Task<DatabaseAccess> OpenAsync(string data, IProgress<string> progress, CancellationToken ct)
    {
        var held = DataDirectory.TryOpen(data);
        var key = MasterKey.LoadOrCreate(DataDirectory.MasterKeyIn(data));
        if (held is null) return new DatabaseAccess(null, null, InstanceDatabase.Attach(data), key);
        try
        {
            progress.Report("Starting the database");
            var database = await InstanceDatabase.OpenAsync(data, NullLogger.Instance, durable: true, ct);
            return new DatabaseAccess(held, database, database.Options, key);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _data?.Dispose();
    }
}
