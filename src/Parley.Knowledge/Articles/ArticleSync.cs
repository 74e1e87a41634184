using System.Text;
using Parley.Knowledge.Imports;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Articles;

/// <summary>
/// Brings the articles' source to what is published, by the same import as every folder: unchanged articles keep their documents. Runs one
/// at a time for a tenant; however often it runs, it ends at what is published then.
/// </summary>
internal sealed class ArticleSync(TenantDb db, LocalImport import, JobQueue jobs, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind JobKind = new("knowledge.articles", MaxAttempts: 20);

    internal const string Aggregate = "articles";
    private const string Canonical = "articles";
    private const string SourceName = "Articles";
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    internal const string PublishedSql = """
        select a.slug, v.locale, v.title, v.body
          from article_texts t
          join articles a on a.tenant_id = t.tenant_id and a.id = t.article_id
          join article_versions v on v.tenant_id = t.tenant_id and v.article_id = t.article_id and v.locale = t.locale and v.version = t.published_version
         where t.tenant_id = @tenantId order by a.slug, v.locale
        """;

    private sealed record Published
    {
        public string Slug { get; init; } = "";
        public string Locale { get; init; } = "";
        public string Title { get; init; } = "";
        public string Body { get; init; } = "";
    }

    internal static string PathOf(string slug, string locale) => $"{locale}/{slug}.md";

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var published = await db.InTransactionAsync(job.TenantId, s => s.QueryAsync<Published>(PublishedSql, new { tenantId = job.TenantId }), ct);
        // What is no longer published was removed with its unpublishing.
        if (published.Count == 0)
            return;
        if (await import.QueueAsync(job.TenantId, new LocalSource(Canonical, SourceName, Kind: "articles"), [.. published.Select(FileOf)], ct) is not null)
            return;
        // An import of the articles is under way; it may not carry what was published since.
        await db.InTransactionAsync(job.TenantId, async session =>
        {
            await job.CompleteAsync(session);
            await jobs.EnqueueAsync(session, JobKind, new { }, Aggregate, time.GetUtcNow() + Again);
        }, ct);
    }

    private static LocalFile FileOf(Published article)
    {
        // JSON's way to write a text is YAML's too: a title can hold anything.
        var title = System.Text.Json.JsonSerializer.Serialize(article.Title);
        var bytes = Encoding.UTF8.GetBytes($"---\ntitle: {title}\nlang: {article.Locale}\n---\n\n{article.Body}");
        return new LocalFile(PathOf(article.Slug, article.Locale), () => new MemoryStream(bytes, writable: false));
    }
}
