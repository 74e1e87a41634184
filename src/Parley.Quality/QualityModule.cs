using Microsoft.Extensions.DependencyInjection;

namespace Parley.Quality;

/// <summary>Evaluation. The module's door; it has no endpoints yet.</summary>
public static class QualityModule
{
    /// <summary>Registers the module.</summary>
    public static IServiceCollection AddQuality(this IServiceCollection services) => services.AddSingleton<EvaluationTools>().AddSingleton<EvaluateRetrieval>().AddSingleton<EvaluateAnswers>();
}
