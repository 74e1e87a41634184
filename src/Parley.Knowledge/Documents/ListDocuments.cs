using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge.Documents;

internal sealed record DocumentView
{
    public Guid Id { get; init; }
    public Guid SourceId { get; init; }
    public string Path { get; init; } = "";
    public string Title { get; init; } = "";
    public string? Url { get; init; }
    public string? Language { get; init; }
    public int Version { get; init; }
    public int Chunks { get; init; }
    public long ByteSize { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Shows documents, the last changed first; <c>q</c> looks into titles and paths.</summary>
internal sealed class ListDocuments(TenantDb db)
{
    private const int MaxQuery = 200;

    internal const string Sql = """
        select d.id, d.source_id, d.path, d.title, d.url, coalesce(d.language, s.language) as language, d.version, d.chunks, d.byte_size, d.updated_at
          from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where d.tenant_id = @tenantId and (@sourceId::uuid is null or d.source_id = @sourceId)
           and (@pattern::text is null or d.title ilike @pattern or d.path ilike @pattern)
           and (@at::timestamptz is null or (d.updated_at, d.id) < (@at, @id))
         order by d.updated_at desc, d.id desc limit @take
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/documents", async ([AsParameters] PageQuery page, Guid? sourceId, string? q, Caller caller, ListDocuments handler, CancellationToken ct) =>
                (await handler.HandleAsync(page, sourceId, q, caller.TenantId, ct)).ToHttp())
            .WithName("ListDocuments").RequirePermission(Permission.KnowledgeRead);

    private async Task<Result<Page<DocumentView>>> HandleAsync(PageQuery page, Guid? sourceId, string? q, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        if (q is { Length: > MaxQuery } || (q?.Contains('\0', StringComparison.Ordinal) ?? false))
            return Error.Invalid("q", $"Give at most {MaxQuery} printable characters.");
        var pattern = LikePattern.Containing(q);
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<DocumentView>(Sql,
            new { tenantId, sourceId, pattern, at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, d => new PageCursor(d.UpdatedAt, d.Id));
    }
}
