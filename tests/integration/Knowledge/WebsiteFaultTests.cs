using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Knowledge.Websites;
using Parley.Platform;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>Sites that are busy, slow, endless or lie, addresses that must not be called, runs that are cancelled or whose node dies.</summary>
public sealed class WebsiteFaultTests(PostgresFixture postgres) : WebsiteWorld(postgres)
{
    [Fact]
    public async Task A_site_that_is_down_changes_nothing_and_is_failing_until_it_is_back()
    {
        SmallSite();
        var client = (await _host.TenantAsync()).Operator();
        var (source, _) = await AddAsync(client, "/docs/");
        _site.Status("/docs/", 503);
        var import = await RunAsync(client, source);
        (import.Text("state"), import.Text("error")!.Contains("busy (503)", StringComparison.Ordinal)).ShouldBe(("failed", true), import.ToString());

        _site.Status("/robots.txt", 500);
        import = await RunAsync(client, source);
        import.Text("error").ShouldStartWith("The site's robots.txt could not be read, so nothing may be fetched");
        (await PathsAsync(client, source)).Count.ShouldBe(3);
        var freshness = (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("freshness");
        freshness.Text("failure").ShouldBe(import.Text("error"));
        freshness.GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.String);

        SmallSite();
        (await RunAsync(client, source)).Text("state").ShouldBe("succeeded");
        (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("freshness").GetProperty("failingSince").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_sitemap_and_an_index_of_sitemaps_that_loops_are_read_once()
    {
        for (var i = 0; i < 5; i++)
            _site.Page($"/p/{i}", $"Page {i}", $"<p>What number {i} says.</p>");
        _site.SitemapIndex("/sitemap.xml", "/maps/1.xml", "/maps/2.xml", "/sitemap.xml");
        _site.SitemapIndex("/maps/2.xml", "/sitemap.xml", "/maps/1.xml");
        _site.Sitemap("/maps/1.xml", "/p/0", "/p/1", "/p/2", "/p/3", "/p/4", "/p/0", "/p/4?utm_source=map");
        var client = (await _host.TenantAsync()).Operator();

        var (source, import) = await AddAsync(client, "/sitemap.xml");

        import.Text("state").ShouldBe("succeeded", import.ToString());
        (await PathsAsync(client, source)).Count.ShouldBe(5);
        _site.Count("/maps/1.xml").ShouldBe(1);
        _site.Count("/sitemap.xml").ShouldBe(1);
    }

    [Fact]
    public async Task A_sitemap_that_lists_more_than_may_come_is_cut_and_says_so()
    {
        _site.Sitemap("/sitemap.xml", [.. Enumerable.Range(0, 20_000).Select(i => $"/p/{i}")]);
        for (var i = 0; i < 10; i++)
            _site.Page($"/p/{i}", $"Page {i}", $"<p>What number {i} says.</p>");
        var client = (await _host.TenantAsync()).Operator();

        var (source, import) = await AddAsync(client, "/sitemap.xml", new { maxPages = 3 });

        import.Text("state").ShouldBe("succeeded", import.ToString());
        (await client.DocumentsAsync(source)).Count.ShouldBe(3);
        var crawl = await client.GetJsonAsync($"/v1/knowledge/crawls/{import.Id()}");
        (crawl.Int("fetched"), crawl.Int("pending"), crawl.Int("skipped") <= 3 + CrawlStore.MaxListed).ShouldBe((3, 0, true));
        (await PagesAsync(client, import.Id(), "skipped", 5)).Values.ShouldContain("The limit of 3 pages is reached.");
    }

    [Fact]
    public async Task Busy_servers_are_waited_for_and_slow_lying_and_endless_ones_given_up()
    {
        SmallSite();
        _site.Page("/docs/cron", "Cron", "<p>Cron jobs run each hour.</p>");
        _site.FailFirst("/docs/cron", 2, 429, "0");
        _site.On("/docs/drip", async http =>
        {
            http.Response.ContentType = "text/html";
            for (var i = 0; i < 1000 && !http.RequestAborted.IsCancellationRequested; i++)
            {
                await http.Response.WriteAsync("x");
                await http.Response.Body.FlushAsync();
                await Task.Delay(100);
            }
        });
        _site.Redirect("/docs/round", "/docs/round2");
        _site.Redirect("/docs/round2", "/docs/round");
        _site.Status("/docs/later", 503, "86400");
        _site.On("/docs/cut", http =>
        {
            http.Response.ContentLength = 5000;
            return http.Response.WriteAsync("<p>not all of it</p>");
        });
        _site.Page("/docs/", "Docs", "<p>All of it: <a href=cron>1</a><a href=drip>2</a><a href=round>3</a><a href=later>4</a><a href=cut>5</a></p>");
        var client = (await _host.TenantAsync()).Operator();

        var (source, import) = await AddAsync(client, "/docs/");

        import.Text("state").ShouldBe("succeeded", import.ToString());
        (await PathsAsync(client, source)).ShouldBe(["/docs/", "/docs/cron"]);
        _site.Count("/docs/cron").ShouldBe(3);
        var failed = await PagesAsync(client, import.Id(), "failed");
        failed["/docs/drip"].ShouldContain("longer than 2 seconds");
        failed["/docs/round"].ShouldContain("redirects");
        failed["/docs/later"].ShouldBe("The server is busy (503). It asks to come back in 1440 minutes.");
        failed["/docs/cut"].ShouldContain("broke off");
        _site.Count("/docs/later").ShouldBe(1);
    }

    [Fact]
    public async Task Addresses_that_are_not_public_are_never_called()
    {
        var client = (await _host.TenantAsync()).Operator();
        foreach (var url in (string[])["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]:1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/", "http://[::ffff:10.0.0.1]/"])
        {
            var crawl = await PreviewAsync(client, url);
            (crawl.Text("state"), crawl.Int("fetched")).ShouldBe(("failed", 0), url);
            crawl.Text("error")!.ShouldMatch("private|metadata|public", url);
        }
    }

    [Fact]
    public async Task A_redirect_to_an_address_that_is_not_public_is_not_followed()
    {
        SmallSite();
        _site.Redirect("/docs/cron", "http://169.254.169.254/latest/meta-data/");
        var client = (await _host.TenantAsync()).Operator();
        var (_, import) = await AddAsync(client, "/docs/");
        (await PagesAsync(client, import.Id(), "failed"))["/docs/cron"].ShouldContain("metadata");
    }

    [Fact]
    public async Task A_name_whose_address_becomes_private_is_called_no_more()
    {
        _site.On("/robots.txt", http =>
        {
            http.Response.Headers.Connection = "close"; // the next request asks the name server again
            return http.Response.WriteAsync("User-agent: *");
        });
        _site.Page("/", "Inside", "<p>Of no concern to anybody outside.</p>");
        var client = (await _host.TenantAsync()).Operator();

        var crawl = await PreviewAsync(client, $"http://rebinds.example:{_site.Address.Port}/");

        (crawl.Text("state"), crawl.Int("fetched")).ShouldBe(("failed", 0));
        crawl.Text("error")!.ShouldContain("private address");
        _called.ShouldBe([Public]);
        _site.Requests.Select(r => r.Split(' ')[1]).ShouldBe(["/robots.txt"]);
    }

    [Fact]
    public async Task A_sitemap_of_ten_million_addresses_is_read_as_far_as_it_counts()
    {
        const string Head = "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">";
        // Compressed parts may follow one another: one of 100,000 entries, a hundred times.
        var some = string.Concat(Enumerable.Range(0, 500).Select(i => $"<url><loc>{_site.Address}p/{i}</loc></url>"));
        var (head, part, end) = (Compressed(Head), Compressed(string.Concat(Enumerable.Repeat(some, 200))), Compressed("</urlset>"));
        _site.On("/sitemap.xml.gz", async http =>
        {
            await http.Response.Body.WriteAsync(head);
            for (var i = 0; i < 100; i++) await http.Response.Body.WriteAsync(part);
            await http.Response.Body.WriteAsync(end);
        });
        for (var i = 0; i < 10; i++) _site.Page($"/p/{i}", $"Page {i}", $"<p>What number {i} says.</p>");
        var client = (await _host.TenantAsync()).Operator();

        var (source, import) = await AddAsync(client, "/sitemap.xml.gz", new { maxPages = 2 });

        import.Text("state").ShouldBe("succeeded", import.ToString());
        (await client.DocumentsAsync(source)).Count.ShouldBe(2);
        (await client.GetJsonAsync($"/v1/knowledge/crawls/{import.Id()}")).Int("skipped").ShouldBeLessThanOrEqualTo(2 + CrawlStore.MaxListed);

        static byte[] Compressed(string text)
        {
            using var stream = new MemoryStream();
            using (var zip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true)) zip.Write(Encoding.UTF8.GetBytes(text));
            return stream.ToArray();
        }
    }

    [Fact]
    public async Task Two_runs_at_once_are_refused_and_a_cancelled_one_ends_and_leaves_no_files()
    {
        SmallSite();
        var gate = new TaskCompletionSource();
        _site.On("/docs/billing", async http =>
        {
            await gate.Task;
            await http.Response.WriteAsync("<p>late</p>");
        });
        var client = (await _host.TenantAsync()).Operator();
        using var response = await client.PostAsJsonAsync("/v1/knowledge/websites", new { url = _site.Address + "docs/" });
        var added = await response.JsonAsync();
        var (source, import) = (added.GetProperty("source").Id(), added.GetProperty("import").Id());
        using var again = await client.PostAsJsonAsync($"/v1/knowledge/websites/{source}/run", new { });
        await again.ShouldFailAsync(409, "import.running");
        using var twice = await client.PostAsJsonAsync("/v1/knowledge/websites", new { url = _site.Address + "docs/#top" });
        await twice.ShouldFailAsync(409, "source.exists");

        using var cancelled = await client.PostAsync($"/v1/knowledge/imports/{import}/cancel", null);
        cancelled.IsSuccessStatusCode.ShouldBeTrue();
        gate.SetResult();
        (await client.EndAsync(import)).Text("state").ShouldBe("cancelled");
        (await RunAsync(client, source)).Text("state").ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_crawl_whose_node_died_goes_on_where_it_was()
    {
        SmallSite();
        var held = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        _site.On("/docs/billing", async http =>
        {
            reached.TrySetResult();
            await held.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("<h1>Billing</h1><p>Plans and prices.</p>");
        });
        var database = _host.Database;
        var tenant = await _host.TenantAsync();
        using var response = await tenant.Operator().PostAsJsonAsync("/v1/knowledge/websites", new { url = _site.Address + "docs/" });
        var import = (await response.JsonAsync()).GetProperty("import").Id();
        await reached.Task;
        // The node stops in the middle of a page; what it had recorded stands.
        await _host.StopAsync();
        held.SetResult();
        await using var next = await ParleyHost.StartAsync(Postgres, services =>
        {
            services.AddSingleton(PlatformOptions.FromEnvironment(Path.Combine(_host.DataDirectory, "objects")) with { PrivateHosts = _site.HostAndPort });
        }, database);
        var after = next.OperatorClient(tenant.Slug);
        (await after.EndAsync(import)).Text("state").ShouldBe("succeeded");
        _site.Count("/docs/").ShouldBe(1);
    }

    [Fact]
    public async Task A_bad_website_is_refused_by_field_and_makes_nothing()
    {
        var client = (await _host.TenantAsync()).Operator();
        foreach (var (body, field) in ((string, string)[])
        [
            ("""{"url":"ftp://example.com/"}""", "url"),
            ("""{"url":"https://user:secret@example.com/"}""", "url"),
            ("""{}""", "url"),
            ("""{"url":"https://example.com/","scope":"world"}""", "scope"),
            ("""{"url":"https://example.com/","maxPages":0}""", "maxPages"),
            ("""{"url":"https://example.com/","maxDepth":51}""", "maxDepth"),
            ("""{"url":"https://example.com/","include":["docs"]}""", "include"),
            ("""{"url":"https://example.com/","exclude":[""]}""", "exclude"),
            ("""{"url":"https://example.com/","scheduleHours":0}""", "scheduleHours"),
            ("""{"url":"https://example.com/","audience":"everybody"}""", "audience"),
        ])
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync("/v1/knowledge/websites", content);
            await response.ShouldFailAsync(400, "invalid", field);
        }
        (await client.GetJsonAsync("/v1/knowledge/sources")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }
}
