using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Assistant.Contracts;
using Parley.Knowledge;
using Parley.Platform.Jobs;
using Parley.Quality.Canaries;
using Parley.Quality.Confidence;
using Parley.Quality.Golden;

namespace Parley.Quality;

/// <summary>Evaluation, the canaries of sources, golden questions and their runs, what the confidence is worth. The module's two doors.</summary>
public static class QualityModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddQuality(this IServiceCollection services) =>
        services.AddSingleton<EvaluationTools>().AddSingleton<EvaluateRetrieval>().AddSingleton<EvaluateAnswers>()
            .AddSingleton<Canaries.Canaries>().AddJob<CanaryCheck>(KnowledgeWork.Changed)
            .AddSingleton<GoldenQuestions>().AddSingleton<GoldenRuns>().AddSingleton<CompareGoldenRuns>().AddSingleton<IPublishCheck, GoldenPublishCheck>().AddJob<GoldenRunJob>(GoldenRunJob.JobKind)
            .AddSingleton<Calibrations>().AddSingleton<Judgements>();

    /// <summary>Maps the module's endpoints under <c>/v1</c>.</summary>
    public static void MapQuality(this IEndpointRouteBuilder app)
    {
        var quality = app.MapGroup("/v1").WithTags("Quality");
        Canaries.Canaries.Map(quality);
        GoldenQuestions.Map(quality.MapGroup("/quality/golden-questions"));
        Judgements.Map(quality);
        Calibrations.Map(quality.MapGroup("/quality/confidence"));
        var runs = quality.MapGroup("/quality/golden-runs");
        GoldenRuns.Map(runs);
        CompareGoldenRuns.Map(runs);
    }
}
