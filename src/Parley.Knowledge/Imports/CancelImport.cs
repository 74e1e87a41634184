using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Feed;

namespace Parley.Knowledge.Imports;

/// <summary>Ends an import where it is: what it has written stays, nothing is removed.</summary>
internal sealed class CancelImport(TenantDb db, AuditLog audit, FeedHub hub, TimeProvider time)
{
    internal const string CancelSql = "update imports set state = 'cancelled', finished_at = @now where tenant_id = @tenantId and id = @importId";

    // Before the import's row: a crawl holds its own row and then asks for the import's.
    internal const string CancelCrawlSql = "update crawls set state = 'cancelled', finished_at = @now where tenant_id = @tenantId and id = @importId and state = 'running'";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/imports/{importId:guid}/cancel", async (Guid importId, Caller caller, CancelImport handler, CancellationToken ct) =>
                (await handler.HandleAsync(importId, caller, ct)).ToHttp())
            .WithName("CancelImport").RequirePermission(Permission.KnowledgeWrite);

    private Task<Result<ImportView>> HandleAsync(Guid importId, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<ImportView>>(caller.TenantId, async session =>
        {
            await session.ExecuteAsync(CancelCrawlSql, new { tenantId = session.TenantId, importId, now = time.GetUtcNow() });
            if (await ImportRows.LockAsync(session, importId) is not { } import)
                return KnowledgeErrors.NoImport;
            if (import.State == "cancelled")
                return import;
            if (!import.IsActive)
                return KnowledgeErrors.Finished(import.State);
            await session.ExecuteAsync(CancelSql, new { tenantId = session.TenantId, importId, now = time.GetUtcNow() });
            await audit.WriteAsync(session, caller, "knowledge.import.cancelled", "import", importId.ToString("D"));
            session.OnCommitted(() => hub.Publish(new FeedTopic(caller.TenantId, ImportFeed.Topic, importId)));
            return (await ImportRows.ReadAsync(session, importId))!;
        }, ct);
}
