using Parley.Platform.Data;

namespace Parley.Knowledge;

/// <summary>How much a tenant knows, as far as it matters.</summary>
public sealed class KnowledgeSize(TenantDb db)
{
    private const string AtMostSql = "select count(*) <= @documents from (select 1 from documents where tenant_id = @tenantId limit @documents + 1) d";

    /// <summary>Has the tenant so many documents or fewer? Counts no further.</summary>
    public Task<bool> IsAtMostAsync(Guid tenantId, int documents, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.QuerySingleAsync<bool>(AtMostSql, new { tenantId, documents }), ct);
}
