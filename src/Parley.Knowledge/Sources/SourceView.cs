using Parley.Knowledge.Websites;
using Parley.Platform.Data;

namespace Parley.Knowledge.Sources;

/// <summary>The state of a source's newest import.</summary>
internal sealed record LastImport(Guid Id, string State, DateTimeOffset? FinishedAt);

/// <summary>How fresh a source is.</summary>
/// <param name="LastRunAt">When the last import that succeeded ended.</param>
/// <param name="NextRunAt">Null: only when somebody asks.</param>
/// <param name="ScheduleHours">Hours between two runs.</param>
/// <param name="FailingSince">Since when no import of it succeeds; null: the last one did.</param>
/// <param name="Failure">Why.</param>
/// <param name="ChangedAt">When a document of it was last added or changed.</param>
/// <param name="PagesFailing">Pages of a website that could not be read last time; what was known of them is still answered from.</param>
/// <param name="PagesGone">Pages that vanished and have not come back.</param>
/// <param name="Orphaned">Documents that are still answered from although their page has failed for more than a week.</param>
/// <param name="Duplicates">Passages that another document has too.</param>
/// <param name="Contradictions">Sentences that another document says otherwise.</param>
internal sealed record SourceFreshness(
    DateTimeOffset? LastRunAt, DateTimeOffset? NextRunAt, int? ScheduleHours, DateTimeOffset? FailingSince, string? Failure, DateTimeOffset? ChangedAt, int PagesFailing, int PagesGone, int Orphaned,
    int Duplicates, int Contradictions);

/// <summary>A source of knowledge.</summary>
/// <param name="Website">Of a website: what of it is imported.</param>
internal sealed record SourceView(
    Guid Id, string Kind, string Canonical, string Name, string? Language, string Audience, string State, int Documents, int Chunks, LastImport? LastImport, SourceFreshness Freshness,
    CrawlSettings? Website, DateTimeOffset CreatedAt);

internal sealed record SourceRow
{
    internal const string SelectSql = """
        select s.id, s.kind, s.canonical, s.name, s.language, s.audience, s.state, s.created_at, s.last_run_at, s.next_run_at, s.schedule_hours, s.failing_since, s.failure,
               case when s.kind = 'website' then s.settings::text end as website,
               (select max(d.updated_at) from documents d where d.tenant_id = s.tenant_id and d.source_id = s.id) as changed_at,
               (select count(*)::int from web_pages w where w.tenant_id = s.tenant_id and w.source_id = s.id and w.failing_since is not null) as pages_failing,
               (select count(*)::int from web_pages w where w.tenant_id = s.tenant_id and w.source_id = s.id and w.gone_at is not null) as pages_gone,
               (select count(*)::int from web_pages w join documents d on d.tenant_id = w.tenant_id and d.source_id = w.source_id and d.path = w.url
                 where w.tenant_id = s.tenant_id and w.source_id = s.id and w.failing_since < w.checked_at - interval '7 days') as orphaned,
               coalesce(f.duplicates, 0) as duplicates, coalesce(f.contradictions, 0) as contradictions,
               (select count(*)::int from documents d where d.tenant_id = s.tenant_id and d.source_id = s.id) as documents,
               (select coalesce(sum(d.chunks), 0)::int from documents d where d.tenant_id = s.tenant_id and d.source_id = s.id) as chunks,
               i.id as import_id, i.state as import_state, i.finished_at as import_finished_at
          from knowledge_sources s
          left join (select x.source_id, (count(*) filter (where x.kind = 'duplicate'))::int as duplicates, (count(*) filter (where x.kind = 'contradiction'))::int as contradictions
                       from (select distinct k.id, k.kind, d.source_id from knowledge_findings k
                               join chunks c on c.tenant_id = k.tenant_id and c.id in (k.chunk_id, k.other_chunk_id)
                               join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id
                              where k.tenant_id = @tenantId and k.state = 'open') x group by x.source_id) f on f.source_id = s.id
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
    public DateTimeOffset? LastRunAt { get; init; }
    public DateTimeOffset? NextRunAt { get; init; }
    public int? ScheduleHours { get; init; }
    public DateTimeOffset? FailingSince { get; init; }
    public string? Failure { get; init; }
    public string? Website { get; init; }
    public DateTimeOffset? ChangedAt { get; init; }
    public int PagesFailing { get; init; }
    public int PagesGone { get; init; }
    public int Orphaned { get; init; }
    public int Duplicates { get; init; }
    public int Contradictions { get; init; }
    public int Documents { get; init; }
    public int Chunks { get; init; }
    public Guid? ImportId { get; init; }
    public string? ImportState { get; init; }
    public DateTimeOffset? ImportFinishedAt { get; init; }

    internal SourceView ToView() => new(
        Id, Kind, Canonical, Name, Language, Audience, State, Documents, Chunks, ImportId is { } import ? new LastImport(import, ImportState!, ImportFinishedAt) : null,
        new SourceFreshness(LastRunAt, NextRunAt, ScheduleHours, FailingSince, Failure, ChangedAt, PagesFailing, PagesGone, Orphaned, Duplicates, Contradictions),
        Website is null ? null : CrawlSettings.Parse(Website), CreatedAt);

    internal static async Task<SourceView?> ReadAsync(TenantSession session, Guid sourceId) =>
        (await session.QuerySingleOrDefaultAsync<SourceRow>(OneSql, new { tenantId = session.TenantId, sourceId }))?.ToView();
}
