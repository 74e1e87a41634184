using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge.Sources;

/// <summary>Shows sources, the newest first.</summary>
internal sealed class ListSources(TenantDb db)
{
    internal const string ListSql = SourceRow.SelectSql + " and (@at::timestamptz is null or (s.created_at, s.id) < (@at, @id)) order by s.created_at desc, s.id desc limit @take";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/sources", async ([AsParameters] PageQuery page, Caller caller, ListSources handler, CancellationToken ct) =>
                (await handler.ListAsync(page, caller.TenantId, ct)).ToHttp())
            .WithName("ListSources").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/sources/{sourceId:guid}", async (Guid sourceId, Caller caller, ListSources handler, CancellationToken ct) =>
                (await handler.GetAsync(sourceId, caller.TenantId, ct)).ToHttp())
            .WithName("GetSource").RequirePermission(Permission.KnowledgeRead);
    }

    private async Task<Result<Page<SourceView>>> ListAsync(PageQuery page, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<SourceRow>(ListSql,
            new { tenantId, at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf([.. rows.Select(r => r.ToView())], part.Limit, s => new PageCursor(s.CreatedAt, s.Id));
    }

    private async Task<Result<SourceView>> GetAsync(Guid sourceId, Guid tenantId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => SourceRow.ReadAsync(s, sourceId), ct) is { } source ? source : KnowledgeErrors.NoSource;
}
