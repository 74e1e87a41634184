using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Integrations.Webhooks;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Schedules;

namespace Parley.Integrations;

/// <summary>The ways out to other people's systems; at present webhooks. The module's two doors.</summary>
public static class IntegrationsModule
{
    internal const string ExpireSql = "select webhooks_expire(@now)";

    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddIntegrations(this IServiceCollection services, PlatformOptions options)
    {
        services.AddSingleton<WebhookSignal>().AddSingleton<WebhookSecrets>().AddSingleton<WebhookSender>().AddSingleton<WebhookRules>()
            .AddSingleton<WebhookRecords>().AddSingleton<WebhookRun>().AddSingleton<Webhooks.Webhooks>().AddSingleton<WebhookDeliveries>().AddSingleton<TestWebhook>();
        services.AddSchedule("webhooks.expire", "0 52 * * * ?", (provider, ct) =>
            provider.GetRequiredService<SystemDb>().ExecuteAsync(ExpireSql, new { now = provider.GetRequiredService<TimeProvider>().GetUtcNow() }, ct));
        if (options.RunsJobs)
        {
            services.AddHostedService<WebhookDispatcher>();
        }
        return services;
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapIntegrations(this IEndpointRouteBuilder app)
    {
        var webhooks = app.MapGroup("/v1/webhooks").WithTags("Webhooks");
        WebhookEvents.Map(webhooks);
        Webhooks.Webhooks.Map(webhooks);
        WebhookDeliveries.Map(webhooks);
        TestWebhook.Map(webhooks);
    }
}
