using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;

namespace Parley.Inference.Budget;

/// <summary>Settles what dead nodes held, at the whole amount: nobody knows what the provider billed. One transaction each, so that locks keep their order.</summary>
internal sealed class BudgetSweep(SystemDb system, Budgets budgets, ILogger<BudgetSweep> log)
{
    internal const string Name = "inference.budget_sweep";

    /// <summary>Every 20 seconds.</summary>
    internal const string Cron = "11/20 * * * * ?";

    internal const string ExpireName = "inference.budget_expire";

    internal const string ExpireCron = "0 53 4 * * ?";

    internal const string OverdueSql = "select tenant_id as tenantid, id from budget_overdue(@limit)";

    internal const string ExpireSql = "select budget_expire(@now)";

    private const int AtOnce = 100;

    internal static Task RunAsync(IServiceProvider services, CancellationToken ct) => services.GetRequiredService<BudgetSweep>().RunAsync(ct);

    internal static Task ExpireAsync(IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<SystemDb>().ExecuteAsync(ExpireSql, new { now = services.GetRequiredService<TimeProvider>().GetUtcNow() }, ct);

    internal async Task RunAsync(CancellationToken ct)
    {
        foreach (var overdue in await system.QueryAsync<Overdue>(OverdueSql, new { limit = AtOnce }, ct))
        {
            try
            {
                if (await budgets.FindAsync(overdue.TenantId, overdue.Id, ct) is { } reservation
                    && await budgets.SettleAsync(reservation, new Bill(reservation.Provider, reservation.Model), ct))
                {
                    log.ReservationSwept(overdue.Id);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next sweep tries again; the others must not wait for it.
                log.SettleFailed(overdue.Id, e);
            }
        }
    }

    private sealed record Overdue
    {
        public Guid TenantId { get; init; }

        public Guid Id { get; init; }
    }
}
