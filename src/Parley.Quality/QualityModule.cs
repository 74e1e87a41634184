using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Knowledge;
using Parley.Platform.Jobs;
using Parley.Quality.Canaries;

namespace Parley.Quality;

/// <summary>Evaluation, and the canaries of sources. The module's two doors.</summary>
public static class QualityModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddQuality(this IServiceCollection services) =>
        services.AddSingleton<EvaluationTools>().AddSingleton<EvaluateRetrieval>().AddSingleton<EvaluateAnswers>()
            .AddSingleton<Canaries.Canaries>().AddJob<CanaryCheck>(KnowledgeWork.Changed);

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapQuality(this IEndpointRouteBuilder app) => Canaries.Canaries.Map(app.MapGroup("/v1").WithTags("Quality"));
}
