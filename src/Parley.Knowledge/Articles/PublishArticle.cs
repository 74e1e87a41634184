using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Websites;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Articles;

/// <summary>
/// The way of a text: draft → review → published, and back. Publishing writes a version that never changes and lets the articles' source take
/// it in; unpublishing and deleting take the document away in the same transaction, so that nothing of it is quoted from then on.
/// </summary>
internal sealed class PublishArticle(TenantDb db, KnowledgeChanges changes, KnowledgeWork work, StoredFiles files, JobQueue jobs, AuditLog audit, TimeProvider time)
{
    internal const string ReviewSql = """
        update article_texts set state = 'review', updated_by = @by, updated_at = @now where tenant_id = @tenantId and article_id = @articleId and locale = @locale and state = 'draft'
        """;

    internal const string VersionSql = """
        insert into article_versions (tenant_id, article_id, locale, version, title, body, published_by, published_at)
        select tenant_id, article_id, locale, @version, title, body, @by, @now from article_texts where tenant_id = @tenantId and article_id = @articleId and locale = @locale
        """;

    internal const string NextVersionSql = """
        select coalesce(max(version), 0) + 1 from article_versions where tenant_id = @tenantId and article_id = @articleId and locale = @locale
        """;

    internal const string PublishedSql = """
        update article_texts set state = 'published', published_version = @version, updated_by = @by, updated_at = @now
         where tenant_id = @tenantId and article_id = @articleId and locale = @locale
        """;

    internal const string UnpublishSql = """
        update article_texts set state = 'draft', published_version = null, updated_by = @by, updated_at = @now
         where tenant_id = @tenantId and article_id = @articleId and locale = @locale
        """;

    internal const string DocumentsSql = """
        select d.id from documents d join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.kind = 'articles'
         where d.tenant_id = @tenantId and d.path = any(@paths)
        """;

    internal const string DeleteSql = "delete from articles where tenant_id = @tenantId and id = @articleId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        var text = app.MapGroup("/articles/{articleId:guid}/texts/{locale}");
        text.MapPost("/review", async (Guid articleId, string locale, Caller caller, PublishArticle handler, CancellationToken ct) =>
                (await handler.ReviewAsync(articleId, locale, caller, ct)).ToHttp())
            .WithName("ReviewArticle").RequirePermission(Permission.KnowledgeWrite);
        text.MapPost("/publish", async (Guid articleId, string locale, Caller caller, PublishArticle handler, CancellationToken ct) =>
                (await handler.PublishAsync(articleId, locale, caller, ct)).ToHttp())
            .WithName("PublishArticle").RequirePermission(Permission.KnowledgeWrite);
        text.MapPost("/unpublish", async (Guid articleId, string locale, Caller caller, PublishArticle handler, CancellationToken ct) =>
                (await handler.UnpublishAsync(articleId, locale, caller, ct)).ToHttp())
            .WithName("UnpublishArticle").RequirePermission(Permission.KnowledgeWrite);
        app.MapDelete("/articles/{articleId:guid}", async (Guid articleId, Caller caller, PublishArticle handler, CancellationToken ct) =>
                (await handler.DeleteAsync(articleId, caller, ct)).ToNoContent())
            .WithName("DeleteArticle").RequirePermission(Permission.KnowledgeWrite);
    }

    private Task<Result<ArticleView>> ReviewAsync(Guid articleId, string locale, Caller caller, CancellationToken ct) => ChangeAsync(articleId, locale, caller, async (session, _, text, args) =>
    {
        if (text.State == "published")
            return Error.Conflict("article.published", "Nothing has changed since it was published.");
        await session.ExecuteAsync(ReviewSql, args);
        await audit.WriteAsync(session, caller, "knowledge.article.review_asked", "article", articleId.ToString("D"), new { locale });
        return null;
    }, ct);

    private Task<Result<ArticleView>> PublishAsync(Guid articleId, string locale, Caller caller, CancellationToken ct) => ChangeAsync(articleId, locale, caller, async (session, _, text, args) =>
    {
        if (text.State == "published")
            return null;
        if (string.IsNullOrWhiteSpace(text.Body))
            return Error.Invalid("body", "Write something before you publish it.");
        var version = await session.QuerySingleAsync<int>(NextVersionSql, args);
        var with = new { args.TenantId, args.ArticleId, args.Locale, args.By, args.Now, version };
        await session.ExecuteAsync(VersionSql, with);
        await session.ExecuteAsync(PublishedSql, with);
        await audit.WriteAsync(session, caller, "knowledge.article.published", "article", articleId.ToString("D"), new { locale, version });
        await jobs.EnqueueAsync(session, ArticleSync.JobKind, new { }, ArticleSync.Aggregate);
        return null;
    }, ct);

    private async Task<Result<ArticleView>> UnpublishAsync(Guid articleId, string locale, Caller caller, CancellationToken ct)
    {
        IReadOnlyList<byte[]> gone = [];
        var result = await ChangeAsync(articleId, locale, caller, async (session, article, text, args) =>
        {
            if (text.PublishedVersion is null)
                return null;
            gone = await RemoveAsync(session, [ArticleSync.PathOf(article.Slug, locale)]);
            await session.ExecuteAsync(UnpublishSql, args);
            await audit.WriteAsync(session, caller, "knowledge.article.unpublished", "article", articleId.ToString("D"), new { locale });
            await jobs.EnqueueAsync(session, ArticleSync.JobKind, new { }, ArticleSync.Aggregate);
            return null;
        }, ct);
        await files.SweepAsync(caller.TenantId, gone, ct);
        return result;
    }

    private async Task<Result<bool>> DeleteAsync(Guid articleId, Caller caller, CancellationToken ct)
    {
        IReadOnlyList<byte[]>? gone = await db.InTransactionAsync(caller.TenantId, async session =>
        {
            if (await ArticleRows.LockAsync(session, articleId) is null || await ArticleRows.ReadAsync(session, articleId) is not { } article)
                return null;
            var files = await RemoveAsync(session, [.. article.Texts.Select(t => ArticleSync.PathOf(article.Slug, t.Locale))]);
            await session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, articleId });
            await audit.WriteAsync(session, caller, "knowledge.article.deleted", "article", articleId.ToString("D"));
            await jobs.EnqueueAsync(session, ArticleSync.JobKind, new { }, ArticleSync.Aggregate);
            return files;
        }, ct);
        if (gone is null)
            return ArticleRows.NoArticle;
        await files.SweepAsync(caller.TenantId, gone, ct);
        return true;
    }

    private sealed record Args(Guid TenantId, Guid ArticleId, string Locale, Guid? By, DateTimeOffset Now);

    private Task<Result<ArticleView>> ChangeAsync(
        Guid articleId, string locale, Caller caller, Func<TenantSession, ArticleRow, ArticleTextRow, Args, Task<Error?>> work, CancellationToken ct) =>
        db.InTransactionAsync<Result<ArticleView>>(caller.TenantId, async session =>
        {
            if (await ArticleRows.LockAsync(session, articleId) is not { } article)
                return ArticleRows.NoArticle;
            if (await ArticleRows.TextAsync(session, articleId, locale) is not { } text)
                return ArticleRows.NoText;
            return await work(session, article, text, new Args(session.TenantId, articleId, locale, SourceRuns.UserOf(caller), time.GetUtcNow())) is { } error
                ? error : (await ArticleRows.ReadAsync(session, articleId))!;
        }, ct);

    private async Task<IReadOnlyList<byte[]>> RemoveAsync(TenantSession session, string[] paths)
    {
        var gone = await changes.RemoveAsync(session, [.. await session.QueryAsync<Guid>(DocumentsSql, new { tenantId = session.TenantId, paths })]);
        await work.AfterChangeAsync(session);
        return gone;
    }
}
