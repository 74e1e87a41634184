using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Platform;
using Parley.Platform.Jobs;
using Parley.Testkit;

namespace Parley.Tests.Integration.Platform;

/// <summary>One node of Platform alone on a test's database: dispatcher, notifier and poll run; no web server.</summary>
internal sealed class PlatformNode : IAsyncDisposable
{
    private readonly IHost _host;

    private PlatformNode(IHost host) => _host = host;

    internal IServiceProvider Services => _host.Services;

    internal JobQueue Queue => Services.GetRequiredService<JobQueue>();

    internal static async Task<PlatformNode> StartAsync(TestDatabase database, Action<IServiceCollection> configure, JobOptions? jobs = null, bool runsJobs = true, string? objects = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSingleton(database.Options).AddSingleton(database.Key);
        builder.Services.AddPlatform(new PlatformOptions
        {
            Objects = objects ?? Path.Combine(Path.GetTempPath(), "parley-objects-" + Guid.CreateVersion7().ToString("N")),
            RunsJobs = runsJobs,
            Jobs = jobs ?? new JobOptions { Poll = TimeSpan.FromMilliseconds(100), Drain = TimeSpan.FromSeconds(5) },
        });
        configure(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new PlatformNode(host);
    }

    internal Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
