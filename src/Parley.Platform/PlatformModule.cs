using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Platform;

/// <summary>What every module stands on.</summary>
public static class PlatformModule
{
    /// <summary>Needs <see cref="DatabaseOptions"/> and <see cref="Secrets.MasterKey"/> from the host.</summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DataSources>();
        services.AddSingleton<TenantDb>();
        services.AddSingleton<SystemDb>();
        services.AddSingleton<JobSignal>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<FeedHub>();
        return services;
    }
}
