using System.Net;
using System.Net.Http.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>Parley's own copy of a document, for a customer who follows a citation.</summary>
public sealed class WidgetDocumentTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>
{
    private const string Hostile = """
        # Steps <script>alert(1)</script>

        Open the page. <img src=x onerror="alert(2)"> <a href="javascript:alert(3)">Click</a>

        ```html
        <script>shown(4)</script>
        ```
        """;

    [Fact]
    public async Task A_visitor_reads_a_public_document_by_sections()
    {
        var tenant = await fixture.World.TenantAsync();
        var document = await ImportAsync(tenant, "Docs", "public", File("cron.md", "---\ntitle: Cron jobs\nurl: https://docs.example.com/cron\n---\nIntro.\n\n## Limits\n\nFive at a time."));

        var seen = await (await tenant.VisitorAsync()).Client.GetJsonAsync($"/v1/widget/documents/{document}");

        (seen.Text("id"), seen.Text("title"), seen.Text("url")).ShouldBe((document.ToString(), "Cron jobs", "https://docs.example.com/cron"));
        var sections = seen.GetProperty("sections").EnumerateArray().ToList();
        sections.Select(s => s.Text("text")).ShouldBe(["Intro.", "Five at a time."]);
        (sections[1].GetProperty("headingPath")[0].GetString(), sections[1].Text("anchor")).ShouldBe(("Limits", "limits"));
        // What only the console may know stays there: no path, source, hash or metadata.
        seen.EnumerateObject().Select(p => p.Name).ShouldBe(["id", "title", "url", "sections"], ignoreOrder: true);
        sections[0].EnumerateObject().Select(p => p.Name).ShouldBe(["headingPath", "anchor", "text"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("customers")]
    [InlineData("internal")]
    public async Task What_a_visitor_may_not_see_does_not_exist(string audience)
    {
        var tenant = await fixture.World.TenantAsync();
        var document = await ImportAsync(tenant, "Docs", audience, File("secret.md", "# Secret\n\nThe margin is high."));

        using var response = await (await tenant.VisitorAsync()).Client.GetAsync($"/v1/widget/documents/{document}");

        await response.ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task A_source_that_becomes_internal_is_gone_at_once_and_so_is_a_deleted_document()
    {
        var tenant = await fixture.World.TenantAsync();
        var operatorClient = tenant.Tenant.Operator();
        var visitor = (await tenant.VisitorAsync()).Client;
        var hidden = await ImportAsync(tenant, "Hidden", "public", File("a.md", "# A\n\nText."));
        var deleted = await ImportAsync(tenant, "Deleted", "public", File("b.md", "# B\n\nText."));
        await visitor.GetJsonAsync($"/v1/widget/documents/{hidden}");

        var source = (await operatorClient.GetJsonAsync($"/v1/knowledge/documents/{hidden}")).Text("sourceId");
        (await operatorClient.PatchAsJsonAsync($"/v1/knowledge/sources/{source}", new { audience = "internal" })).EnsureSuccessStatusCode();
        (await operatorClient.DeleteAsync($"/v1/knowledge/documents/{deleted}")).EnsureSuccessStatusCode();

        foreach (var id in new[] { hidden, deleted, Guid.CreateVersion7() })
            (await visitor.GetAsync($"/v1/widget/documents/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Another_tenants_visitor_and_nobody_get_nothing()
    {
        var (mine, theirs) = (await fixture.World.TenantAsync(), await fixture.World.TenantAsync());
        var document = await ImportAsync(theirs, "Docs", "public", File("a.md", "# A\n\nText."));

        using var foreign = await (await mine.VisitorAsync()).Client.GetAsync($"/v1/widget/documents/{document}");
        await foreign.ShouldFailAsync(404, "not_found");
        (await mine.Host.Client().GetAsync($"/v1/widget/documents/{document}")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        // A visitor's token opens the copy, not the console's view of the same document.
        (await (await theirs.VisitorAsync()).Client.GetAsync($"/v1/knowledge/documents/{document}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Markup_in_a_document_is_text_that_no_browser_runs()
    {
        var tenant = await fixture.World.TenantAsync();
        var document = await ImportAsync(tenant, "Docs", "public", File("hostile.md", Hostile));

        using var response = await (await tenant.VisitorAsync()).Client.GetAsync($"/v1/widget/documents/{document}");

        // A browser that is led there shows characters: the type is not that of a page, and it must not be guessed.
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var text = (await response.JsonAsync()).GetProperty("sections")[0].Text("text")!;
        text.ShouldContain("<script>shown(4)</script>");
        text.ShouldNotContain("alert");
        text.ShouldNotContain("javascript:");
    }

    private static async Task<Guid> ImportAsync(WidgetTenant tenant, string name, string audience, (string, byte[]) file)
    {
        var client = tenant.Tenant.Operator();
        var id = (await client.CreateImportAsync(name, audience: audience)).GetProperty("id").GetGuid();
        using var uploaded = await client.UploadAsync(id, file);
        uploaded.EnsureSuccessStatusCode();
        using var started = await client.PostAsync($"/v1/knowledge/imports/{id}/start", null);
        started.EnsureSuccessStatusCode();
        var import = await client.EndAsync(id);
        import.Text("state").ShouldBe("succeeded");
        return (await client.DocumentsAsync(import.GetProperty("sourceId").GetGuid())).Single().GetProperty("id").GetGuid();
    }
}
