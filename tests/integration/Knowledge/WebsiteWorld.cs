using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Knowledge;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>A real server on this machine, which only the operator's list of private hosts makes reachable, and an instance that crawls it.</summary>
public abstract class WebsiteWorld(PostgresFixture postgres) : IAsyncLifetime
{
    private protected WebsiteDouble _site = null!;
    private protected ParleyHost _host = null!;
    private protected static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");
    private protected readonly ConcurrentQueue<IPAddress> _called = new();
    private protected int _resolved;

    private protected PostgresFixture Postgres => postgres;

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
        GC.SuppressFinalize(this);
    }

    /// <summary>As a help centre shows a page: menu, cookie notice and footer around it.</summary>
    private protected static string HelpCentrePage(string markdown)
    {
        var body = markdown.StartsWith("---", StringComparison.Ordinal) ? markdown[(markdown.IndexOf("\n---", 3, StringComparison.Ordinal) + 4)..] : markdown;
        var title = markdown.Split('\n').FirstOrDefault(l => l.StartsWith("title: ", StringComparison.Ordinal))?[7..].Trim(' ', '"', '\'') ?? "Page";
        return $"<!doctype html><html lang=en><head><title>{title} | Help</title></head><body><nav><ul><li><a href=/>Home</a></ul></nav><div class=cookie-banner>We use cookies.</div>"
            + $"<main><h1>{title}</h1>{Markdig.Markdown.ToHtml(body)}</main><footer>All rights reserved</footer></body></html>";
    }

    /// <summary>The name server of rebinds.example gives a public address first, and then one of this machine.</summary>
    private protected Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct) => host != "rebinds.example"
        ? Dns.GetHostAddressesAsync(host, ct)
        : Task.FromResult<IPAddress[]>([Interlocked.Increment(ref _resolved) == 1 ? Public : IPAddress.Loopback]);

    /// <summary>Behind the public address is the site, too.</summary>
    private protected async ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken ct)
    {
        _called.Enqueue(addresses[0]);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(addresses[0].Equals(Public) ? IPAddress.Loopback : addresses[0], _site.Address.Port, ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private protected void SmallSite()
    {
        _site.Text("/robots.txt", "User-agent: *\nDisallow: /docs/private/\n");
        _site.Page("/docs/", "Docs", "<p>Everything about the product. <a href=cron>Cron</a> <a href=billing#plans>Billing</a> <a href=/blog>Blog</a> <a href=private/plans>Plans</a></p>");
        _site.Page("/docs/cron", "Cron", "<p>Cron jobs run each hour. <a href=missing>More</a> <a href=/docs/old>Old</a> <a href=https://example.org/>Elsewhere</a></p>");
        _site.Page("/docs/billing", "Billing", "<p>Invoices come by mail.</p>");
        _site.Redirect("/docs/old", "/docs/cron", 301);
    }

    private protected Task<(Guid Source, JsonElement Import)> AddAsync(HttpClient client, string path, object? more = null) => AddAsync(client, new Uri(_site.Address, path), more);

    private protected static async Task<(Guid Source, JsonElement Import)> AddAsync(HttpClient client, Uri url, object? more)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["url"] = url.AbsoluteUri;
        using var response = await client.PostAsJsonAsync("/v1/knowledge/websites", body);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var started = await response.JsonAsync();
        return (started.GetProperty("source").Id(), await client.EndAsync(started.GetProperty("import").Id()));
    }

    private protected static async Task<JsonElement> RunAsync(HttpClient client, Guid source, bool acceptRemovals = false)
    {
        using var response = await client.PostAsJsonAsync($"/v1/knowledge/websites/{source}/run", new { acceptRemovals });
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        return await client.EndAsync((await response.JsonAsync()).Id());
    }

    private protected static async Task<JsonElement> PreviewAsync(HttpClient client, string url, object? more = null)
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

    private protected static async Task<IReadOnlyList<string>> PathsAsync(HttpClient client, Guid source) =>
        [.. (await client.DocumentsAsync(source)).Select(d => new Uri(d.Text("path")!).AbsolutePath).Order(StringComparer.Ordinal)];

    /// <summary>Path to reason.</summary>
    private protected static async Task<Dictionary<string, string>> PagesAsync(HttpClient client, Guid crawl, string state, int limit = 200)
    {
        var page = await client.GetJsonAsync($"/v1/knowledge/crawls/{crawl}/pages?state={state}&limit={limit}");
        return page.GetProperty("items").EnumerateArray().Where(p => p.Text("kind") == "page").ToDictionary(p => new Uri(p.Text("url")!).PathAndQuery, p => p.Text("reason") ?? "");
    }

    private protected static async Task<Dictionary<string, JsonElement>> BoardAsync(HttpClient client, Guid source) =>
        (await client.GetJsonAsync($"/v1/knowledge/websites/{source}/pages")).GetProperty("items").EnumerateArray().ToDictionary(p => new Uri(p.Text("url")!).AbsolutePath);

    private protected static async Task<Guid> LastImportAsync(HttpClient client, Guid source) =>
        (await client.GetJsonAsync($"/v1/knowledge/sources/{source}")).GetProperty("lastImport").Id();
}

internal static class WebsiteJson
{
    internal static Guid Id(this JsonElement element) => element.GetProperty("id").GetGuid();
}
