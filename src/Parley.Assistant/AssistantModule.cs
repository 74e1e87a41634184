using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;

namespace Parley.Assistant;

/// <summary>The answering turn. The module's two doors.</summary>
public static class AssistantModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddAssistant(this IServiceCollection services)
    {
        services.AddSingleton<RunningTurns>().AddSingleton<ITurnScheduler, TurnScheduler>().AddSingleton<ITurnDrafts, TurnDrafts>();
        return services;
    }

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapAssistant(this IEndpointRouteBuilder app) => ArgumentNullException.ThrowIfNull(app);
}
