using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge.Imports;

internal sealed record ImportFileView
{
    public string Path { get; init; } = "";
    public string State { get; init; } = "";
    public string? Reason { get; init; }
    public long Size { get; init; }
    public Guid? DocumentId { get; init; }
    public int Chunks { get; init; }
}

/// <summary>Shows imports, and what became of each file.</summary>
internal sealed class GetImports(TenantDb db)
{
    internal const string ListSql = $"""
        select {ImportRows.Columns} from imports
         where tenant_id = @tenantId and (@sourceId::uuid is null or source_id = @sourceId) and (@at::timestamptz is null or (created_at, id) < (@at, @id))
         order by created_at desc, id desc limit @take
        """;

    internal const string FilesSql = """
        select path, state, reason, size, document_id, chunks from import_files
         where tenant_id = @tenantId and import_id = @importId and (@state::text is null or state = @state) and path > @after
         order by path limit @take
        """;

    private static readonly string[] States = ["pending", "added", "changed", "unchanged", "failed", "expanded"];

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/imports", async ([AsParameters] PageQuery page, Guid? sourceId, Caller caller, GetImports handler, CancellationToken ct) =>
                (await handler.ListAsync(page, sourceId, caller.TenantId, ct)).ToHttp())
            .WithName("ListImports").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/imports/{importId:guid}", async (Guid importId, Caller caller, GetImports handler, CancellationToken ct) =>
                (await handler.GetAsync(importId, caller.TenantId, ct)).ToHttp())
            .WithName("GetImport").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/imports/{importId:guid}/files", async (Guid importId, string? state, string? cursor, int? limit, Caller caller, GetImports handler, CancellationToken ct) =>
                (await handler.FilesAsync(importId, state, cursor, limit, caller.TenantId, ct)).ToHttp())
            .WithName("ListImportFiles").RequirePermission(Permission.KnowledgeRead);
    }

    private async Task<Result<Page<ImportView>>> ListAsync(PageQuery page, Guid? sourceId, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<ImportView>(ListSql,
            new { tenantId, sourceId, at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, i => new PageCursor(i.CreatedAt, i.Id));
    }

    private async Task<Result<ImportView>> GetAsync(Guid importId, Guid tenantId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => ImportRows.ReadAsync(s, importId), ct) is { } import ? import : KnowledgeErrors.NoImport;

    /// <summary>Ordered by path; the cursor is the last path.</summary>
    private async Task<Result<Page<ImportFileView>>> FilesAsync(Guid importId, string? state, string? cursor, int? limit, Guid tenantId, CancellationToken ct)
    {
        if (state is not null && !States.Contains(state))
            return Error.Invalid("state", "Give one of " + string.Join(", ", States) + ".");
        if (PathPages.Check(cursor, limit) is { } invalid)
            return invalid;
        var take = limit ?? PageQuery.DefaultLimit;
        return await db.InTransactionAsync<Result<Page<ImportFileView>>>(tenantId, async session =>
        {
            if (await ImportRows.ReadAsync(session, importId) is null)
                return KnowledgeErrors.NoImport;
            var rows = await session.QueryAsync<ImportFileView>(FilesSql, new { tenantId, importId, state, after = cursor ?? "", take = take + 1 });
            return PathPages.PageOf(rows, take, f => f.Path);
        }, ct);
    }
}
