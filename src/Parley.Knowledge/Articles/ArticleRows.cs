using System.Globalization;
using System.Text;
using Parley.Knowledge.Readers;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Articles;

/// <summary>An article in one language.</summary>
/// <param name="Revision">Give it back when saving.</param>
/// <param name="State">draft, review, or published: the draft is what is published.</param>
/// <param name="PublishedVersion">Null: nothing of it is answered from.</param>
internal sealed record ArticleTextView(string Locale, string Title, string Body, int Revision, string State, int? PublishedVersion, DateTimeOffset UpdatedAt, Guid? UpdatedBy);

/// <summary>An article with all its languages.</summary>
internal sealed record ArticleView(Guid Id, Guid? CollectionId, string Slug, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<ArticleTextView> Texts);

internal sealed record ArticleRow
{
    public Guid Id { get; init; }
    public Guid? CollectionId { get; init; }
    public string Slug { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed record ArticleTextRow
{
    public Guid ArticleId { get; init; }
    public string Locale { get; init; } = "";
    public string Title { get; init; } = "";
    public string Body { get; init; } = "";
    public int Revision { get; init; }
    public string State { get; init; } = "";
    public int? PublishedVersion { get; init; }
    public Guid? UpdatedBy { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    internal ArticleTextView ToView() => new(Locale, Title, Body, Revision, State, PublishedVersion, UpdatedAt, UpdatedBy);
}

/// <summary>Reading and checking of articles.</summary>
internal static class ArticleRows
{
    internal const int MaxTitle = 200;
    internal const int MaxBody = 200_000;
    internal const int MaxSlug = 100;

    internal const string ArticleSql = "select id, collection_id, slug, created_at, updated_at from articles where tenant_id = @tenantId and id = @articleId";

    internal const string LockSql = ArticleSql + " for update";

    internal const string TextsSql = """
        select article_id, locale, title, body, revision, state, published_version, updated_by, updated_at from article_texts
         where tenant_id = @tenantId and article_id = @articleId order by locale
        """;

    internal const string CollectionSql = "select id from collections where tenant_id = @tenantId and id = @collectionId for key share";

    internal static Error NoArticle { get; } = Error.NotFound("article");

    internal static Error NoText { get; } = Error.NotFound("article in this language");

    internal static Error NoCollection { get; } = Error.NotFound("collection");

    internal static async Task<ArticleView?> ReadAsync(TenantSession session, Guid articleId)
    {
        var args = new { tenantId = session.TenantId, articleId };
        return await session.QuerySingleOrDefaultAsync<ArticleRow>(ArticleSql, args) is not { } a ? null
            : new ArticleView(a.Id, a.CollectionId, a.Slug, a.CreatedAt, a.UpdatedAt, [.. (await session.QueryAsync<ArticleTextRow>(TextsSql, args)).Select(t => t.ToView())]);
    }

    internal static Task<ArticleRow?> LockAsync(TenantSession session, Guid articleId) =>
        session.QuerySingleOrDefaultAsync<ArticleRow>(LockSql, new { tenantId = session.TenantId, articleId });

    internal static async Task<ArticleTextRow?> TextAsync(TenantSession session, Guid articleId, string locale) =>
        (await session.QueryAsync<ArticleTextRow>(TextsSql, new { tenantId = session.TenantId, articleId })).FirstOrDefault(t => t.Locale == locale);

    internal static async Task<bool> KnowsCollectionAsync(TenantSession session, Guid collectionId) =>
        await session.QuerySingleOrDefaultAsync<Guid?>(CollectionSql, new { tenantId = session.TenantId, collectionId }) is not null;

    internal static void CheckText(string? title, string? body, Dictionary<string, string[]> invalid)
    {
        if (string.IsNullOrWhiteSpace(title) || title.Trim().Length > MaxTitle || title.Any(char.IsControl))
            invalid["title"] = [$"Give 1 to {MaxTitle} printable characters."];
        if (body is null || body.Length > MaxBody || body.Contains('\0', StringComparison.Ordinal))
            invalid["body"] = [$"Give Markdown of at most {MaxBody:N0} characters."];
    }

    /// <summary>The locale in its one form; null and an entry where it is none.</summary>
    internal static string? CheckLocale(string? locale, Dictionary<string, string[]> invalid)
    {
        if (LanguageTag.Parse(locale) is { } tag)
            return tag;
        invalid["locale"] = ["Give a language tag such as en or pt-BR."];
        return null;
    }

    /// <summary>"Why isn't my cron running?" → why-isnt-my-cron-running; a title without Latin letters gets a number.</summary>
    internal static string SlugOf(string title, Guid id)
    {
        var slug = new StringBuilder();
        foreach (var c in title.Trim().Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-' && c is not ('\'' or '’') && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
                slug.Append('-');
            if (slug.Length == MaxSlug - 10)
                break;
        }
        var text = slug.ToString().Trim('-');
        return text.Length > 0 ? text : "article-" + id.ToString("N")[^8..];
    }
}
