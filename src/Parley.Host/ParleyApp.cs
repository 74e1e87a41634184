using Parley.Assistant;
using Parley.Conversations;
using Parley.Escalations;
using Parley.Host.Instance;
using Parley.Host.Web;
using Parley.Identity;
using Parley.Inference;
using Parley.Integrations;
using Parley.Knowledge;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Quality;
using Parley.Platform.Telemetry;

namespace Parley.Host;

/// <summary>The application: which modules it has, and what a request passes on its way to them.</summary>
public static class ParleyApp
{
    /// <param name="instance">Database, keys, address.</param>
    /// <param name="replace">Lets tests replace services, for example the clock; runs last.</param>
    public static WebApplication Build(InstanceOptions instance, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "parley" });
        builder.ConfigureServer(instance);
        builder.Services.AddSingleton(instance).AddSingleton(instance.Database).AddSingleton(instance.MasterKey).AddSingleton(instance.Token).AddSingleton<Readiness>();
        foreach (var migration in Modules.Migrations) builder.Services.AddSingleton(migration);
        builder.Services.AddHttp();

        var platform = PlatformOptions.FromEnvironment(instance.Objects ?? DataDirectory.ObjectsIn(instance.DataDirectory)) with { RunsJobs = instance.Role != NodeRole.Web };
        builder.Services.AddPlatform(platform);
        builder.Services.AddIdentity();
        builder.Services.AddInference();
        builder.Services.AddKnowledge();
        builder.Services.AddConversations();
        builder.Services.AddEscalations();
        builder.Services.AddAssistant();
        builder.Services.AddIntegrations(platform);
        builder.Services.AddQuality();

        replace?.Invoke(builder.Services);
        var app = builder.Build();

        app.UseTrustedProxies();
        app.UseRequestIds();
        app.UseErrors();
        app.UseSecurityHeaders();
        if (instance.Role == NodeRole.Worker) app.UseWorkerNode();
        app.UseResponseCompression();
        app.UseApiPage();
        app.UseConsoleFiles();
        app.UseWidgetFiles();
        app.UseHeadRequests();
        app.UseRouting();
        app.UseAuthentication();
        app.UsePlatform();

        app.MapHealth();
        app.MapApiDescription();
        app.MapConsolePages();
        app.MapPlatform();
        app.MapWidgetPages();
        app.MapIdentity();
        app.MapInference();
        app.MapKnowledge();
        app.MapConversations();
        app.MapEscalations();
        app.MapAssistant();
        app.MapIntegrations();
        app.MapQuality();
        app.VerifyAccessRules();
        return app;
    }

    /// <summary>The address it listens on, after it started.</summary>
    internal static Uri Address(this WebApplication app) => new(app.Urls.First());
}
