using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Websites;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Articles;

/// <param name="Title">1 to 200 characters.</param>
/// <param name="Body">Markdown, at most 200,000 characters.</param>
/// <param name="Revision">The revision that was changed; left out for a language that the article does not have yet.</param>
internal sealed record SaveArticleRequest(string? Title, string? Body, int? Revision);

/// <summary>Saves a draft. What is published stays as it is until the draft is published.</summary>
internal sealed class SaveArticle(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxLocales = 50;

    internal const string UpdateSql = """
        update article_texts set title = @title, body = @body, revision = revision + 1, state = 'draft', updated_by = @by, updated_at = @now
         where tenant_id = @tenantId and article_id = @id and locale = @locale
        """;

    internal const string TouchSql = "update articles set updated_at = @now where tenant_id = @tenantId and id = @id";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPut("/articles/{articleId:guid}/texts/{locale}", async (Guid articleId, string locale, SaveArticleRequest request, Caller caller, SaveArticle handler, CancellationToken ct) =>
                (await handler.HandleAsync(articleId, locale, request, caller, ct)).ToHttp())
            .WithName("SaveArticle").RequirePermission(Permission.KnowledgeWrite);

    private async Task<Result<ArticleView>> HandleAsync(Guid articleId, string given, SaveArticleRequest request, Caller caller, CancellationToken ct)
    {
        var invalid = new Dictionary<string, string[]>();
        var locale = ArticleRows.CheckLocale(given, invalid);
        ArticleRows.CheckText(request.Title, request.Body, invalid);
        if (invalid.Count > 0)
            return Error.Invalid(invalid);
        return await db.InTransactionAsync<Result<ArticleView>>(caller.TenantId, async session =>
        {
            if (await ArticleRows.LockAsync(session, articleId) is null || await ArticleRows.ReadAsync(session, articleId) is not { } article)
                return ArticleRows.NoArticle;
            var before = article.Texts.FirstOrDefault(t => t.Locale == locale);
            if (before is not null && before.Revision != request.Revision)
                return Error.Conflict("article.changed", $"Somebody has saved this text meanwhile (revision {before.Revision}). Load it again and bring in your changes.");
            if (before is null && article.Texts.Count == MaxLocales)
                return Error.Conflict("article.too_many_languages", $"An article has at most {MaxLocales} languages.");
            var args = new { tenantId = session.TenantId, id = articleId, locale, title = request.Title!.Trim(), body = request.Body, by = SourceRuns.UserOf(caller), now = time.GetUtcNow() };
            await session.ExecuteAsync(before is null ? CreateArticle.InsertTextSql : UpdateSql, args);
            await session.ExecuteAsync(TouchSql, args);
            await audit.WriteAsync(session, caller, "knowledge.article.saved", "article", articleId.ToString("D"), new { locale });
            return (await ArticleRows.ReadAsync(session, articleId))!;
        }, ct);
    }
}
