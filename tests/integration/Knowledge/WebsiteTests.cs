using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Knowledge;
using Parley.Knowledge.Websites;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>Websites from a real server on this machine, which only the operator's list of private hosts makes reachable.</summary>
public sealed class WebsiteTests(PostgresFixture postgres) : WebsiteWorld(postgres)
{
    [Fact]
    public async Task A_site_is_followed_from_its_start_and_answers_with_its_addresses()
    {
        SmallSite();
        var client = (await _host.TenantAsync()).Operator();
        var (source, import) = await AddAsync(client, "/docs/");

        import.Text("state").ShouldBe("succeeded", import.ToString());
        (await PathsAsync(client, source)).ShouldBe(["/docs/", "/docs/billing", "/docs/cron"]);
        var cron = (await client.DocumentsAsync(source)).Single(d => d.Text("path")!.EndsWith("cron", StringComparison.Ordinal));
        (cron.Text("url"), cron.Text("title")).ShouldBe((_site.Address + "docs/cron", "Cron"));
        var skipped = await PagesAsync(client, import.Id(), "skipped");
        skipped["/docs/private/plans"].ShouldBe("The site's robots.txt forbids it.");
        skipped["/blog"].ShouldBe("It is not below the start's folder.");
        skipped["/docs/old"].ShouldContain("redirects");
        (await PagesAsync(client, import.Id(), "gone")).Keys.ShouldBe(["/docs/missing"]);
        _site.Count("/docs/private/plans").ShouldBe(0);
        _site.MostOpen.ShouldBeLessThanOrEqualTo(new KnowledgeOptions().RequestsPerSite);
    }

    [Fact]
    public async Task A_second_run_fetches_only_what_changed_and_removes_what_is_gone()
    {
        SmallSite();
        var client = (await _host.TenantAsync()).Operator();
        var (source, _) = await AddAsync(client, "/docs/");
        _site.Forget();
        _site.Page("/docs/cron", "Cron", "<p>Jobs now run each minute.</p>");
        _site.Remove("/docs/billing");

        var import = await RunAsync(client, source);

        (import.Int("added"), import.Int("changed"), import.Int("unchanged"), import.Int("removed")).ShouldBe((0, 1, 1, 1));
        _site.Requests.ShouldContain("GET /docs/ 304");
        (await PathsAsync(client, source)).ShouldBe(["/docs/", "/docs/cron"]);
        var pages = await BoardAsync(client, source);
        pages["/docs/billing"].GetProperty("goneAt").ValueKind.ShouldNotBe(JsonValueKind.Null);
        pages["/docs/cron"].GetProperty("goneAt").ValueKind.ShouldBe(JsonValueKind.Null);
        (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("freshness").Int("pagesGone").ShouldBe(1, "a link that was always broken is no page that is gone");
    }

    [Fact]
    public async Task A_page_whose_bytes_differ_each_time_but_not_its_text_is_unchanged()
    {
        SmallSite();
        var served = 0;
        _site.On("/docs/cron", http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync($"<html><head><title>Cron</title><meta name=csrf content=token-{++served}></head><body><main><h1>Cron</h1><p>Jobs run each hour.</p></main></body></html>");
        });
        var client = (await _host.TenantAsync()).Operator();
        var (source, _) = await AddAsync(client, "/docs/");

        var import = await RunAsync(client, source);

        (import.Int("changed"), import.Int("unchanged"), served >= 2).ShouldBe((0, 3, true), import.ToString());
        (await client.DocumentsAsync(source)).ShouldAllBe(d => d.Int("version") == 1);
    }

    [Fact]
    public async Task A_page_that_fails_keeps_its_document_and_is_shown_as_failing()
    {
        SmallSite();
        var client = (await _host.TenantAsync()).Operator();
        var (source, _) = await AddAsync(client, "/docs/");
        _site.Status("/docs/cron", 500);

        var import = await RunAsync(client, source);

        (import.Text("state"), import.Int("failed"), import.Int("removed")).ShouldBe(("succeeded", 1, 0));
        (await PathsAsync(client, source)).ShouldContain("/docs/cron");
        var failing = (await BoardAsync(client, source))["/docs/cron"];
        failing.Text("failure").ShouldBe("The server failed (500).");
        var since = failing.GetProperty("failingSince").GetDateTimeOffset();
        _host.Time.Advance(TimeSpan.FromHours(1));
        await RunAsync(client, source);
        (await BoardAsync(client, source))["/docs/cron"].GetProperty("failingSince").GetDateTimeOffset().ShouldBe(since);
        _site.Page("/docs/cron", "Cron", "<p>Back again.</p>");
        await RunAsync(client, source);
        (await BoardAsync(client, source))["/docs/cron"].GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_site_that_shows_half_of_itself_removes_nothing_until_somebody_accepts_it()
    {
        for (var i = 0; i < 30; i++)
            _site.Page($"/docs/{i}", $"Page {i}", $"<p>Text number {i} of the site.</p>");
        _site.Page("/docs/", "Docs", string.Concat(Enumerable.Range(0, 30).Select(i => $"<p><a href=/docs/{i}>Page {i}</a></p>")));
        var client = (await _host.TenantAsync()).Operator();
        var (source, _) = await AddAsync(client, "/docs/");
        _site.Page("/docs/", "Docs", "<p>We are working on it. <a href=/docs/1>One</a></p>");

        var import = await RunAsync(client, source);
        import.Text("error").ShouldStartWith("The site shows 2 of the 31 pages that are here. Nothing was removed.");
        (await PathsAsync(client, source)).Count.ShouldBe(31);

        (await RunAsync(client, source, acceptRemovals: true)).Int("removed").ShouldBe(29);
        (await PathsAsync(client, source)).ShouldBe(["/docs/", "/docs/1"]);
    }

    [Fact]
    public async Task A_preview_says_what_would_come_and_keeps_nothing()
    {
        SmallSite();
        _site.Html("/docs/app", "<html><body><div id=root></div><script src=/app.js></script></body></html>");
        _site.Page("/docs/hidden", "Hidden", "<p>Not for robots.</p>", "<meta name=robots content=noindex>");
        _site.Page("/docs/copy", "Copy", "<p>The same.</p>", "<link rel=canonical href=/docs/cron>");
        _site.Text("/docs/logo.png", "PNG", "image/png");
        _site.Page("/docs/", "Docs", "<p><a href=cron>1</a><a href=app>2</a><a href=hidden>3</a><a href=copy>4</a><a href=logo.png>5</a><a href=drafts/x>6</a></p>");
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();

        var crawl = await PreviewAsync(client, _site.Address + "docs/", new { exclude = new[] { "/docs/drafts/" } });

        (crawl.Text("state"), crawl.Int("fetched"), crawl.Int("failed")).ShouldBe(("done", 2, 1), crawl.ToString());
        var reasons = await PagesAsync(client, crawl.Id(), "skipped");
        reasons["/docs/hidden"].ShouldBe("The page asks not to be indexed.");
        reasons["/docs/copy"].ShouldContain("/docs/cron");
        reasons["/docs/logo.png"].ShouldBe("It is no document (image/png).");
        reasons["/docs/drafts/x"].ShouldBe("The exclude pattern /docs/drafts/ matches it.");
        (await PagesAsync(client, crawl.Id(), "failed"))["/docs/app"].ShouldContain("JavaScript");
        (await client.GetJsonAsync("/v1/knowledge/sources")).GetProperty("items").GetArrayLength().ShouldBe(0);
        var objects = Path.Combine(_host.DataDirectory, "objects", tenant.Id.ToString("N"));
        (Directory.Exists(objects) ? Directory.GetFiles(objects, "*", SearchOption.AllDirectories) : []).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_site_that_lives_elsewhere_is_found_there()
    {
        SmallSite();
        _site.Redirect("/help", "/docs/");
        var client = (await _host.TenantAsync()).Operator();
        var (source, import) = await AddAsync(client, "/help");
        import.Text("state").ShouldBe("succeeded", import.ToString());
        (await PathsAsync(client, source)).ShouldBe(["/docs/", "/docs/billing", "/docs/cron"]);
        (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).Text("canonical").ShouldBe(_site.Address + "help");
    }

    [Fact]
    public async Task A_schedule_runs_when_its_time_has_come_and_a_paused_source_never()
    {
        SmallSite();
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var (source, first) = await AddAsync(client, "/docs/", new { scheduleHours = 24 });
        var runs = _host.Services.GetRequiredService<SourceRuns>();
        var due = (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("freshness").GetProperty("nextRunAt").GetDateTimeOffset();
        (due - _host.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromHours(23), TimeSpan.FromHours(24));

        await runs.StartDueAsync(default);
        (await LastImportAsync(client, source)).ShouldBe(first.Id());
        _host.Time.Advance(TimeSpan.FromHours(25));
        await Task.WhenAll(runs.StartDueAsync(default), runs.StartDueAsync(default));
        var second = await LastImportAsync(client, source);
        second.ShouldNotBe(first.Id());
        (await client.EndAsync(second)).Text("state").ShouldBe("succeeded");
        (await client.GetJsonAsync($"/v1/knowledge/imports?sourceId={source}")).GetProperty("items").GetArrayLength().ShouldBe(2);

        using var paused = await client.PostAsync($"/v1/knowledge/websites/{source}/pause", null);
        paused.IsSuccessStatusCode.ShouldBeTrue();
        _host.Time.Advance(TimeSpan.FromHours(48));
        await runs.StartDueAsync(default);
        (await LastImportAsync(client, source)).ShouldBe(second);
        using var refused = await client.PostAsJsonAsync($"/v1/knowledge/websites/{source}/run", new { });
        await refused.ShouldFailAsync(409, "source.paused");
        (await _host.SearchAsync(tenant.Id, "cron jobs")).Documents.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_real_help_centre_is_previewed_crawled_from_its_sitemap_and_the_board_shows_what_changed_vanished_and_fails()
    {
        var folder = DatasetFolder.Find("railway_docs/md");
        Assert.SkipWhen(folder is null, "The data set railway_docs is not there (PARLEY_DATASETS).");
        var pages = Directory.GetFiles(folder!, "*", SearchOption.AllDirectories).ToDictionary(f => "/" + Path.GetRelativePath(folder!, f).Replace(".md", "", StringComparison.Ordinal), File.ReadAllText);
        foreach (var (path, markdown) in pages)
            _site.Html(path, HelpCentrePage(markdown));
        _site.Sitemap("/sitemap.xml", [.. pages.Keys]);
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();

        var preview = await PreviewAsync(client, _site.Address + "sitemap.xml", new { maxPages = 20 });
        (preview.Text("state"), preview.Int("fetched")).ShouldBe(("done", 20));
        var (source, first) = await AddAsync(client, "/sitemap.xml", new { scheduleHours = 24 });
        (first.Text("state"), first.Int("added"), first.Int("failed")).ShouldBe(("succeeded", 383, 0), first.ToString());
        var cron = (await _host.SearchAsync(tenant.Id, "Why isn't my cron running as scheduled?")).Documents[0];
        (cron.Title, cron.Url).ShouldBe(("Cron Jobs", _site.Address + "docs/cron-jobs"));

        var names = pages.Keys.Where(p => p != "/docs/cron-jobs").Order(StringComparer.Ordinal).Take(3).ToArray();
        _site.Html(names[0], HelpCentrePage(pages[names[0]] + "\n\nThis sentence is new."));
        _site.Remove(names[1]);
        _site.Status(names[2], 500);
        _site.Sitemap("/sitemap.xml", [.. pages.Keys.Where(p => p != names[1])]);
        _host.Time.Advance(TimeSpan.FromHours(25));
        await _host.Services.GetRequiredService<SourceRuns>().StartDueAsync(default);
        var second = await client.EndAsync(await LastImportAsync(client, source));

        (second.Int("added"), second.Int("changed"), second.Int("unchanged"), second.Int("removed"), second.Int("failed")).ShouldBe((0, 1, 380, 1, 1), second.ToString());
        async Task<string[]> On(string state) => [.. (await client.GetJsonAsync($"/v1/knowledge/websites/{source}/pages?state={state}&limit=200")).GetProperty("items").EnumerateArray().Select(p => new Uri(p.Text("url")!).AbsolutePath)];
        (await On("gone")).ShouldBe([names[1]]);
        (await On("failing")).ShouldBe([names[2]]);
        var freshness = (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("freshness");
        (freshness.Int("pagesFailing"), freshness.Int("pagesGone")).ShouldBe((1, 1));
        var changed = (await client.DocumentsAsync(source)).Single(d => d.Text("path")!.EndsWith(names[0], StringComparison.Ordinal));
        (await client.GetJsonAsync($"/v1/knowledge/documents/{changed.Text("id")}/diff")).GetProperty("lines").EnumerateArray()
            .Where(l => l.Text("kind") == "added" && l.Text("text")!.Length > 0).Select(l => l.Text("text")).ShouldBe(["This sentence is new."]);
    }
}
