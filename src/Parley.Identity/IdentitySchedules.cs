using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Schedules;

namespace Parley.Identity;

/// <summary>What this module does at certain times.</summary>
internal static class IdentitySchedules
{
    private const string UnchainedSql = "select * from audit_unchained_tenants()";
    internal const string ExpireSql = "select identity_expire(@now)";

    internal static IServiceCollection AddIdentitySchedules(this IServiceCollection services) => services
        .AddSchedule("identity.audit_chain", "30 * * * * ?", EnqueueChainsAsync)
        .AddSchedule("identity.expire", "0 23 * * * ?", (provider, ct) => provider.GetRequiredService<SystemDb>()
            .ExecuteAsync(ExpireSql, new { now = provider.GetRequiredService<TimeProvider>().GetUtcNow() }, ct));

    /// <summary>Only where there is something to chain: an idle tenant costs one index probe a minute.</summary>
    private static async Task EnqueueChainsAsync(IServiceProvider provider, CancellationToken ct)
    {
        var (tenants, queue) = (provider.GetRequiredService<TenantDb>(), provider.GetRequiredService<JobQueue>());
        foreach (var tenantId in await provider.GetRequiredService<SystemDb>().QueryAsync<Guid>(UnchainedSql, null, ct))
        {
            await tenants.InTransactionAsync(tenantId, session => queue.EnqueueAsync(session, AuditChainJob.Kind, new { }, AuditChainJob.Kind.Name), ct);
        }
    }
}
