using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Knowledge;
using Parley.Knowledge.Websites;
using Parley.Platform;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>Websites from a real server on this machine, which only the operator's list of private hosts makes reachable.</summary>
public sealed class WebsiteTests(PostgresFixture postgres) : IAsyncLifetime
{
    private WebsiteDouble _site = null!;
    private ParleyHost _host = null!;
    private static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");
    private readonly ConcurrentQueue<IPAddress> _called = new();
    private int _resolved;

    public async ValueTask InitializeAsync()
    {
        _site = await WebsiteDouble.StartAsync();
        _host = await ParleyHost.StartAsync(postgres, services =>
        {
            services.Configure<IdentityOptions>(options => options.PasswordIterations = 1000);
            services.AddSingleton(new KnowledgeOptions { RetryUnit = TimeSpan.FromMilliseconds(20), PageTimeout = TimeSpan.FromSeconds(2) });
            services.AddSingleton(_ => new GuardedHttp(_site.HostAndPort, TimeProvider.System, ResolveAsync, ConnectAsync));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _site.DisposeAsync();
    }

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
        await using var next = await ParleyHost.StartAsync(postgres, services =>
        {
            services.AddSingleton(PlatformOptions.FromEnvironment(Path.Combine(_host.DataDirectory, "objects")) with { PrivateHosts = _site.HostAndPort });
        }, database);
        var after = next.OperatorClient(tenant.Slug);
        (await after.EndAsync(import)).Text("state").ShouldBe("succeeded");
        _site.Count("/docs/").ShouldBe(1);
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

    /// <summary>As a help centre shows a page: menu, cookie notice and footer around it.</summary>
    private static string HelpCentrePage(string markdown)
    {
        var body = markdown.StartsWith("---", StringComparison.Ordinal) ? markdown[(markdown.IndexOf("\n---", 3, StringComparison.Ordinal) + 4)..] : markdown;
        var title = markdown.Split('\n').FirstOrDefault(l => l.StartsWith("title: ", StringComparison.Ordinal))?[7..].Trim(' ', '"', '\'') ?? "Page";
        return $"<!doctype html><html lang=en><head><title>{title} | Help</title></head><body><nav><ul><li><a href=/>Home</a></ul></nav><div class=cookie-banner>We use cookies.</div>"
            + $"<main><h1>{title}</h1>{Markdig.Markdown.ToHtml(body)}</main><footer>All rights reserved</footer></body></html>";
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

    /// <summary>The name server of rebinds.example gives a public address first, and then one of this machine.</summary>
    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct) => host != "rebinds.example"
        ? Dns.GetHostAddressesAsync(host, ct)
        : Task.FromResult<IPAddress[]>([Interlocked.Increment(ref _resolved) == 1 ? Public : IPAddress.Loopback]);

    /// <summary>Behind the public address is the site, too.</summary>
    private async ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken ct)
    {
        _called.Enqueue(addresses[0]);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(addresses[0].Equals(Public) ? IPAddress.Loopback : addresses[0], _site.Address.Port, ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private void SmallSite()
    {
        _site.Text("/robots.txt", "User-agent: *\nDisallow: /docs/private/\n");
        _site.Page("/docs/", "Docs", "<p>Everything about the product. <a href=cron>Cron</a> <a href=billing#plans>Billing</a> <a href=/blog>Blog</a> <a href=private/plans>Plans</a></p>");
        _site.Page("/docs/cron", "Cron", "<p>Cron jobs run each hour. <a href=missing>More</a> <a href=/docs/old>Old</a> <a href=https://example.org/>Elsewhere</a></p>");
        _site.Page("/docs/billing", "Billing", "<p>Invoices come by mail.</p>");
        _site.Redirect("/docs/old", "/docs/cron", 301);
    }

    private Task<(Guid Source, JsonElement Import)> AddAsync(HttpClient client, string path, object? more = null) => AddAsync(client, new Uri(_site.Address, path), more);

    private static async Task<(Guid Source, JsonElement Import)> AddAsync(HttpClient client, Uri url, object? more)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["url"] = url.AbsoluteUri;
        using var response = await client.PostAsJsonAsync("/v1/knowledge/websites", body);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var started = await response.JsonAsync();
        return (started.GetProperty("source").Id(), await client.EndAsync(started.GetProperty("import").Id()));
    }

    private static async Task<JsonElement> RunAsync(HttpClient client, Guid source, bool acceptRemovals = false)
    {
        using var response = await client.PostAsJsonAsync($"/v1/knowledge/websites/{source}/run", new { acceptRemovals });
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        return await client.EndAsync((await response.JsonAsync()).Id());
    }

    private static async Task<JsonElement> PreviewAsync(HttpClient client, string url, object? more = null)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["url"] = url;
        using var response = await client.PostAsJsonAsync("/v1/knowledge/websites/preview", body);
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        var id = (await response.JsonAsync()).Id();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var crawl = await client.GetJsonAsync($"/v1/knowledge/crawls/{id}");
            if (crawl.Text("state") != "running")
                return crawl;
            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task<IReadOnlyList<string>> PathsAsync(HttpClient client, Guid source) =>
        [.. (await client.DocumentsAsync(source)).Select(d => new Uri(d.Text("path")!).AbsolutePath).Order(StringComparer.Ordinal)];

    /// <summary>Path to reason.</summary>
    private static async Task<Dictionary<string, string>> PagesAsync(HttpClient client, Guid crawl, string state, int limit = 200)
    {
        var page = await client.GetJsonAsync($"/v1/knowledge/crawls/{crawl}/pages?state={state}&limit={limit}");
        return page.GetProperty("items").EnumerateArray().Where(p => p.Text("kind") == "page").ToDictionary(p => new Uri(p.Text("url")!).PathAndQuery, p => p.Text("reason") ?? "");
    }

    private static async Task<Dictionary<string, JsonElement>> BoardAsync(HttpClient client, Guid source) =>
        (await client.GetJsonAsync($"/v1/knowledge/websites/{source}/pages")).GetProperty("items").EnumerateArray().ToDictionary(p => new Uri(p.Text("url")!).AbsolutePath);

    private static async Task<Guid> LastImportAsync(HttpClient client, Guid source) =>
        (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("lastImport").Id();
}

internal static class WebsiteJson
{
    internal static Guid Id(this JsonElement element) => element.GetProperty("id").GetGuid();
}
