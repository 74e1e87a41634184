using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Shouldly;

namespace Parley.Testkit.Faults;

/// <summary>
/// A website with the faults that sites have (busy for a while, slow, lying about lengths, redirecting, pages that come, change and go) is
/// crawled again and again, and the server is killed or its database goes away meanwhile. After each run the documents are what the site has.
/// </summary>
public sealed class CrawlFault : IAsyncDisposable
{
    private const string DocumentsSql = """
        select d.path, d.title, d.version, (select string_agg(c.text, ' ' order by c.ordinal) from chunks c where c.tenant_id = d.tenant_id and c.document_id = d.id) as text
          from documents d where d.source_id = @source order by d.path
        """;

    private const string GoneSql = "select url from web_pages where source_id = @source and gone_at is not null";

    private readonly WebsiteDouble _site;
    private readonly SortedDictionary<int, int> _pages = [];
    private readonly int _most;
    private int _clock;
    private Guid _source;

    private CrawlFault(WebsiteDouble site, FaultInstance instance, int most) => (_site, Instance, _most) = (site, instance, most);

    public FaultInstance Instance { get; }

    private sealed record Row
    {
        public string Path { get; init; } = "";

        public string Title { get; init; } = "";

        public int Version { get; init; }

        public string Text { get; init; } = "";
    }

    /// <param name="most">Pages of the site, of which some are away at times.</param>
    public static async Task<CrawlFault> StartAsync(int most)
    {
        var site = await WebsiteDouble.StartAsync();
        try
        {
            return new CrawlFault(site, await FaultInstance.StartAsync(new FaultSetting { Environment = [("PARLEY_PRIVATE_HOSTS", site.HostAndPort)] }), most);
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>The site changes, is crawled, and the server is killed so often meanwhile; with an outage, the database goes away instead of the last kill.</summary>
    public async Task<FaultRound> RunAsync(Random random, int kills, Outage? outage = null)
    {
        var (changed, vanished, appeared) = Change(random);
        var import = await BeginAsync();
        var ending = Task.Run(() => EndAsync(import));
        var hits = 0;
        for (var kill = 1; kill <= kills && !ending.IsCompleted; kill++)
        {
            await Task.Delay(random.Next(0, 1200));
            if (ending.IsCompleted) break;
            hits++;
            if (kill == kills && outage is { } how) await DatabaseFault.InflictAsync(Instance.Data, how, TimeSpan.FromSeconds(1));
            else await Instance.KillAsync();
        }
        var ended = await ending;
        ended.GetProperty("state").GetString().ShouldBe("succeeded", ended.ToString());
        var documents = await Instance.QueryAsync<Row>(DocumentsSql, new { source = _source });
        documents.Select(d => d.Path).ShouldBe(Expected(), "the documents are the pages of the site");
        foreach (var document in documents)
        {
            if (NumberOf(document.Path) is { } number) document.Text.ShouldContain(Marker(number, _pages[number]), Case.Sensitive, $"{document.Path} is as the site has it");
        }
        var gone = await Instance.QueryAsync<string>(GoneSql, new { source = _source });
        gone.Where(url => NumberOf(url) is { } n && _pages.ContainsKey(n)).ShouldBeEmpty("a page that is there is not gone");
        await Instance.ShouldComeToRestAsync();
        return FaultRound.Of($"{hits} {(outage is null ? "kills" : $"faults, the last one {outage}")} while {_pages.Count} pages were crawled: {changed} changed, {vanished} vanished, {appeared} appeared, {_site.Requests.Count} requests in all; documents equal the site",
            ("pages", _pages.Count), ("faults", hits), ("changed", changed), ("vanished", vanished), ("appeared", appeared));
    }

    public async ValueTask DisposeAsync()
    {
        await Instance.DisposeAsync();
        await _site.DisposeAsync();
    }

    /// <summary>What is different this time. At most a quarter vanishes: a site that shows half of itself is held back.</summary>
    private (int Changed, int Vanished, int Appeared) Change(Random random)
    {
        var (changed, vanished, appeared, first) = (0, 0, 0, _pages.Count == 0);
        for (var n = 0; n < _most; n++)
        {
            if (!_pages.ContainsKey(n))
            {
                if (!first && random.Next(2) == 0) continue;
                appeared++;
                _pages[n] = ++_clock;
            }
            else if (vanished < _most / 4 && random.Next(8) == 0)
            {
                vanished++;
                _pages.Remove(n);
                _site.Remove(PathOf(n));
            }
            else if (random.Next(4) == 0)
            {
                changed++;
                _pages[n] = ++_clock;
            }
        }
        foreach (var (n, version) in _pages)
        {
            _site.Page(PathOf(n), $"Part {n}", $"<p>{Marker(n, version)}</p><p>Turn its screw until the lamp is lit, then wait for {n} minutes.</p>");
            Spoil(random, n);
        }
        _site.Page("/docs/", "Parts", "<p>All parts of the machine are described here, each on its own page.</p>" + string.Concat(_pages.Keys.Select(n => $"<a href=\"{PathOf(n)}\">Part {n}</a> ")) + "<a href=\"/docs/old\">Old</a> <a href=\"/docs/round\">Round</a>");
        _site.Sitemap("/sitemap.xml", [.. _pages.Keys.Where(_ => random.Next(2) == 0).Select(PathOf)]);
        _site.Redirect("/docs/old", PathOf(_pages.Keys.First()), 301);
        _site.Redirect("/docs/round", "/docs/round?again");
        _site.Redirect("/docs/round?again", "/docs/round");
        return (changed, vanished, appeared);
    }

    /// <summary>One page in five has a fault that passes.</summary>
    private void Spoil(Random random, int n)
    {
        var path = PathOf(n);
        switch (random.Next(20))
        {
            case 0:
                _site.FailFirst(path, 1, 429, "1");
                break;
            case 1:
                _site.FailFirst(path, 1, 503, "0");
                break;
            case 2:
                _site.FailFirst(path, 1, 500);
                break;
            case 3:
                Slow(path, n);
                break;
            default:
                break;
        }
    }

    /// <summary>A byte at a time; the first time it also says that there are more than come.</summary>
    private void Slow(string path, int n)
    {
        var body = Encoding.UTF8.GetBytes($"<!doctype html><html><head><title>Part {n}</title></head><body><main><h1>Part {n}</h1><p>{Marker(n, _pages[n])}</p></main></body></html>");
        var asked = 0;
        _site.On(path, async http =>
        {
            http.Response.ContentType = "text/html";
            http.Response.ContentLength = body.Length + (Interlocked.Increment(ref asked) == 1 ? 1000 : 0);
            foreach (var part in body.Chunk(8))
            {
                await http.Response.Body.WriteAsync(part);
                await http.Response.Body.FlushAsync();
                await Task.Delay(5);
            }
        });
    }

    private async Task<Guid> BeginAsync()
    {
        if (_source == Guid.Empty)
        {
            using var added = await Instance.SendAsync(HttpMethod.Post, "/v1/knowledge/websites", new { url = new Uri(_site.Address, "/docs/").AbsoluteUri });
            ((int)added.StatusCode).ShouldBe(201, await added.Content.ReadAsStringAsync());
            var made = JsonSerializer.Deserialize<JsonElement>(await added.Content.ReadAsStringAsync());
            _source = made.GetProperty("source").GetProperty("id").GetGuid();
            return made.GetProperty("import").GetProperty("id").GetGuid();
        }
        using var run = await Instance.SendAsync(HttpMethod.Post, $"/v1/knowledge/websites/{_source}/run", new { acceptRemovals = false });
        ((int)run.StatusCode).ShouldBe(202, await run.Content.ReadAsStringAsync());
        return JsonSerializer.Deserialize<JsonElement>(await run.Content.ReadAsStringAsync()).GetProperty("id").GetGuid();
    }

    private async Task<JsonElement> EndAsync(Guid import)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(30))
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3), "the crawl does not end");
            try
            {
                using var response = await Instance.SendAsync(HttpMethod.Get, $"/v1/knowledge/imports/{import}");
                if ((int)response.StatusCode == 503) continue;
                var now = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
                if (now.GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled") return now;
            }
            catch (Exception e) when (Patience.IsAway(e))
            {
                // It comes back.
            }
        }
    }

    private List<string> Expected() =>
        [.. _pages.Keys.Select(PathOf).Append("/docs/").Select(p => new Uri(_site.Address, p).AbsoluteUri).Order(StringComparer.Ordinal)];

    private static int? NumberOf(string url) =>
        int.TryParse(url.Split("/docs/part-") is [_, var number] ? number : "", CultureInfo.InvariantCulture, out var n) ? n : null;

    private static string PathOf(int n) => string.Create(CultureInfo.InvariantCulture, $"/docs/part-{n}");

    private static string Marker(int n, int version) => string.Create(CultureInfo.InvariantCulture, $"Part {n} of the machine is at revision {version} now.");
}
