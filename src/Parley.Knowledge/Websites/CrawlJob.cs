using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Readers;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Knowledge.Websites;

/// <summary>
/// Looks at a website, page by page from a frontier in the database: whatever ends it in between, another attempt goes on where it was. The
/// pages of an import are then read by the import job like any files.
/// </summary>
internal sealed class CrawlJob(
    CrawlStore store, CrawlEnd end, PageFetcher fetcher, RunFailures failures, ObjectStore objects, KnowledgeOptions options, FeedHub hub, TimeProvider time, ILogger<CrawlJob> log) : IJobHandler
{
    internal static readonly JobKind JobKind = new("knowledge.crawl", Priority: 0, MaxAttempts: 1000);

    /// <summary>A page is tried this often; values of the retry rule: 2^n seconds, at most 32, Retry-After wins.</summary>
    private const int MaxTries = 5;

    private const int MaxBackoffSeconds = 32;
    private const int MaxSitemapDepth = 3;
    private const int SitemapHead = 4096;

    /// <summary>A server that asks for a longer rest is reported instead of waited for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    internal sealed record Payload(Guid CrawlId);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var crawlId = job.Payload<Payload>().CrawlId;
        if (await store.ReadAsync(job.TenantId, crawlId, ct) is not { } crawl)
            return;
        if (crawl.State != "running")
        {
            await end.SweepAsync(job.TenantId, crawlId, ct);
            return;
        }
        try
        {
            var run = new Run(job.TenantId, crawl, CrawlSettings.Parse(crawl.Settings));
            await failures.ResumeAsync(job.TenantId, crawlId, ct);
            await SeedAsync(run, ["/sitemap.xml"], ct);
            if (await RobotsAsync(run, ct) is { } failure)
            {
                await end.FailAsync(job, crawl, failure, ct);
                return;
            }
            while (await StepAsync(run, ct))
            {
            }
            await end.FinishAsync(job, crawl, ct);
        }
        catch (Exception e) when (e is not (OperationCanceledException or LeaseLostException))
        {
            if (await failures.AfterAsync(job, crawlId, crawl: true, e, ct) is not { } error)
                throw;
            log.CrawlFailed(crawlId, job.Attempt, e);
            await end.FailAsync(job, crawl, error, ct);
        }
    }

    private sealed class Run(Guid tenantId, Crawl crawl, CrawlSettings settings)
    {
        internal Guid TenantId => tenantId;
        internal Crawl Crawl => crawl;
        /// <summary>The start moves with a redirect of the start page: "example.com" is most often "www.example.com".</summary>
        internal CrawlSettings Settings { get; set; } = settings;
        internal RobotsRules Robots { get; set; } = RobotsRules.AllowAll;

        /// <summary>No request before this: the server asked for a rest, or the crawl delay is not over.</summary>
        internal DateTimeOffset NotBefore { get; set; } = DateTimeOffset.MinValue;

        /// <summary>Where the start page turned out to be.</summary>
        internal Uri? Moved { get; set; }
    }

    /// <summary>Null, or why nothing of the site may be fetched.</summary>
    private async Task<string?> RobotsAsync(Run run, CancellationToken ct)
    {
        var address = new Uri(run.Settings.StartUri, "/robots.txt");
        Fetched answer = new Fetched.Gone();
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            answer = await fetcher.FetchAsync(new(address), ct);
            if (answer is not Fetched.Failed { Transient: true } busy)
                break;
            if (Backoff(busy, attempt) is not { } wait)
                break;
            await Task.Delay(wait, time, ct);
        }
        switch (answer)
        {
            case Fetched.Content content:
                run.Robots = RobotsRules.Parse(Encoding.UTF8.GetString(content.Bytes.AsSpan(0, Math.Min(content.Bytes.Length, RobotsRules.MaxBytes))));
                break;
            // 5xx or no answer at all: RFC 9309 §2.3.1.4 forbids to go on.
            case Fetched.Failed { Status: null or >= 500 } failed:
                return $"The site's robots.txt could not be read, so nothing may be fetched: {failed.Reason}";
            default:
                break;
        }
        if (run.Robots.Sitemaps.Count > 0)
            await SeedAsync(run, run.Robots.Sitemaps, ct);
        return run.Robots.Allows(run.Settings.StartUri) ? null : "The site's robots.txt forbids the start page. Its owner can allow the robot named parley.";
    }

    private Task<bool> SeedAsync(Run run, IReadOnlyList<string> sitemaps, CancellationToken ct)
    {
        var start = run.Settings.StartUri;
        var seeds = new List<Discovery> { new(start.AbsoluteUri, "page", 0, null) };
        foreach (var sitemap in sitemaps)
        {
            if (WebAddress.Normalize(sitemap, start) is { } uri && WebAddress.SameOrigin(uri, start) && uri != start)
                seeds.Add(new Discovery(uri.AbsoluteUri, "sitemap", 0, "robots.txt"));
        }
        return RecordAsync(run, [], seeds, ct);
    }

    /// <summary>Looks at some pages; false when there is nothing left, or somebody ended the crawl.</summary>
    private async Task<bool> StepAsync(Run run, CancellationToken ct)
    {
        var counts = await store.CountAsync(run.TenantId, run.Crawl.Id, ct);
        var room = run.Settings.MaxPages - counts.Fetched;
        if (room <= 0)
        {
            await store.CapAsync(run.TenantId, run.Crawl.Id, null, $"The limit of {run.Settings.MaxPages} pages is reached.", ct);
            return false;
        }
        if (counts.Listed >= run.Settings.MaxPages + CrawlStore.MaxListed)
            await store.CapAsync(run.TenantId, run.Crawl.Id, "sitemap", "More addresses are listed already than may come.", ct);
        if (run.NotBefore - time.GetUtcNow() is { Ticks: > 0 } rest)
            await Task.Delay(rest, time, ct);
        var parallel = run.Robots.CrawlDelay > TimeSpan.Zero ? 1 : options.RequestsPerSite;
        var (pages, waitUntil) = await store.NextAsync(run.TenantId, run.Crawl, Math.Min(parallel * 4, parallel == 1 ? 1 : Math.Max(room, 1)), time.GetUtcNow(), ct);
        if (pages.Count == 0)
        {
            if (waitUntil is not { } until)
                return false;
            await Task.Delay(TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, (until - time.GetUtcNow()).Ticks)), time, ct);
            return await RecordAsync(run, [], [], ct);
        }
        if (pages.Count == 1 && pages[0].Depth == 0 && pages[0].Kind == "page")
            return await StartAsync(run, pages[0], ct);
        var (outcomes, found) = (new ConcurrentBag<CrawlOutcome>(), new ConcurrentQueue<Discovery>());
        await Parallel.ForEachAsync(pages, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = ct },
            async (page, token) => outcomes.Add(await VisitAsync(run, page, found, token)));
        if (run.Robots.CrawlDelay > TimeSpan.Zero)
            run.NotBefore = time.GetUtcNow() + run.Robots.CrawlDelay;
        return await KeepAsync(run, [.. outcomes], [.. found.OrderBy(f => f.Depth)], ct);
    }

    /// <summary>
    /// Records what was fetched. From then on its bytes stay; before, the last document with the same content may have been deleted and have
    /// taken them along: such a page is fetched again.
    /// </summary>
    private async Task<bool> KeepAsync(Run run, IReadOnlyList<CrawlOutcome> outcomes, IReadOnlyList<Discovery> found, CancellationToken ct)
    {
        if (!await RecordAsync(run, outcomes, found, ct))
            return false;
        var lost = new List<CrawlOutcome>();
        foreach (var outcome in outcomes.Where(o => o.ObjectHash is not null))
        {
            if (!await objects.HoldsAsync(run.TenantId, outcome.ObjectHash!, ct))
                lost.Add(new CrawlOutcome(outcome.Url, "pending", "Its copy was deleted while it was fetched.") { NotBefore = time.GetUtcNow() });
        }
        return lost.Count == 0 || await RecordAsync(run, lost, [], ct);
    }

    /// <summary>The start decides what is this site: where it redirects elsewhere, that is where the site is.</summary>
    private async Task<bool> StartAsync(Run run, CrawlPage page, CancellationToken ct)
    {
        var found = new ConcurrentQueue<Discovery>();
        var outcome = await VisitAsync(run, page, found, ct);
        if (run.Moved is { } moved)
        {
            (run.Moved, run.Settings) = (null, run.Settings with { Start = moved.AbsoluteUri });
            if (await RobotsAsync(run, ct) is { } failure)
                (outcome, found) = (outcome with { State = "failed", Reason = failure }, []);
            else
                await SeedAsync(run, ["/sitemap.xml"], ct);
        }
        return await KeepAsync(run, [outcome], [.. found], ct);
    }

    private Task<bool> RecordAsync(Run run, IReadOnlyList<CrawlOutcome> outcomes, IReadOnlyList<Discovery> found, CancellationToken ct) =>
        store.RecordAsync(run.TenantId, run.Crawl.Id, run.Settings, outcomes, found, time.GetUtcNow(), session =>
        {
            if (!run.Crawl.IsPreview)
                session.OnCommitted(() => hub.Publish(new FeedTopic(run.TenantId, ImportFeed.Topic, run.Crawl.Id)));
        }, ct);

    private async Task<CrawlOutcome> VisitAsync(Run run, CrawlPage page, ConcurrentQueue<Discovery> found, CancellationToken ct)
    {
        var address = new Uri(page.Url);
        var answer = await fetcher.FetchAsync(page.KnownObject is null ? new(address) : new(address, page.ETag, page.LastModified), ct);
        return answer switch
        {
            Fetched.Content content when page.Kind == "sitemap" || SitemapHere(content) => await SitemapAsync(run, page, content, found),
            Fetched.Content content => await PageAsync(run, page, content, found, ct),
            Fetched.NotModified when page.KnownObject is not null => await NotModifiedAsync(run, page, found, ct),
            Fetched.Gone when page is { Kind: "sitemap", FoundOn: "robots.txt" } => new(page.Url, "skipped", "There is no such sitemap."),
            Fetched.Gone => new(page.Url, "gone", "There is no such page.") { Status = answer.Status },
            Fetched.Skipped skipped => new(page.Url, "skipped", skipped.Reason) { Status = answer.Status },
            Fetched.Failed failed => Failed(run, page, failed),
            _ => new(page.Url, "failed", "The server answered that nothing changed, but nothing is known of the page.") { Status = answer.Status },
        };
    }

    private CrawlOutcome Failed(Run run, CrawlPage page, Fetched.Failed failed)
    {
        if (failed.Transient && page.Attempts + 1 < MaxTries && Backoff(failed, page.Attempts) is { } wait)
        {
            var at = time.GetUtcNow() + wait;
            // A busy server is left alone by all requests, not only by this one.
            if (failed.Status is 429 or 503 && at > run.NotBefore)
                run.NotBefore = at;
            return new(page.Url, "pending", failed.Reason) { Status = failed.Status, NotBefore = at };
        }
        var reason = failed.RetryAfter > LongestWait ? $"{failed.Reason} It asks to come back in {failed.RetryAfter.Value.TotalMinutes:0} minutes." : failed.Reason;
        return new(page.Url, "failed", reason) { Status = failed.Status };
    }

    /// <summary>Null: too long to wait for.</summary>
    private TimeSpan? Backoff(Fetched.Failed failed, int attempt)
    {
        if (failed.RetryAfter is { } asked)
            return asked <= LongestWait ? asked : null;
        var seconds = Math.Min(Math.Pow(2, attempt), MaxBackoffSeconds);
        return options.RetryUnit * (seconds * (1 + RandomNumberGenerator.GetInt32(0, 250) / 1000.0));
    }

    private static bool SitemapHere(Fetched.Content content) =>
        SitemapReader.IsCompressed(content.Bytes) || SitemapReader.LooksLike(Encoding.UTF8.GetString(content.Bytes.AsSpan(0, Math.Min(content.Bytes.Length, SitemapHead))));

    private static async Task<CrawlOutcome> SitemapAsync(Run run, CrawlPage page, Fetched.Content content, ConcurrentQueue<Discovery> found)
    {
        var count = 0;
        try
        {
            // One more than may come: that there are more is said.
            await foreach (var entry in SitemapReader.ReadAsync(SitemapReader.Open(content.Bytes), run.Settings.MaxPages + CrawlStore.MaxListed))
            {
                count++;
                if (WebAddress.Normalize(entry.Location, content.Address) is not { } uri)
                    continue;
                if (!entry.IsSitemap)
                    found.Enqueue(new Discovery(uri.AbsoluteUri, "page", 1, page.Url, run.Settings.Refuses(uri, run.Robots)));
                else if (page.Depth < MaxSitemapDepth && WebAddress.SameOrigin(uri, run.Settings.StartUri))
                    found.Enqueue(new Discovery(uri.AbsoluteUri, "sitemap", page.Depth + 1, page.Url));
            }
            return new(page.Url, "skipped", count == 0 ? "The sitemap lists nothing." : $"A sitemap with {count} addresses.") { Status = content.Status };
        }
        catch (Exception e) when (e is System.Xml.XmlException or InvalidDataException)
        {
            return page.Kind == "sitemap" && page.FoundOn == "robots.txt" && count == 0
                ? new(page.Url, "skipped", "It is no sitemap.") { Status = content.Status }
                : new(page.Url, "failed", $"The sitemap is not well-formed after {count} addresses.") { Status = content.Status };
        }
    }

    private async Task<CrawlOutcome> PageAsync(Run run, CrawlPage page, Fetched.Content content, ConcurrentQueue<Discovery> found, CancellationToken ct)
    {
        CrawlOutcome Skip(string reason, string? title = null) => new(page.Url, "skipped", reason) { Status = content.Status, Title = title };
        if (content.Address.AbsoluteUri != page.Url)
        {
            // The page that is really there comes under its own address, once, whoever leads to it.
            if (page.Url == run.Settings.Start)
                run.Moved = content.Address;
            else if (run.Settings.Refuses(content.Address, run.Robots) is { } refused)
                return Skip($"It redirects to {content.Address.AbsoluteUri}. {refused}");
            found.Enqueue(new Discovery(content.Address.AbsoluteUri, "page", page.Depth, page.Url));
            return Skip($"It redirects to {content.Address.AbsoluteUri}.");
        }
        var title = (string?)null;
        if (LooksLikeHtml(content))
        {
            var scan = PageScan.Of(TextDecoder.Decode(content.Bytes), content.Address);
            title = scan.Title;
            if (scan.Refresh is { } refresh && refresh != content.Address)
            {
                found.Enqueue(new Discovery(refresh.AbsoluteUri, "page", page.Depth, page.Url, run.Settings.Refuses(refresh, run.Robots)));
                return Skip($"It redirects to {refresh.AbsoluteUri}.", title);
            }
            Follow(run, page, scan, found);
            if (scan.NeedsScript)
                return new(page.Url, "failed", "The page builds its text with JavaScript, and Parley runs no scripts of other sites. Import its sources, or a version of it that is plain HTML.") { Status = content.Status, Title = title };
            if (scan.NoIndex)
                return Skip("The page asks not to be indexed.", title);
            if (Alias(run, content.Address, scan.Canonical) is { } canonical)
            {
                found.Enqueue(new Discovery(canonical.AbsoluteUri, "page", page.Depth, page.Url));
                return Skip($"The page says that its address is {canonical.AbsoluteUri}.", title);
            }
        }
        var stored = run.Crawl.IsPreview ? null : await objects.PutAsync(run.TenantId, new MemoryStream(content.Bytes, writable: false), UploadFiles.ContentType, ct);
        return new(page.Url, stored is not null && page.KnownObject.AsSpan().SequenceEqual(stored.Hash) ? "unchanged" : "fetched")
        {
            Status = content.Status, Title = title, ObjectHash = stored?.Hash, Size = content.Bytes.Length, ETag = content.ETag, LastModified = content.LastModified,
        };
    }

    /// <summary>A canonical address counts where it could be this page's: not where every page of a site names the front page, or another site.</summary>
    private static Uri? Alias(Run run, Uri address, Uri? canonical) =>
        canonical is not null && canonical != address && canonical.AbsolutePath != "/" && run.Settings.Refuses(canonical, run.Robots) is null ? canonical : null;

    private async Task<CrawlOutcome> NotModifiedAsync(Run run, CrawlPage page, ConcurrentQueue<Discovery> found, CancellationToken ct)
    {
        await using var stored = await objects.OpenAsync(run.TenantId, page.KnownObject!, ct);
        if (stored is null)
            return new(page.Url, "pending", "Its copy is no longer in the object store.") { NotBefore = time.GetUtcNow() };
        // What it leads to is not in the answer, but in the copy.
        var bytes = new byte[stored.Length];
        await stored.ReadExactlyAsync(bytes, ct);
        var title = (string?)null;
        if (LooksLikeHtml(bytes))
        {
            var scan = PageScan.Of(TextDecoder.Decode(bytes), new Uri(page.Url));
            title = scan.Title;
            Follow(run, page, scan, found);
        }
        return new(page.Url, "unchanged")
        {
            Status = 304, Title = title, ObjectHash = page.KnownObject, Size = page.KnownSize, ETag = page.ETag, LastModified = page.LastModified,
        };
    }

    private static void Follow(Run run, CrawlPage page, PageScan scan, ConcurrentQueue<Discovery> found)
    {
        if (scan.NoFollow || scan.NeedsScript)
            return;
        var tooDeep = page.Depth + 1 > run.Settings.MaxDepth;
        foreach (var link in scan.Links.Where(l => WebAddress.SameOrigin(l, run.Settings.StartUri)))
        {
            var refused = tooDeep ? $"It is more than {run.Settings.MaxDepth} links away from the start." : run.Settings.Refuses(link, run.Robots);
            found.Enqueue(new Discovery(link.AbsoluteUri, "page", page.Depth + 1, page.Url, refused));
        }
    }

    private static bool LooksLikeHtml(Fetched.Content content) =>
        content.Type is "text/html" or "application/xhtml+xml" || (content.Type is null or "application/octet-stream" && LooksLikeHtml(content.Bytes));

    private static bool LooksLikeHtml(ReadOnlySpan<byte> bytes) =>
        ContentSniffer.Binary(bytes) is null && Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, SitemapHead)]).Contains("<html", StringComparison.OrdinalIgnoreCase);
}
