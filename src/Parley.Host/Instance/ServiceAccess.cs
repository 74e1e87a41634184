namespace Parley.Host.Instance;

/// <summary>The application's services on the instance's database, without serving: for commands that work on the database directly.</summary>
internal sealed class ServiceAccess : IAsyncDisposable
{
    private readonly DatabaseAccess _database;
    private readonly WebApplication _app;

    private ServiceAccess(DatabaseAccess database, WebApplication app) => (_database, _app) = (database, app);

    internal IServiceProvider Services => _app.Services;

    internal DatabaseAccess Database => _database;

    internal static async Task<ServiceAccess> OpenAsync(string data, IProgress<string> progress, CancellationToken ct)
    {
        var database = await DatabaseAccess.OpenAsync(data, progress, ct);
        try
        {
            return new ServiceAccess(database, ParleyApp.Build(new InstanceOptions
            {
                DataDirectory = data, Database = database.Options, MasterKey = database.Key, LogLevel = LogLevel.Warning,
            }));
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}
