using System.Net.Http.Json;
using System.Text.Json;
using Parley.Knowledge.Search;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

public sealed class ArticleTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_draft_answers_nothing_what_is_published_does_and_what_is_unpublished_does_not_at_once()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var article = await CreateAsync(client, "How do I cancel: \"the plan\"?", "Open Billing and press Cancel plan. The plan ends with the month.");
        article.Text("slug").ShouldBe("how-do-i-cancel-the-plan");
        await SourcelessAsync(client);

        (await PostAsync(client, article, "review")).GetProperty("texts")[0].Text("state").ShouldBe("review");
        var published = await PostAsync(client, article, "publish");
        (published.GetProperty("texts")[0].Text("state"), published.GetProperty("texts")[0].Int("publishedVersion")).ShouldBe(("published", 1));
        var document = (await DocumentsAsync(client, 1)).Single();
        (document.Text("path"), document.Text("title"), document.Text("language")).ShouldBe(("en/how-do-i-cancel-the-plan.md", "How do I cancel: \"the plan\"?", "en"));
        (await _host.SearchAsync(tenant.Id, "cancel plan")).Documents.ShouldNotBeEmpty();

        await SaveAsync(client, article, "How do I cancel the plan?", "Open Billing. Cancelled plans end at once.", 1);
        (await DocumentsAsync(client, 1)).Single().Int("version").ShouldBe(1, "a draft changes nothing");
        await PostAsync(client, article, "publish");
        await UntilAsync(async () => (await DocumentsAsync(client, 1)).Single().Int("version") == 2);

        var result = await _host.SearchAsync(tenant.Id, "cancel plan");
        await PostAsync(client, article, "unpublish");
        (await _host.EvidenceAsync(tenant.Id, result, KnowledgeSearch.PublicOnly)).ShouldBeEmpty();
        (await DocumentsAsync(client, 0)).ShouldBeEmpty();
        var versions = (await client.GetJsonAsync($"/v1/knowledge/articles/{article.Text("id")}/texts/en/versions")).GetProperty("items");
        versions.EnumerateArray().Select(v => v.Int("version")).ShouldBe([2, 1]);
        (await client.GetJsonAsync($"/v1/knowledge/articles/{article.Text("id")}/texts/en/versions/1")).Text("body").ShouldStartWith("Open Billing and press");
    }

    [Fact]
    public async Task Languages_are_documents_of_their_own_and_deleting_the_article_takes_all()
    {
        var client = (await _host.TenantAsync()).Operator();
        var article = await CreateAsync(client, "Refunds", "We refund within 14 days.");
        var id = article.Text("id");
        (await SaveAsync(client, article, "Erstattungen", "Wir erstatten innerhalb von 14 Tagen.", null, "de")).GetProperty("texts").GetArrayLength().ShouldBe(2);
        await PostAsync(client, article, "publish");
        await PostAsync(client, article, "publish", "de");
        (await DocumentsAsync(client, 2)).Select(d => d.Text("language")).Order().ShouldBe(["de", "en"]);

        (await client.DeleteAsync($"/v1/knowledge/articles/{id}")).EnsureSuccessStatusCode();
        (await DocumentsAsync(client, 0)).ShouldBeEmpty();
        using var gone = await client.GetAsync($"/v1/knowledge/articles/{id}");
        await gone.ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task Nobody_overwrites_what_somebody_else_saved()
    {
        var client = (await _host.TenantAsync()).Operator();
        var article = await CreateAsync(client, "Plans", "Three plans.");
        await SaveAsync(client, article, "Plans", "Four plans.", 1);
        using var late = await client.PutAsJsonAsync($"/v1/knowledge/articles/{article.Text("id")}/texts/en", new { title = "Plans", body = "Two plans.", revision = 1 });
        await late.ShouldFailAsync(409, "article.changed");
        (await client.GetJsonAsync($"/v1/knowledge/articles/{article.Text("id")}")).GetProperty("texts")[0].Text("body").ShouldBe("Four plans.");
    }

    [Fact]
    public async Task Collections_hold_articles_and_leave_them_when_they_go()
    {
        var client = (await _host.TenantAsync()).Operator();
        using var made = await client.PostAsJsonAsync("/v1/knowledge/collections", new { name = "Billing", description = "All about money" });
        var collection = (await made.JsonAsync()).Text("id");
        using var twice = await client.PostAsJsonAsync("/v1/knowledge/collections", new { name = "Billing" });
        await twice.ShouldFailAsync(400, "invalid", "name");
        var article = await CreateAsync(client, "Refunds", "Within 14 days.", collection);
        (await client.GetJsonAsync("/v1/knowledge/collections")).GetProperty("items")[0].Int("articles").ShouldBe(1);
        (await client.GetJsonAsync($"/v1/knowledge/articles?collectionId={collection}&state=draft&q=refund")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await client.GetJsonAsync("/v1/knowledge/articles?q=100%25")).GetProperty("items").GetArrayLength().ShouldBe(0);

        (await client.DeleteAsync($"/v1/knowledge/collections/{collection}")).EnsureSuccessStatusCode();
        (await client.GetJsonAsync($"/v1/knowledge/articles/{article.Text("id")}")).GetProperty("collectionId").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Articles_of_one_title_get_slugs_of_their_own_and_many_published_at_once_all_arrive()
    {
        var client = (await _host.TenantAsync()).Operator();
        var articles = new List<JsonElement>();
        for (var i = 0; i < 8; i++)
            articles.Add(await CreateAsync(client, "同じ題名", $"本文 {i}。プランは月末に終わります。", locale: "ja"));
        articles.Select(a => a.Text("slug")).Distinct().Count().ShouldBe(8);
        await Task.WhenAll(articles.Select(a => PostAsync(client, a, "publish", "ja")));
        (await DocumentsAsync(client, 8)).Count.ShouldBe(8);
    }

    [Fact]
    public async Task Bad_articles_are_refused_by_field_and_their_source_is_theirs_alone()
    {
        var client = (await _host.TenantAsync()).Operator();
        foreach (var (body, field) in ((object, string)[])
        [
            (new { locale = "english please", title = "T", body = "B" }, "locale"), (new { locale = "en", title = " ", body = "B" }, "title"),
            (new { locale = "en", title = "T" }, "body"), (new { locale = "en", title = "T", body = "a\0b" }, "body"), (new { locale = "en", title = "T", body = new string('x', 200_001) }, "body"),
        ])
        {
            using var response = await client.PostAsJsonAsync("/v1/knowledge/articles", body);
            await response.ShouldFailAsync(400, "invalid", field);
        }
        var empty = await CreateAsync(client, "Empty", "");
        using var nothing = await client.PostAsync($"/v1/knowledge/articles/{empty.Text("id")}/texts/en/publish", null);
        await nothing.ShouldFailAsync(400, "invalid", "body");
        using var unknown = await client.PostAsync($"/v1/knowledge/articles/{empty.Text("id")}/texts/fr/publish", null);
        await unknown.ShouldFailAsync(404, "not_found");

        var article = await CreateAsync(client, "Plans", "Three plans.");
        await PostAsync(client, article, "publish");
        var source = (await DocumentsAsync(client, 1)).Single().Text("sourceId");
        using var deleted = await client.DeleteAsync($"/v1/knowledge/sources/{source}");
        await deleted.ShouldFailAsync(409, "source.articles");
        using var import = await client.PostAsJsonAsync("/v1/knowledge/imports", new { sourceId = source, mode = "complete" });
        await import.ShouldFailAsync(409, "source.not_uploadable");
    }

    private static async Task<JsonElement> CreateAsync(HttpClient client, string title, string body, string? collectionId = null, string locale = "en")
    {
        using var response = await client.PostAsJsonAsync("/v1/knowledge/articles", new { locale, title, body, collectionId });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static async Task<JsonElement> SaveAsync(HttpClient client, JsonElement article, string title, string body, int? revision, string locale = "en")
    {
        using var response = await client.PutAsJsonAsync($"/v1/knowledge/articles/{article.Text("id")}/texts/{locale}", new { title, body, revision });
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, JsonElement article, string verb, string locale = "en")
    {
        using var response = await client.PostAsync($"/v1/knowledge/articles/{article.Text("id")}/texts/{locale}/{verb}", null);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static async Task SourcelessAsync(HttpClient client) =>
        (await client.GetJsonAsync("/v1/knowledge/sources")).GetProperty("items").GetArrayLength().ShouldBe(0);

    /// <summary>The documents of the articles once there are so many.</summary>
    private static async Task<IReadOnlyList<JsonElement>> DocumentsAsync(HttpClient client, int count)
    {
        IReadOnlyList<JsonElement> documents = [];
        await UntilAsync(async () => (documents = [.. (await client.GetJsonAsync("/v1/knowledge/documents?limit=100")).GetProperty("items").EnumerateArray()]).Count == count);
        return documents;
    }

    private static async Task UntilAsync(Func<Task<bool>> done)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await done())
            await Task.Delay(20, patience.Token);
    }
}
