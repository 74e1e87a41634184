using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Platform.Schedules;

/// <summary>Turns one moment of a schedule into a job per tenant.</summary>
internal sealed class TenantFanOut(SystemDb system, TenantDb tenants, JobQueue queue)
{
    internal const string TenantsSql = "select * from tenant_ids()";

    internal const string LiveSql =
        "select exists (select 1 from jobs where tenant_id = @tenantId and aggregate_key = @aggregate and state in ('scheduled', 'queued', 'running'))";

    internal async Task RunAsync(JobKind kind, CancellationToken ct)
    {
        var aggregate = "schedule:" + kind.Name;
        foreach (var tenant in await system.QueryAsync<Guid>(TenantsSql, null, ct))
        {
            await tenants.InTransactionAsync(tenant, async s =>
            {
                if (!await s.QuerySingleAsync<bool>(LiveSql, new { tenantId = tenant, aggregate }))
                {
                    await queue.EnqueueAsync(s, kind, new { }, aggregate);
                }
            }, ct);
        }
    }
}
