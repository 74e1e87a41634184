using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Knowledge.Search;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Documents;

internal sealed record ChunkView(Guid Id, int Ordinal, string Kind, string Text, int Tokens);

internal sealed record SectionView(Guid Id, IReadOnlyList<string> HeadingPath, string? Anchor, string Text, IReadOnlyList<ChunkView> Chunks);

internal sealed record DocumentDetail(
    Guid Id, Guid SourceId, string Path, string Title, string? Url, string? Language, int Version, int Chunks, long ByteSize, DateTimeOffset UpdatedAt,
    JsonElement Metadata, IReadOnlyList<SectionView> Sections);

internal sealed record PublicSection(IReadOnlyList<string> HeadingPath, string? Anchor, string Text);

/// <summary>Parley's own copy of a document, for a customer who follows a citation that has no address.</summary>
internal sealed record PublicDocument(Guid Id, string Title, string? Url, IReadOnlyList<PublicSection> Sections);

/// <summary>Shows a document as Parley has read it.</summary>
internal sealed class GetDocument(TenantDb db)
{
    internal const string DocumentSql = """
        select d.id, d.source_id, d.path, d.title, d.url, coalesce(d.language, s.language) as language, d.version, d.chunks, d.byte_size, d.updated_at, d.metadata::text as metadata
          from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where d.tenant_id = @tenantId and d.id = @documentId and (@audiences::text[] is null or s.audience = any(@audiences))
        """;

    internal const string SectionsSql = """
        select id, heading_path, anchor, text from sections where tenant_id = @tenantId and document_id = @documentId order by ordinal
        """;

    internal const string ChunksSql = """
        select id, section_id, ordinal, kind, text, tokens from chunks where tenant_id = @tenantId and document_id = @documentId order by ordinal
        """;

    private sealed record DocumentRow
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
        public string Metadata { get; init; } = "{}";
    }

    private sealed record SectionRow
    {
        public Guid Id { get; init; }
        public string[] HeadingPath { get; init; } = [];
        public string? Anchor { get; init; }
        public string Text { get; init; } = "";
    }

    private sealed record ChunkRow
    {
        public Guid Id { get; init; }
        public Guid SectionId { get; init; }
        public int Ordinal { get; init; }
        public string Kind { get; init; } = "";
        public string Text { get; init; } = "";
        public int Tokens { get; init; }
    }

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/documents/{documentId:guid}", async (Guid documentId, Caller caller, GetDocument handler, CancellationToken ct) =>
                (await handler.GetAsync(documentId, caller.TenantId, ct)).ToHttp())
            .WithName("GetDocument").RequirePermission(Permission.KnowledgeRead);

    internal static void MapWidget(IEndpointRouteBuilder app) =>
        app.MapGet("/widget/documents/{documentId:guid}", async (Guid documentId, Caller caller, GetDocument handler, CancellationToken ct) =>
                (await handler.GetPublicAsync(documentId, caller.TenantId, ct)).ToHttp())
            .WithName("GetWidgetDocument").RequirePermission(Permission.WidgetTalk);

    private Task<Result<DocumentDetail>> GetAsync(Guid documentId, Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync<Result<DocumentDetail>>(tenantId, async session =>
        {
            if (await DocumentAsync(session, documentId, audiences: null) is not { } d)
                return KnowledgeErrors.NoDocument;
            var sections = await session.QueryAsync<SectionRow>(SectionsSql, new { tenantId, documentId });
            var chunks = (await session.QueryAsync<ChunkRow>(ChunksSql, new { tenantId, documentId })).ToLookup(c => c.SectionId);
            return new DocumentDetail(d.Id, d.SourceId, d.Path, d.Title, d.Url, d.Language, d.Version, d.Chunks, d.ByteSize, d.UpdatedAt,
                JsonSerializer.Deserialize<JsonElement>(d.Metadata),
                [.. sections.Select(s => new SectionView(s.Id, s.HeadingPath, s.Anchor, s.Text, [.. chunks[s.Id].Select(c => new ChunkView(c.Id, c.Ordinal, c.Kind, c.Text, c.Tokens))]))]);
        }, ct);

    private Task<Result<PublicDocument>> GetPublicAsync(Guid documentId, Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync<Result<PublicDocument>>(tenantId, async session =>
        {
            if (await DocumentAsync(session, documentId, [.. KnowledgeSearch.PublicOnly]) is not { } d)
                return KnowledgeErrors.NoDocument;
            var sections = await session.QueryAsync<SectionRow>(SectionsSql, new { tenantId, documentId });
            return new PublicDocument(d.Id, d.Title, d.Url, [.. sections.Select(s => new PublicSection(s.HeadingPath, s.Anchor, s.Text))]);
        }, ct);

    private static Task<DocumentRow?> DocumentAsync(TenantSession session, Guid documentId, string[]? audiences) =>
        session.QuerySingleOrDefaultAsync<DocumentRow>(DocumentSql, new { tenantId = session.TenantId, documentId, audiences });
}
