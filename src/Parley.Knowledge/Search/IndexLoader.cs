using Parley.Knowledge.Retrieval;
using Parley.Platform.Data;

namespace Parley.Knowledge.Search;

/// <summary>Reads from PostgreSQL what an index is made of, in pages: no transaction is open while a page is analysed.</summary>
internal sealed class IndexLoader(TenantDb db)
{
    private const int PageSize = 200;

    internal const string ChangeNumberSql = "select coalesce((select change_number from knowledge_state where tenant_id = @tenantId), 0)";

    internal const string StateSql = """
        select coalesce((select change_number from knowledge_state where tenant_id = @tenantId), 0) as change, coalesce((select number from vector_work where tenant_id = @tenantId), 0) as vectors
        """;

    internal const string PageSql = """
        select d.id, d.version, d.source_id, d.title, coalesce(d.url, '') as url, coalesce(d.language, s.language) as language, s.audience, d.change_number, d.updated_at
          from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id
         where d.tenant_id = @tenantId and s.state <> 'deleting' and d.id > @after
         order by d.id limit @take
        """;

    internal const string ChangedSql = """
        select d.id, d.version, d.source_id, d.title, coalesce(d.url, '') as url, coalesce(d.language, s.language) as language, s.audience, d.change_number, d.updated_at
          from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id
         where d.tenant_id = @tenantId and s.state <> 'deleting' and (d.change_number, d.id) > (@change, @after) and d.change_number <= @until
         order by d.change_number, d.id limit @take
        """;

    internal const string RemovedSql =
        "select document_id from document_removals where tenant_id = @tenantId and change_number > @change and change_number <= @until";

    internal const string ForgottenSql = "select coalesce((select removals_since from knowledge_state where tenant_id = @tenantId), 0)";

    internal const string ChunksSql = """
        select document_id, id, section_id, version, heading_path, anchor, text
          from chunks where tenant_id = @tenantId and document_id = any(@ids) order by document_id, ordinal
        """;

    internal sealed record DocumentRow
    {
        public Guid Id { get; init; }
        public int Version { get; init; }
        public Guid SourceId { get; init; }
        public string Title { get; init; } = "";
        public string Url { get; init; } = "";
        public string? Language { get; init; }
        public string Audience { get; init; } = "";
        public long ChangeNumber { get; init; }
        public DateTimeOffset UpdatedAt { get; init; }
    }

    private sealed record StateRow
    {
        public long Change { get; init; }
        public long Vectors { get; init; }
    }

    private sealed record ChunkRow
    {
        public Guid DocumentId { get; init; }
        public Guid Id { get; init; }
        public Guid SectionId { get; init; }
        public int Version { get; init; }
        public string[] HeadingPath { get; init; } = [];
        public string? Anchor { get; init; }
        public string Text { get; init; } = "";
    }

    internal Task<long> ChangeNumberAsync(Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.QuerySingleAsync<long>(ChangeNumberSql, new { tenantId }), ct);

    /// <summary>The newest change of documents, and of vectors and how they are used.</summary>
    internal async Task<(long Change, long Vectors)> StateAsync(Guid tenantId, CancellationToken ct)
    {
        var row = await db.InTransactionAsync(tenantId, s => s.QuerySingleAsync<StateRow>(StateSql, new { tenantId }), ct);
        return (row.Change, row.Vectors);
    }

    /// <summary>All documents of a tenant, page by page.</summary>
    internal async IAsyncEnumerable<IReadOnlyList<IndexDocument>> AllAsync(Guid tenantId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var after = Guid.Empty;
        while (true)
        {
            var page = await db.InTransactionAsync(tenantId, async s =>
                await WithChunksAsync(s, await s.QueryAsync<DocumentRow>(PageSql, new { tenantId, after, take = PageSize })), ct);
            if (page.Count == 0)
                yield break;
            yield return page;
            after = page[^1].Id;
        }
    }

    /// <summary>Documents changed and removed after one change and up to another; null: too long ago, removals since then are forgotten.</summary>
    internal async Task<(IReadOnlyList<IndexDocument> Changed, IReadOnlyList<Guid> Removed)?> SinceAsync(Guid tenantId, long change, long until, CancellationToken ct)
    {
        // In this order: what is forgotten in between is noticed.
        var (removed, forgotten) = await db.InTransactionAsync(tenantId, async s =>
            (await s.QueryAsync<Guid>(RemovedSql, new { tenantId, change, until }), await s.QuerySingleAsync<long>(ForgottenSql, new { tenantId })), ct);
        if (change < forgotten)
            return null;
        var changed = new List<IndexDocument>();
        var after = new Guid(Enumerable.Repeat(byte.MaxValue, 16).ToArray());
        while (true)
        {
            var (rows, page) = await db.InTransactionAsync(tenantId, async s =>
            {
                var found = await s.QueryAsync<DocumentRow>(ChangedSql, new { tenantId, change, until, after, take = PageSize });
                return (found, await WithChunksAsync(s, found));
            }, ct);
            changed.AddRange(page);
            if (rows.Count < PageSize)
                return (changed, removed);
            (change, after) = (rows[^1].ChangeNumber, rows[^1].Id);
        }
    }

    private static async Task<IReadOnlyList<IndexDocument>> WithChunksAsync(TenantSession session, IReadOnlyList<DocumentRow> documents)
    {
        if (documents.Count == 0)
            return [];
        var chunks = (await session.QueryAsync<ChunkRow>(ChunksSql, new { tenantId = session.TenantId, ids = documents.Select(d => d.Id).ToArray() })).ToLookup(c => c.DocumentId);
        return [.. documents.Select(d => new IndexDocument
        {
            Id = d.Id, Version = d.Version, SourceId = d.SourceId, Title = d.Title, Url = d.Url, Language = d.Language, Audience = d.Audience, UpdatedAt = d.UpdatedAt,
            // Under READ COMMITTED the second statement may see a newer version: then the passages carry it, and the next refresh settles the rest.
            Chunks = [.. chunks[d.Id].Select(c => new IndexChunk
            {
                Id = c.Id, Version = c.Version, ParentId = c.SectionId, Anchor = c.Anchor, Text = c.Text, HeadingPath = c.HeadingPath,
            })],
        })];
    }
}
