using Parley.Knowledge.Imports;
using Parley.Platform.Data;

namespace Parley.Knowledge.Websites;

/// <summary>A crawl as its worker needs it.</summary>
internal sealed record Crawl
{
    public Guid Id { get; init; }
    public Guid? SourceId { get; init; }
    public string Purpose { get; init; } = "";
    public string Settings { get; init; } = "{}";
    public bool AcceptRemovals { get; init; }
    public string State { get; init; } = "";
    public string? Error { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    internal bool IsPreview => Purpose == "preview";
}

/// <summary>A page or sitemap to be looked at, with what the server needs to say that it has not changed.</summary>
internal sealed record CrawlPage
{
    public string Url { get; init; } = "";
    public string Kind { get; init; } = "page";
    public int Depth { get; init; }
    public string? FoundOn { get; init; }
    public int Attempts { get; init; }
    public string? ETag { get; init; }
    public string? LastModified { get; init; }

    /// <summary>Of the document that was made from it; null where there is none, and then nothing can be "not modified".</summary>
    public byte[]? KnownObject { get; init; }

    public long? KnownSize { get; init; }
}

/// <summary>What became of a page.</summary>
internal sealed record CrawlOutcome(string Url, string State, string? Reason = null)
{
    internal int? Status { get; init; }
    internal string? Title { get; init; }
    internal byte[]? ObjectHash { get; init; }
    internal long? Size { get; init; }
    internal string? ETag { get; init; }
    internal string? LastModified { get; init; }

    /// <summary>Try again not before this; the state stays pending.</summary>
    internal DateTimeOffset? NotBefore { get; init; }
}

/// <summary>An address that a page or sitemap leads to. With a reason it is only listed, not fetched.</summary>
internal sealed record Discovery(string Url, string Kind, int Depth, string? FoundOn, string? Skipped = null);

/// <summary>The statements of a crawl. Each call is one short transaction under the crawl's row lock; false when the crawl has been ended.</summary>
internal sealed class CrawlStore(TenantDb db)
{
    /// <summary>Addresses that stay out and are listed with their reason; a site can have millions.</summary>
    internal const int MaxListed = 5000;

    internal const string Columns = "id, source_id, purpose, settings::text as settings, accept_removals, state, error, created_at, finished_at";

    internal const string ReadSql = $"select {Columns} from crawls where tenant_id = @tenantId and id = @crawlId";

    internal const string LockSql = ReadSql + " for update";

    internal const string NextSql = """
        select p.url, p.kind, p.depth, p.found_on, p.attempts, w.etag, w.last_modified, d.object_hash as known_object, d.byte_size as known_size
          from crawl_pages p
          left join documents d on d.tenant_id = p.tenant_id and d.source_id = @sourceId and d.path = p.url
          left join web_pages w on w.tenant_id = p.tenant_id and w.source_id = @sourceId and w.url = p.url and d.id is not null
         where p.tenant_id = @tenantId and p.crawl_id = @crawlId and p.state = 'pending' and (p.not_before is null or p.not_before <= @now)
         order by p.kind desc, p.depth, p.place limit @take
        """;

    internal const string WaitSql = "select min(not_before) from crawl_pages where tenant_id = @tenantId and crawl_id = @crawlId and state = 'pending'";

    internal const string CountsSql = """
        select (count(*) filter (where kind = 'page' and state in ('fetched', 'unchanged')))::int as fetched,
               (count(*) filter (where state = 'pending'))::int as pending,
               (count(*) filter (where kind = 'page'))::int as listed
          from crawl_pages where tenant_id = @tenantId and crawl_id = @crawlId
        """;

    internal const string DiscoverSql = """
        insert into crawl_pages (tenant_id, crawl_id, url, kind, depth, found_on, state, reason)
        select @tenantId, @crawlId, f.url, f.kind, f.depth, f.found_on, case when f.reason is null then 'pending' else 'skipped' end, f.reason
          from unnest(@urls::text[], @kinds::text[], @depths::int[], @foundOns::text[], @reasons::text[]) with ordinality as f (url, kind, depth, found_on, reason, place)
         order by f.place
        on conflict (tenant_id, crawl_id, url) do update set state = 'pending', reason = null, depth = excluded.depth, found_on = excluded.found_on
         where crawl_pages.state = 'skipped' and crawl_pages.attempts = 0 and excluded.state = 'pending'
        """;

    internal const string RecordSql = """
        update crawl_pages p set state = o.state, reason = o.reason, status = coalesce(o.status, p.status), title = coalesce(o.title, p.title), object_hash = o.hash, size = o.size,
               etag = o.etag, last_modified = o.last_modified, not_before = o.not_before, attempts = p.attempts + 1
          from unnest(@urls::text[], @states::text[], @reasons::text[], @statuses::int[], @titles::text[], @hashes::bytea[], @sizes::bigint[], @etags::text[],
                      @lastModifieds::text[], @notBefores::timestamptz[]) as o (url, state, reason, status, title, hash, size, etag, last_modified, not_before)
         where p.tenant_id = @tenantId and p.crawl_id = @crawlId and p.url = o.url
        """;

    internal const string CapSql = """
        update crawl_pages set state = 'skipped', reason = @reason where tenant_id = @tenantId and crawl_id = @crawlId and state = 'pending' and (@kind::text is null or kind = @kind)
        """;

    internal const string MoveSql = "update crawls set settings = @settings::jsonb where tenant_id = @tenantId and id = @crawlId";

    internal const string ProgressSql = """
        update imports i set active_at = @now, total = (select count(*) from crawl_pages p where p.tenant_id = i.tenant_id and p.crawl_id = i.id and p.kind = 'page' and p.state in ('fetched', 'unchanged'))
         where i.tenant_id = @tenantId and i.id = @crawlId and i.state = 'crawling'
        """;

    internal const string EndSql = "update crawls set state = @state, error = @error, finished_at = @now where tenant_id = @tenantId and id = @crawlId and state = 'running'";

    internal sealed record Counts
    {
        public int Fetched { get; init; }
        public int Pending { get; init; }
        public int Listed { get; init; }
    }

    internal Task<Crawl?> ReadAsync(Guid tenantId, Guid crawlId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.QuerySingleOrDefaultAsync<Crawl>(ReadSql, new { tenantId, crawlId }), ct);

    /// <summary>Takes what is still to be looked at out of the crawl.</summary>
    internal Task CapAsync(Guid tenantId, Guid crawlId, string? kind, string reason, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.ExecuteAsync(CapSql, new { tenantId, crawlId, kind, reason }), ct);

    internal Task<Counts> CountAsync(Guid tenantId, Guid crawlId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.QuerySingleAsync<Counts>(CountsSql, new { tenantId, crawlId }), ct);

    /// <summary>The next to look at, and until when to wait where all that is left must wait.</summary>
    internal Task<(IReadOnlyList<CrawlPage> Pages, DateTimeOffset? WaitUntil)> NextAsync(Guid tenantId, Crawl crawl, int take, DateTimeOffset now, CancellationToken ct) =>
        db.InTransactionAsync<(IReadOnlyList<CrawlPage>, DateTimeOffset?)>(tenantId, async s =>
        {
            var pages = await s.QueryAsync<CrawlPage>(NextSql, new { tenantId, crawlId = crawl.Id, sourceId = crawl.SourceId, now, take });
            return (pages, pages.Count > 0 ? null : await s.QuerySingleAsync<DateTimeOffset?>(WaitSql, new { tenantId, crawlId = crawl.Id }));
        }, ct);

    /// <summary>Writes what became of pages, and what they lead to.</summary>
    internal Task<bool> RecordAsync(
        Guid tenantId, Guid crawlId, CrawlSettings settings, IReadOnlyList<CrawlOutcome> outcomes, IReadOnlyList<Discovery> found, DateTimeOffset now, Action<TenantSession> committed, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Crawl>(LockSql, new { tenantId, crawlId }) is not { State: "running" } crawl)
                return false;
            if (CrawlSettings.Parse(crawl.Settings).Start != settings.Start)
                await session.ExecuteAsync(MoveSql, new { tenantId, crawlId, settings = settings.ToJson() });
            if (outcomes.Count > 0)
                await RecordAsync(session, crawlId, outcomes, now);
            if (found.Count > 0)
                await DiscoverAsync(session, crawlId, settings, found);
            await session.ExecuteAsync(ProgressSql, new { tenantId, crawlId, now });
            committed(session);
            return true;
        }, ct);

    private static async Task RecordAsync(TenantSession session, Guid crawlId, IReadOnlyList<CrawlOutcome> outcomes, DateTimeOffset now)
    {
        var args = new
        {
            tenantId = session.TenantId, crawlId, now, contentType = UploadFiles.ContentType,
            urls = outcomes.Select(o => o.Url).ToArray(), states = outcomes.Select(o => o.State).ToArray(), reasons = outcomes.Select(o => o.Reason).ToArray(),
            statuses = outcomes.Select(o => o.Status).ToArray(), titles = outcomes.Select(o => o.Title).ToArray(), hashes = outcomes.Select(o => o.ObjectHash).ToArray(),
            sizes = outcomes.Select(o => o.Size).ToArray(), etags = outcomes.Select(o => o.ETag).ToArray(), lastModifieds = outcomes.Select(o => o.LastModified).ToArray(),
            notBefores = outcomes.Select(o => o.NotBefore).ToArray(),
        };
        await session.ExecuteAsync(UploadFiles.RecordObjectsSql, args);
        await session.ExecuteAsync(RecordSql, args);
    }

    private static async Task DiscoverAsync(TenantSession session, Guid crawlId, CrawlSettings settings, IReadOnlyList<Discovery> found)
    {
        var listed = (await session.QuerySingleAsync<Counts>(CountsSql, new { tenantId = session.TenantId, crawlId })).Listed;
        // What may come is listed before what stays out, and no more than could ever come: a sitemap can name millions.
        var kept = found.OrderBy(f => f.Skipped is null ? 0 : 1).DistinctBy(f => f.Url).Take(Math.Max(0, settings.MaxPages + MaxListed - listed)).ToList();
        await session.ExecuteAsync(DiscoverSql, new
        {
            tenantId = session.TenantId, crawlId, urls = kept.Select(f => f.Url).ToArray(), kinds = kept.Select(f => f.Kind).ToArray(),
            depths = kept.Select(f => f.Depth).ToArray(), foundOns = kept.Select(f => f.FoundOn).ToArray(), reasons = kept.Select(f => f.Skipped).ToArray(),
        });
    }
}
