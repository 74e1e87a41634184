using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge.Articles;

/// <summary>An article in a list: one row for each of its languages.</summary>
internal sealed record ArticleListItem
{
    public Guid Id { get; init; }
    public Guid? CollectionId { get; init; }
    public string Slug { get; init; } = "";
    public string Locale { get; init; } = "";
    public string Title { get; init; } = "";
    public string State { get; init; } = "";
    public int? PublishedVersion { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A published text as it was.</summary>
internal sealed record ArticleVersionView
{
    public int Version { get; init; }
    public string Title { get; init; } = "";

    /// <summary>Only where one version is asked for.</summary>
    public string? Body { get; init; }

    public Guid? PublishedBy { get; init; }
    public DateTimeOffset PublishedAt { get; init; }
}

internal sealed record ArticleVersionList(IReadOnlyList<ArticleVersionView> Items);

/// <summary>Shows articles, the last changed first, and their published versions.</summary>
internal sealed class ListArticles(TenantDb db)
{
    private const int MaxQuery = 200;
    private static readonly string[] States = ["draft", "review", "published"];

    internal const string ListSql = """
        select a.id, a.collection_id, a.slug, t.locale, t.title, t.state, t.published_version, t.updated_at
          from article_texts t join articles a on a.tenant_id = t.tenant_id and a.id = t.article_id
         where t.tenant_id = @tenantId and (@collectionId::uuid is null or a.collection_id = @collectionId) and (@state::text is null or t.state = @state)
           and (@pattern::text is null or t.title ilike @pattern) and (@locale::text is null or t.locale = @locale)
           and (@at::timestamptz is null or (t.updated_at, a.id) < (@at, @id))
         order by t.updated_at desc, a.id desc limit @take
        """;

    internal const string VersionsSql = """
        select version, title, published_by, published_at from article_versions where tenant_id = @tenantId and article_id = @articleId and locale = @locale order by version desc limit 500
        """;

    internal const string VersionSql = """
        select version, title, body, published_by, published_at from article_versions where tenant_id = @tenantId and article_id = @articleId and locale = @locale and version = @version
        """;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/articles", async ([AsParameters] PageQuery page, Guid? collectionId, string? state, string? locale, string? q, Caller caller, ListArticles handler, CancellationToken ct) =>
                (await handler.ListAsync(page, collectionId, state, locale, q, caller.TenantId, ct)).ToHttp())
            .WithName("ListArticles").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/articles/{articleId:guid}", async (Guid articleId, Caller caller, ListArticles handler, CancellationToken ct) =>
                (await handler.GetAsync(articleId, caller.TenantId, ct)).ToHttp())
            .WithName("GetArticle").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/articles/{articleId:guid}/texts/{locale}/versions", async (Guid articleId, string locale, Caller caller, ListArticles handler, CancellationToken ct) =>
                (await handler.VersionsAsync(articleId, locale, caller.TenantId, ct)).ToHttp())
            .WithName("ListArticleVersions").RequirePermission(Permission.KnowledgeRead);
        app.MapGet("/articles/{articleId:guid}/texts/{locale}/versions/{version:int}", async (Guid articleId, string locale, int version, Caller caller, ListArticles handler, CancellationToken ct) =>
                (await handler.VersionAsync(articleId, locale, version, caller.TenantId, ct)).ToHttp())
            .WithName("GetArticleVersion").RequirePermission(Permission.KnowledgeRead);
    }

    private async Task<Result<Page<ArticleListItem>>> ListAsync(PageQuery page, Guid? collectionId, string? state, string? locale, string? q, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        if (state is not null && !States.Contains(state))
            return Error.Invalid("state", "Give one of " + string.Join(", ", States) + ".");
        var invalid = new Dictionary<string, string[]>();
        var tag = locale is null ? null : ArticleRows.CheckLocale(locale, invalid);
        if (q is { Length: > MaxQuery } || (q?.Contains('\0', StringComparison.Ordinal) ?? false))
            invalid["q"] = [$"Give at most {MaxQuery} printable characters."];
        if (invalid.Count > 0)
            return Error.Invalid(invalid);
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<ArticleListItem>(ListSql, new
        {
            tenantId, collectionId, state, locale = tag, pattern = LikePattern.Containing(q), at = part.After?.At, id = part.After?.Id, take = part.Limit + 1,
        }), ct);
        return PageCursor.PageOf(rows, part.Limit, a => new PageCursor(a.UpdatedAt, a.Id));
    }

    private async Task<Result<ArticleView>> GetAsync(Guid articleId, Guid tenantId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => ArticleRows.ReadAsync(s, articleId), ct) is { } article ? article : ArticleRows.NoArticle;

    private Task<Result<ArticleVersionList>> VersionsAsync(Guid articleId, string locale, Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync<Result<ArticleVersionList>>(tenantId, async session =>
            await ArticleRows.TextAsync(session, articleId, locale) is null ? ArticleRows.NoText
            : new ArticleVersionList(await session.QueryAsync<ArticleVersionView>(VersionsSql, new { tenantId, articleId, locale })), ct);

    private async Task<Result<ArticleVersionView>> VersionAsync(Guid articleId, string locale, int version, Guid tenantId, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => s.QuerySingleOrDefaultAsync<ArticleVersionView>(VersionSql, new { tenantId, articleId, locale, version }), ct) is { } found
            ? found : Error.NotFound("version");
}
