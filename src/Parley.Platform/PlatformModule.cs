using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Feed;
using Parley.Platform.Health;
using Parley.Platform.Idempotency;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;
using Parley.Platform.Outbound;
using Parley.Platform.RateLimits;
using Parley.Platform.Schedules;
using Parley.Platform.Secrets;
using Parley.Platform.Telemetry;

namespace Parley.Platform;

/// <summary>What every module stands on.</summary>
public static class PlatformModule
{
    /// <summary>Needs <see cref="DatabaseOptions"/> and <see cref="Secrets.MasterKey"/> from the host.</summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services, PlatformOptions options)
    {
        services.AddSingleton(options).AddSingleton(options.Jobs).AddSingleton(NodeIdentity.Create());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DataSources>();
        services.AddSingleton<TenantDb>();
        services.AddSingleton<SystemDb>();
        services.AddSingleton<JobSignal>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<DeadJobs>();
        services.AddHostedService<InstallationGauges>();
        services.AddSingleton<TenantFanOut>();
        services.AddSingleton<FeedHub>();
        services.AddSingleton<FeedEndpoint>();
        services.AddSingleton<FeedNotifier>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedNotifier>());
        services.AddHostedService<FeedPoller>();
        services.AddHostedService<NodeHeartbeat>();
        services.AddSingleton(provider => new ObjectStore(options, provider.GetRequiredService<GuardedHttp>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ObjectSweep>();
        services.AddSingleton<ConfigurationStore>();
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<IdempotencyStore>();
        services.AddSingleton<GoneNode>();
        services.AddSingleton<MetricsRegistry>();
        ReadinessChecks.AddTo(services);
        if (options.OtlpEndpoint.Length > 0)
        {
            services.AddHostedService<OtlpExport>();
        }
        services.AddSingleton<SecretStore>();
        services.AddSingleton<InstanceSeal>();
        services.AddSingleton<GuardedHttp>();
        services.AddSingleton<DataProtectionKeys>();
        services.AddDataProtection().SetApplicationName("parley");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(
            keys => (keys.XmlRepository, keys.XmlEncryptor) = (provider.GetRequiredService<DataProtectionKeys>(), new MasterKeyXmlEncryptor(provider.GetRequiredService<MasterKey>()))));
        if (options.RunsJobs)
        {
            services.AddHostedService<JobDispatcher>();
            services.AddScheduling().AddHousekeeping();
        }
        return services;
    }

    /// <summary>What a request passes on its way to an endpoint; goes after authentication.</summary>
    public static void UsePlatform(this IApplicationBuilder app)
    {
        app.UseRequestSpans();
        app.UseRateLimitHeaders();
        app.UseAccessRules();
        app.UseChanges();
        app.UseIdempotency();
    }

    /// <summary>Endpoints that belong to no other module.</summary>
    public static void MapPlatform(this IEndpointRouteBuilder app)
    {
        // Made now, so that it counts from the start.
        app.ServiceProvider.GetRequiredService<MetricsRegistry>();
        FeedEndpoint.Map(app);
        MetricsEndpoint.Map(app);
    }
}
