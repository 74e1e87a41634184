using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Http;

namespace Parley.Inference.Costs;

/// <summary>A step that a budget has reached.</summary>
internal sealed record BudgetAlert
{
    /// <summary>tenant_month, tenant_day or anonymous.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The month's first day, or the day; UTC.</summary>
    public DateOnly Period { get; init; }

    /// <summary>Percent of the budget: 70, 80, 90, 100, 110 or 120.</summary>
    public int Step { get; init; }

    /// <summary>What was spent then.</summary>
    public decimal Spent { get; init; }

    /// <summary>The limit that held then.</summary>
    public decimal Budget { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>Each step of each period once, the last first.</summary>
internal sealed class BudgetAlerts(TenantDb db, TimeProvider time)
{
    internal const string AlertsSql = "select kind, period, step::int as step, spent, budget, at from budget_alerts where tenant_id = @tenantId and period >= @from order by at desc, step desc, kind limit 500";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/alerts", async (Caller caller, BudgetAlerts handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller.TenantId, ct)))
            .WithName("ListBudgetAlerts").RequirePermission(Permission.CostsRead);

    internal static Task<IReadOnlyList<BudgetAlert>> OfAsync(TenantSession s, DateOnly from) => s.QueryAsync<BudgetAlert>(AlertsSql, new { tenantId = s.TenantId, from });

    /// <summary>Of about a year; the last 500.</summary>
    private async Task<Page<BudgetAlert>> ListAsync(Guid tenantId, CancellationToken ct) =>
        new(await db.InTransactionAsync(tenantId, s => OfAsync(s, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-CostFilter.MaxDays)), ct), null);
}
