using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Websites;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Knowledge.Articles;

/// <summary>A new article in its first language.</summary>
/// <param name="Locale">Language tag.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Body">Markdown, at most 200,000 characters.</param>
/// <param name="CollectionId">Null: in none.</param>
internal sealed record CreateArticleRequest(string? Locale, string? Title, string? Body, Guid? CollectionId);

/// <summary>What is left out stays as it is.</summary>
/// <param name="CollectionId">The collection it moves to.</param>
/// <param name="NoCollection">true: it moves out of its collection.</param>
internal sealed record ChangeArticleRequest(Guid? CollectionId, bool? NoCollection);

/// <summary>Makes an article as a draft; nothing is answered from it before it is published.</summary>
internal sealed class CreateArticle(TenantDb db, AuditLog audit, TimeProvider time)
{
    internal const string InsertSql = """
        insert into articles (tenant_id, id, collection_id, slug, created_by, created_at, updated_at)
        values (@tenantId, @id, @collectionId, @slug, @by, @now, @now) on conflict (tenant_id, slug) do nothing
        """;

    internal const string InsertTextSql = """
        insert into article_texts (tenant_id, article_id, locale, title, body, updated_by, updated_at) values (@tenantId, @id, @locale, @title, @body, @by, @now)
        """;

    internal const string MoveSql = "update articles set collection_id = @collectionId, updated_at = @now where tenant_id = @tenantId and id = @articleId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/articles", async (CreateArticleRequest request, Caller caller, CreateArticle handler, CancellationToken ct) =>
                (await handler.CreateAsync(request, caller, ct)).ToCreated(a => $"/v1/knowledge/articles/{a.Id:D}"))
            .WithName("CreateArticle").RequirePermission(Permission.KnowledgeWrite).WithIdempotency();
        app.MapPatch("/articles/{articleId:guid}", async (Guid articleId, ChangeArticleRequest request, Caller caller, CreateArticle handler, CancellationToken ct) =>
                (await handler.MoveAsync(articleId, request, caller, ct)).ToHttp())
            .WithName("ChangeArticle").RequirePermission(Permission.KnowledgeWrite);
    }

    private async Task<Result<ArticleView>> CreateAsync(CreateArticleRequest request, Caller caller, CancellationToken ct)
    {
        var invalid = new Dictionary<string, string[]>();
        var locale = ArticleRows.CheckLocale(request.Locale, invalid);
        ArticleRows.CheckText(request.Title, request.Body, invalid);
        if (invalid.Count > 0)
            return Error.Invalid(invalid);
        return await db.InTransactionAsync<Result<ArticleView>>(caller.TenantId, async session =>
        {
            if (request.CollectionId is { } collection && !await ArticleRows.KnowsCollectionAsync(session, collection))
                return ArticleRows.NoCollection;
            var id = Ids.New(time);
            var args = new
            {
                tenantId = session.TenantId, id, request.CollectionId, locale, title = request.Title!.Trim(), body = request.Body, by = SourceRuns.UserOf(caller), now = time.GetUtcNow(),
                slug = ArticleRows.SlugOf(request.Title, id),
            };
            if (await session.ExecuteAsync(InsertSql, args) == 0)
            {
                // Two articles of one title: the second is told apart.
                await session.ExecuteAsync(InsertSql, new { args.tenantId, args.id, args.CollectionId, args.by, args.now, slug = $"{args.slug}-{id.ToString("N")[^8..]}" });
            }
            await session.ExecuteAsync(InsertTextSql, args);
            await audit.WriteAsync(session, caller, "knowledge.article.created", "article", id.ToString("D"));
            return (await ArticleRows.ReadAsync(session, id))!;
        }, ct);
    }

    private Task<Result<ArticleView>> MoveAsync(Guid articleId, ChangeArticleRequest request, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<ArticleView>>(caller.TenantId, async session =>
        {
            if (await ArticleRows.LockAsync(session, articleId) is not { } article)
                return ArticleRows.NoArticle;
            if (request.CollectionId is { } collection && !await ArticleRows.KnowsCollectionAsync(session, collection))
                return ArticleRows.NoCollection;
            var target = request.CollectionId ?? (request.NoCollection is true ? null : article.CollectionId);
            await session.ExecuteAsync(MoveSql, new { tenantId = session.TenantId, articleId, collectionId = target, now = time.GetUtcNow() });
            await audit.WriteAsync(session, caller, "knowledge.article.moved", "article", articleId.ToString("D"));
            return (await ArticleRows.ReadAsync(session, articleId))!;
        }, ct);
}
