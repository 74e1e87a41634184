using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Schedules;

namespace Parley.Inference.Costs;

/// <summary>The part's own doors, called by the module's.</summary>
internal static class CostsApi
{
    internal static IServiceCollection AddCosts(this IServiceCollection services) => services
        .AddSingleton<CostSummary>().AddSingleton<CostCalls>().AddSingleton<CostSavings>().AddSingleton<GetForecast>().AddSingleton<CostAnomalies>()
        .AddSingleton<BudgetApi>().AddSingleton<BudgetAlerts>()
        .AddSchedule(CostAnomalies.Name, CostAnomalies.Cron, CostAnomalies.RunAsync);

    internal static void MapCosts(this IEndpointRouteBuilder app)
    {
        var costs = app.MapGroup("/v1/costs").WithTags("Costs");
        CostSummary.Map(costs);
        CostCalls.Map(costs);
        CostSavings.Map(costs);
        GetForecast.Map(costs);
        CostAnomalies.Map(costs);
        var budget = app.MapGroup("/v1/budget").WithTags("Costs");
        BudgetApi.Map(budget);
        BudgetAlerts.Map(budget);
    }
}
