using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Documents;

/// <summary>Deletes one document; from the commit on it is quoted nowhere. The next complete import of its folder brings it back if the file is still there.</summary>
internal sealed class DeleteDocument(TenantDb db, KnowledgeChanges changes, KnowledgeWork work, StoredFiles files, AuditLog audit)
{
    internal const string FindSql = """
        select d.id from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where d.tenant_id = @tenantId and d.id = @documentId
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapDelete("/documents/{documentId:guid}", async (Guid documentId, Caller caller, DeleteDocument handler, CancellationToken ct) =>
                (await handler.HandleAsync(documentId, caller, ct)).ToNoContent())
            .WithName("DeleteDocument").RequirePermission(Permission.KnowledgeWrite);

    private async Task<Result<bool>> HandleAsync(Guid documentId, Caller caller, CancellationToken ct)
    {
        var gone = await db.InTransactionAsync(caller.TenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Guid?>(FindSql, new { tenantId = session.TenantId, documentId }) is null)
                return null;
            await audit.WriteAsync(session, caller, "knowledge.document.deleted", "document", documentId.ToString("D"));
            await work.AfterChangeAsync(session);
            return await changes.RemoveAsync(session, [documentId]);
        }, ct);
        if (gone is null)
            return KnowledgeErrors.NoDocument;
        await files.SweepAsync(caller.TenantId, gone, ct);
        return true;
    }
}
