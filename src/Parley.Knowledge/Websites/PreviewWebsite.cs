using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge.Websites;

/// <summary>A website to look at; nothing of it is kept.</summary>
/// <param name="Url">A page from which links are followed, or a sitemap.</param>
/// <param name="Scope">folder or site.</param>
/// <param name="Include">Patterns of paths.</param>
/// <param name="Exclude">Patterns of paths.</param>
/// <param name="MaxPages">1 to 500; 100 where it is left out.</param>
/// <param name="MaxDepth">0 to 50.</param>
internal sealed record PreviewWebsiteRequest(string? Url, string? Scope, IReadOnlyList<string>? Include, IReadOnlyList<string>? Exclude, int? MaxPages, int? MaxDepth);

/// <summary>A crawl and how far it is.</summary>
/// <param name="Fetched">Pages that come, or would.</param>
/// <param name="Skipped">Pages that stay out, each with its reason.</param>
/// <param name="Failed">Pages that could not be read.</param>
/// <param name="Gone">Pages that are linked but not there.</param>
/// <param name="Pending">Still to be looked at.</param>
internal sealed record CrawlView(
    Guid Id, Guid? SourceId, string Purpose, string State, string? Error, CrawlSettings Settings, int Fetched, int Skipped, int Failed, int Gone, int Pending,
    DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

internal sealed record CrawlPageView
{
    public string Url { get; init; } = "";
    public string Kind { get; init; } = "";
    public int Depth { get; init; }
    public string? FoundOn { get; init; }
    public string State { get; init; } = "";
    public string? Reason { get; init; }
    public int? Status { get; init; }
    public string? Title { get; init; }
    public long? Size { get; init; }
}

/// <summary>Looks at a website before it is imported: what would come, what would not, and why.</summary>
internal sealed class PreviewWebsite(TenantDb db, SourceRuns runs)
{
    /// <summary>A preview is looked at by a person.</summary>
    private const int MaxPages = 500;

    private const int DefaultPages = 100;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/websites/preview", async (PreviewWebsiteRequest request, Caller caller, PreviewWebsite handler, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller.TenantId, ct)).ToAccepted(c => $"/v1/knowledge/crawls/{c.Id:D}"))
            .WithName("PreviewWebsite").RequirePermission(Permission.KnowledgeWrite);

    private async Task<Result<CrawlView>> HandleAsync(PreviewWebsiteRequest request, Guid tenantId, CancellationToken ct)
    {
        var (settings, invalid) = CrawlSettings.Read(new WebsiteFields(request.Url, request.Scope, request.Include, request.Exclude, request.MaxPages ?? DefaultPages, request.MaxDepth));
        if (request.MaxPages is < 1 or > MaxPages)
            invalid["maxPages"] = [$"A preview looks at 1 to {MaxPages} pages."];
        if (invalid.Count > 0)
            return Error.Invalid(invalid);
        return await db.InTransactionAsync<Result<CrawlView>>(tenantId, async session =>
            (await GetCrawl.ReadAsync(session, await runs.PreviewAsync(session, settings)))!, ct);
    }
}

/// <summary>Shows crawls and what became of each address.</summary>
internal sealed class GetCrawl(TenantDb db)
{
    internal const string StatesSql = "select state, count(*)::int as count from crawl_pages where tenant_id = @tenantId and crawl_id = @crawlId and kind = 'page' group by state";

    internal const string PagesSql = """
        select url, kind, depth, found_on, state, reason, status, title, size from crawl_pages
         where tenant_id = @tenantId and crawl_id = @crawlId and (@state::text is null or state = @state) and url > @after
         order by url limit @take
        """;

    private static readonly string[] States = ["pending", "fetched", "unchanged", "skipped", "failed", "gone"];

    private sealed record StateCount
    {
        public string State { get; init; } = "";
        public int Count { get; init; }
    }

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/crawls/{crawlId:guid}", async (Guid crawlId, Caller caller, GetCrawl handler, CancellationToken ct) =>
                (await handler.GetAsync(crawlId, caller.TenantId, ct)).ToHttp())
            .WithName("GetCrawl").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/crawls/{crawlId:guid}/pages", async (Guid crawlId, string? state, string? cursor, int? limit, Caller caller, GetCrawl handler, CancellationToken ct) =>
                (await handler.PagesAsync(crawlId, state, cursor, limit, caller.TenantId, ct)).ToHttp())
            .WithName("ListCrawlPages").RequirePermission(Permission.KnowledgeRead);
    }

    internal static async Task<CrawlView?> ReadAsync(TenantSession session, Guid crawlId)
    {
        if (await session.QuerySingleOrDefaultAsync<Crawl>(CrawlStore.ReadSql, new { tenantId = session.TenantId, crawlId }) is not { } c)
            return null;
        var counts = (await session.QueryAsync<StateCount>(StatesSql, new { tenantId = session.TenantId, crawlId })).ToDictionary(s => s.State, s => s.Count);
        int Of(string state) => counts.GetValueOrDefault(state);
        return new CrawlView(c.Id, c.SourceId, c.Purpose, c.State, c.Error, CrawlSettings.Parse(c.Settings), Of("fetched") + Of("unchanged"), Of("skipped"), Of("failed"), Of("gone"), Of("pending"),
            c.CreatedAt, c.FinishedAt);
    }

    private async Task<Result<CrawlView>> GetAsync(Guid crawlId, Guid tenantId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => ReadAsync(s, crawlId), ct) is { } crawl ? crawl : KnowledgeErrors.NoCrawl;

    /// <summary>Ordered by address; the cursor is the last one.</summary>
    private async Task<Result<Page<CrawlPageView>>> PagesAsync(Guid crawlId, string? state, string? cursor, int? limit, Guid tenantId, CancellationToken ct)
    {
        if (state is not null && !States.Contains(state))
            return Error.Invalid("state", "Give one of " + string.Join(", ", States) + ".");
        if (PathPages.Check(cursor, limit) is { } invalid)
            return invalid;
        return await db.InTransactionAsync<Result<Page<CrawlPageView>>>(tenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Crawl>(CrawlStore.ReadSql, new { tenantId, crawlId }) is null)
                return KnowledgeErrors.NoCrawl;
            var take = limit ?? PageQuery.DefaultLimit;
            return PathPages.PageOf(await session.QueryAsync<CrawlPageView>(PagesSql, new { tenantId, crawlId, state, after = cursor ?? "", take = take + 1 }), take, p => p.Url);
        }, ct);
    }
}
