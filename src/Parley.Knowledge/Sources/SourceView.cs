using Parley.Platform.Data;

namespace Parley.Knowledge.Sources;

/// <summary>The state of a source's newest import.</summary>
internal sealed record LastImport(Guid Id, string State, DateTimeOffset? FinishedAt);

/// <summary>A source of knowledge.</summary>
internal sealed record SourceView(
    Guid Id, string Kind, string Canonical, string Name, string? Language, string Audience, string State, int Documents, int Chunks, LastImport? LastImport, DateTimeOffset CreatedAt);

internal sealed record SourceRow
{
    internal const string SelectSql = """
        select s.id, s.kind, s.canonical, s.name, s.language, s.audience, s.state, s.created_at,
               (select count(*)::int from documents d where d.tenant_id = s.tenant_id and d.source_id = s.id) as documents,
               (select coalesce(sum(d.chunks), 0)::int from documents d where d.tenant_id = s.tenant_id and d.source_id = s.id) as chunks,
               i.id as import_id, i.state as import_state, i.finished_at as import_finished_at
          from knowledge_sources s
          left join lateral (select id, state, finished_at from imports where tenant_id = s.tenant_id and source_id = s.id order by created_at desc, id desc limit 1) i on true
         where s.tenant_id = @tenantId and s.state <> 'deleting'
        """;

    internal const string OneSql = SelectSql + " and s.id = @sourceId";

    public Guid Id { get; init; }
    public string Kind { get; init; } = "";
    public string Canonical { get; init; } = "";
    public string Name { get; init; } = "";
    public string? Language { get; init; }
    public string Audience { get; init; } = "";
    public string State { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public int Documents { get; init; }
    public int Chunks { get; init; }
    public Guid? ImportId { get; init; }
    public string? ImportState { get; init; }
    public DateTimeOffset? ImportFinishedAt { get; init; }

    internal SourceView ToView() => new(
        Id, Kind, Canonical, Name, Language, Audience, State, Documents, Chunks, ImportId is { } import ? new LastImport(import, ImportState!, ImportFinishedAt) : null, CreatedAt);

    internal static async Task<SourceView?> ReadAsync(TenantSession session, Guid sourceId) =>
        (await session.QuerySingleOrDefaultAsync<SourceRow>(OneSql, new { tenantId = session.TenantId, sourceId }))?.ToView();
}
