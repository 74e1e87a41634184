using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Inference.Costs;

/// <summary>The end of the running month.</summary>
internal sealed class GetForecast(TenantDb db, TimeProvider time)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/forecast", async (Caller caller, GetForecast handler, CancellationToken ct) => TypedResults.Ok(await handler.ReadAsync(caller.TenantId, ct)))
            .WithName("GetCostForecast").RequirePermission(Permission.CostsRead);

    private async Task<CostForecast> ReadAsync(Guid tenantId, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        // The month's first day may lie further back than the history.
        var from = today.AddDays(-Math.Max(CostForecast.HistoryDays, today.Day - 1));
        return CostForecast.Of(today, await db.InTransactionAsync(tenantId, s => DailyCosts.ReadAsync(s, from), ct));
    }
}
