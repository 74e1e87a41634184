using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge.Websites;

/// <summary>What is known of a page of a website.</summary>
internal sealed record WebPageView
{
    public string Url { get; init; } = "";
    public Guid? DocumentId { get; init; }
    public string? Title { get; init; }
    public DateTimeOffset FirstSeenAt { get; init; }
    public DateTimeOffset CheckedAt { get; init; }
    public DateTimeOffset? ChangedAt { get; init; }
    public DateTimeOffset? FailingSince { get; init; }
    public string? Failure { get; init; }
    public DateTimeOffset? GoneAt { get; init; }
}

/// <summary>Shows the pages of a website: which changed, which fail since when, which are gone. Ordered by address; after is the <c>next</c> of the page before.</summary>
internal sealed class ListWebPages(TenantDb db, TimeProvider time)
{
    /// <summary>What changed within this time counts as changed.</summary>
    private static readonly TimeSpan Recently = TimeSpan.FromDays(7);

    private static readonly string[] States = ["failing", "gone", "changed", "fresh"];

    internal const string Sql = """
        select w.url, d.id as document_id, d.title, w.first_seen_at, w.checked_at, d.updated_at as changed_at, w.failing_since, w.failure, w.gone_at
          from web_pages w left join documents d on d.tenant_id = w.tenant_id and d.source_id = w.source_id and d.path = w.url
         where w.tenant_id = @tenantId and w.source_id = @sourceId and w.url > @after
           and case @state::text when 'failing' then w.failing_since is not null when 'gone' then w.gone_at is not null
                                 when 'changed' then w.gone_at is null and d.updated_at >= @since
                                 when 'fresh' then w.gone_at is null and w.failing_since is null else true end
         order by w.url limit @take
        """;

    internal const string SourceSql = "select id from knowledge_sources where tenant_id = @tenantId and id = @sourceId and state <> 'deleting'";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/websites/{websiteId:guid}/pages", async (Guid websiteId, string? state, string? after, int? limit, Caller caller, ListWebPages handler, CancellationToken ct) =>
                (await handler.HandleAsync(websiteId, state, after, limit, caller.TenantId, ct)).ToHttp())
            .WithName("ListWebPages").RequirePermission(Permission.KnowledgeRead);

    private async Task<Result<Page<WebPageView>>> HandleAsync(Guid sourceId, string? state, string? after, int? limit, Guid tenantId, CancellationToken ct)
    {
        if (state is not null && !States.Contains(state))
            return Error.Invalid("state", "Give one of " + string.Join(", ", States) + ".");
        if (PathPages.Check(after, limit) is { } invalid)
            return invalid;
        return await db.InTransactionAsync<Result<Page<WebPageView>>>(tenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Guid?>(SourceSql, new { tenantId, sourceId }) is null)
                return KnowledgeErrors.NoSource;
            var take = limit ?? PageQuery.DefaultLimit;
            var args = new { tenantId, sourceId, state, after = after ?? "", since = time.GetUtcNow() - Recently, take = take + 1 };
            return PathPages.PageOf(await session.QueryAsync<WebPageView>(Sql, args), take, p => p.Url);
        }, ct);
    }
}
