using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Inference.Batches;

/// <summary>
/// Looks every twenty seconds which work is to be collected and which batches are to be looked at, and makes jobs of it. A batch is moved by this clock alone: a job that
/// was lost, or died, is followed by another.
/// </summary>
internal static class BatchSchedule
{
    internal const string Name = "inference.batches";

    internal const string Cron = "17/20 * * * * ?";

    internal const string ExpireName = "inference.batch_expire";

    internal const string ExpireCron = "0 47 * * * ?";

    internal const string TenantsSql = "select * from batch_tenants(@now, @age, @count)";

    internal const string LiveSql = "select exists (select 1 from jobs where tenant_id = @tenantId and aggregate_key = @aggregate and state in ('scheduled', 'queued', 'running'))";

    internal const string DueSql = "select tenant_id as tenantid, id from batches_due(@now, @limit)";

    internal const string ExpireSql = "select batch_expire(@now)";

    private const int AtOnce = 200;

    /// <summary>Longer than a step takes; after it a batch that nobody has moved is looked at again.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(5);

    internal static async Task RunAsync(IServiceProvider services, CancellationToken ct)
    {
        var (system, db, jobs, now) = (services.GetRequiredService<SystemDb>(), services.GetRequiredService<TenantDb>(), services.GetRequiredService<JobQueue>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
        foreach (var tenant in await system.QueryAsync<Guid>(TenantsSql, new { now, age = BatchRules.Company, count = BatchRules.MostItems }, ct))
        {
            var aggregate = "schedule:" + BatchCollect.Kind.Name;
            await db.InTransactionAsync(tenant, async session =>
            {
                if (!await session.QuerySingleAsync<bool>(LiveSql, new { tenantId = tenant, aggregate }))
                {
                    await jobs.EnqueueAsync(session, BatchCollect.Kind, new { }, aggregate);
                }
            }, ct);
        }
        foreach (var due in await system.QueryAsync<Due>(DueSql, new { now, limit = AtOnce }, ct))
        {
            await db.InTransactionAsync(due.TenantId, async session =>
            {
                if (await session.ExecuteAsync(BatchStore.ClaimSql, new { tenantId = due.TenantId, due.Id, now, until = now + Claim }) == 1)
                {
                    await jobs.EnqueueAsync(session, BatchRun.Kind, new BatchRun.Payload(due.Id), aggregateKey: $"batch:{due.Id}");
                }
            }, ct);
        }
    }

    internal static Task ExpireAsync(IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<SystemDb>().ExecuteAsync(ExpireSql, new { now = services.GetRequiredService<TimeProvider>().GetUtcNow() }, ct);

    private sealed record Due
    {
        public Guid TenantId { get; init; }

        public Guid Id { get; init; }
    }
}
