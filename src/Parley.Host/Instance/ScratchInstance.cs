using Parley.Platform.Postgres;

namespace Parley.Host.Instance;

/// <summary>A whole instance in a temporary folder, gone afterwards: for measurements, which must not touch anybody's data.</summary>
internal sealed class ScratchInstance : IAsyncDisposable
{
    private const string Prefix = "parley-scratch-";
    private readonly LocalInstance _instance;
    private readonly string _folder;

    private ScratchInstance(LocalInstance instance, string folder) => (_instance, _folder) = (instance, folder);

    internal IServiceProvider Services => _instance.App.Services;

    internal static async Task<ScratchInstance> StartAsync(IProgress<string> progress, CancellationToken ct)
    {
        await RemoveAbandonedAsync(ct);
        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        try
        {
            return new ScratchInstance(await LocalInstance.StartAsync(new LocalInstanceSettings { Data = folder, Durable = false, FirstStart = false }, progress, ct), folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _instance.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A measurement that was killed left its folder and its database server behind; nobody holds that folder's lock.</summary>
    private static async Task RemoveAbandonedAsync(CancellationToken ct)
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (!DataDirectory.WasAbandoned(folder)) continue;
                await EmbeddedPostgres.StopLeftOverAsync(new EmbeddedPostgresOptions { DataDirectory = folder }, ct);
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, or another process removes it at the same time.
            }
        }
    }
}
