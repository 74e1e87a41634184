using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Knowledge.Vectors;

/// <summary>Begins what is due: after another choice of models, and when what stood in the way may have passed.</summary>
internal sealed class VectorRuns(TenantDb db, SystemDb system, EmbeddingSets sets, ConfigurationStore configuration, TimeProvider time, ILogger<VectorRuns> log)
{
    internal const string Schedule = "knowledge.due_vectors";

    /// <summary>Every 10 seconds.</summary>
    internal const string Cron = "3/10 * * * * ?";

    internal const string DueSql = "select tenant_id from vectors_due(@now, @limit)";

    private const int AtOnce = 200;

    internal async Task StartDueAsync(CancellationToken ct)
    {
        foreach (var tenantId in await system.QueryAsync<Guid>(DueSql, new { now = time.GetUtcNow(), limit = AtOnce }, ct))
        {
            try
            {
                await db.InTransactionAsync(tenantId, async session =>
                {
                    var version = (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, tenantId))?.Version ?? 0;
                    await sets.NextNumberAsync(session);
                    await session.ExecuteAsync(EmbeddingSets.ClaimSql, new { tenantId, version });
                    await sets.EnqueueAsync(session);
                }, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.VectorsNotStarted(tenantId, e);
            }
        }
    }
}
