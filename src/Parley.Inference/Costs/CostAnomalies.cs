using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Inference.Budget;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Http;

namespace Parley.Inference.Costs;

/// <summary>A day that cost much more than days of its kind.</summary>
internal sealed record CostAnomaly
{
    public DateOnly Day { get; init; }

    public decimal Cost { get; init; }

    /// <summary>The median of the days that it was compared with: of working days, or of weekends.</summary>
    public decimal Usual { get; init; }

    /// <summary>Above which it was flagged.</summary>
    public decimal Threshold { get; init; }

    /// <summary>How many days it was compared with.</summary>
    public int Days { get; init; }

    /// <summary>When it was seen first.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>Looks every quarter of an hour whether today, or yesterday with its late bills, cost too much, and remembers it once.</summary>
internal sealed class CostAnomalies(TenantDb db, SystemDb system, ConfigurationStore configuration, TimeProvider time, ILogger<CostAnomalies> log)
{
    internal const string Name = "inference.cost_anomalies";

    internal const string Cron = "23 4/15 * * * ?";

    internal const string TenantsSql = "select * from cost_tenants(@since)";

    internal const string FlagSql = """
        insert into cost_anomalies (tenant_id, day, cost, usual, threshold, days, at) values (@tenantId, @day, @cost, @usual, @threshold, @days, @now)
        on conflict (tenant_id, day) do update set cost = excluded.cost returning xmax = 0
        """;

    internal const string ListSql = "select day, cost, usual, threshold, days, at from cost_anomalies where tenant_id = @tenantId and day >= @from order by day desc limit 400";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/anomalies", async (Caller caller, CostAnomalies handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller.TenantId, ct)))
            .WithName("ListCostAnomalies").RequirePermission(Permission.CostsRead);

    internal static Task RunAsync(IServiceProvider services, CancellationToken ct) => services.GetRequiredService<CostAnomalies>().RunAsync(ct);

    internal static Task<IReadOnlyList<CostAnomaly>> SinceAsync(TenantSession s, DateOnly from) => s.QueryAsync<CostAnomaly>(ListSql, new { tenantId = s.TenantId, from });

    internal async Task RunAsync(CancellationToken ct)
    {
        foreach (var tenant in await system.QueryAsync<Guid>(TenantsSql, new { since = Today.AddDays(-1) }, ct))
        {
            try
            {
                await CheckAsync(tenant, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next run tries again; the other tenants must not wait for it.
                log.AnomaliesFailed(e);
            }
        }
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private Task CheckAsync(Guid tenantId, CancellationToken ct) => db.InTransactionAsync(tenantId, async s =>
    {
        var today = Today;
        var least = ((await configuration.PublishedAsync<BudgetSettings>(s, BudgetSettings.Kind, tenantId))?.Body ?? new BudgetSettings()).Unusual;
        var daily = await DailyCosts.ReadAsync(s, today.AddDays(-1 - UnusualDay.Span));
        foreach (var judged in new[] { today.AddDays(-1), today }.Select(day => UnusualDay.Judge(day, daily, least)))
        {
            if (judged is { IsUnusual: true } && await s.QuerySingleAsync<bool>(FlagSql, new { tenantId, judged.Day, judged.Cost, judged.Usual, judged.Threshold, judged.Days, now = time.GetUtcNow() }))
            {
                s.OnCommitted(() => log.UnusualCost(judged.Cost, judged.Threshold));
            }
        }
    }, ct);

    private async Task<Page<CostAnomaly>> ListAsync(Guid tenantId, CancellationToken ct) =>
        new(await db.InTransactionAsync(tenantId, s => SinceAsync(s, Today.AddDays(-CostFilter.MaxDays)), ct), null);
}
