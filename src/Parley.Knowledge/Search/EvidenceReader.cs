using Parley.Platform.Data;

namespace Parley.Knowledge.Search;

/// <summary>A passage as it is stored now, with what a citation needs.</summary>
public sealed record Evidence
{
    /// <summary>The passage.</summary>
    public Guid ChunkId { get; init; }

    /// <summary>The document's version it belongs to.</summary>
    public int Version { get; init; }

    /// <summary>Its place in the document.</summary>
    public int Ordinal { get; init; }

    /// <summary>text, code, table or list.</summary>
    public string Kind { get; init; } = "text";

    /// <summary>Markdown without emphasis; sentences, list items, rows and code blocks as in the source.</summary>
    public string Text { get; init; } = "";

    /// <summary>Estimated tokens of <see cref="Text"/>.</summary>
    public int Tokens { get; init; }

    /// <summary>Headings above it, outermost first, the document's title left out.</summary>
    public string[] HeadingPath { get; init; } = [];

    /// <summary>Fragment that leads to the nearest heading.</summary>
    public string? Anchor { get; init; }

    /// <summary>The section around it.</summary>
    public Guid SectionId { get; init; }

    /// <summary>The whole section (at most 512 tokens, code and rows aside): what is read around a passage that was found.</summary>
    public string SectionText { get; init; } = "";

    /// <summary>The document.</summary>
    public Guid DocumentId { get; init; }

    /// <summary>The document's title.</summary>
    public string Title { get; init; } = "";

    /// <summary>Where a reader can open the document; null: Parley shows its own copy.</summary>
    public string? Url { get; init; }

    /// <summary>The document's language, else its source's; null when unknown.</summary>
    public string? Language { get; init; }

    /// <summary>The source.</summary>
    public Guid SourceId { get; init; }

    /// <summary>The source's name.</summary>
    public string SourceName { get; init; } = "";

    /// <summary>public, customers or internal.</summary>
    public string Audience { get; init; } = "public";

    /// <summary>When the document's content last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>
/// Reads passages again before they are quoted. However old the index was that found them: what has been removed, replaced or shown to
/// another audience since is not returned, on any node, from the commit of that change on.
/// </summary>
public static class EvidenceReader
{
    internal const string ReadSql = """
        select c.id as chunk_id, c.version, c.ordinal, c.kind, c.text, c.tokens, c.heading_path, c.anchor, c.section_id, x.text as section_text,
               d.id as document_id, d.title, d.url, coalesce(d.language, s.language) as language, d.updated_at, s.id as source_id, s.name as source_name, s.audience
          from unnest(@ids::uuid[], @versions::int[]) with ordinality as wanted (id, version, place)
          join chunks c on c.tenant_id = @tenantId and c.id = wanted.id and c.version = wanted.version
          join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id and d.version = c.version
          join sections x on x.tenant_id = c.tenant_id and x.id = c.section_id
          join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where @audiences::text[] is null or s.audience = any(@audiences)
         order by wanted.place
        """;

    internal const string HoldSql = "select pg_advisory_xact_lock_shared(hashtextextended('knowledge:' || @tenantId::text, 12))::text";

    /// <summary>
    /// From here to the end of this transaction no change of the tenant's knowledge becomes visible. Take it before the passages of an
    /// answer are read for the last time, in the transaction that delivers it: what is delivered is then never older than what is gone.
    /// </summary>
    public static Task HoldAsync(TenantSession session) => session.ExecuteAsync(HoldSql, new { tenantId = session.TenantId });

    /// <param name="session">The reading transaction.</param>
    /// <param name="ids">Passages with the version that the index knew.</param>
    /// <param name="audiences">Which audiences the reader belongs to; null: all (agents, the playground).</param>
    /// <returns>In the order asked for; what is gone is absent.</returns>
    public static Task<IReadOnlyList<Evidence>> ReadAsync(TenantSession session, IReadOnlyList<(Guid ChunkId, int Version)> ids, IReadOnlyCollection<string>? audiences = null) =>
        session.QueryAsync<Evidence>(ReadSql, new
        {
            tenantId = session.TenantId,
            ids = ids.Select(i => i.ChunkId).ToArray(),
            versions = ids.Select(i => i.Version).ToArray(),
            audiences = audiences?.ToArray(),
        });
}
