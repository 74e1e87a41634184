using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Host;

namespace Parley.Testkit;

/// <summary>A website on this machine, page by page as the test says, with the faults that sites have. Speaks HTTP as RFC 9110 says: entity tags, dates, redirects, Retry-After.</summary>
public sealed class WebsiteDouble : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = new();
    private int _open;
    private int _mostOpen;

    private WebsiteDouble(WebApplication app)
    {
        _app = app;
        Address = app.Address();
    }

    /// <summary>With a slash at the end.</summary>
    public Uri Address { get; private set; }

    /// <summary>As PARLEY_PRIVATE_HOSTS wants it.</summary>
    public string HostAndPort => $"{Address.Host}:{Address.Port}";

    /// <summary>Method, path and status of every request so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>The most requests that were open at the same time.</summary>
    public int MostOpen => _mostOpen;

    public static async Task<WebsiteDouble> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        WebsiteDouble? site = null;
        app.Run(http => site!.ServeAsync(http));
        await app.StartAsync();
        return site = new WebsiteDouble(app);
    }

    /// <summary>An HTML page with an entity tag of its content.</summary>
    public void Page(string path, string title, string body, string head = "") => Html(path,
        $"<!doctype html><html lang=\"en\"><head><title>{title}</title>{head}</head><body><nav><a href=\"/\">Home</a></nav><main><h1>{title}</h1>{body}</main></body></html>");

    /// <summary>An HTML page as it is.</summary>
    public void Html(string path, string html, string type = "text/html; charset=utf-8") => On(path, http => TextAsync(http, html, type));

    public void Text(string path, string text, string type = "text/plain; charset=utf-8") => On(path, http => TextAsync(http, text, type));

    public void Sitemap(string path, params string[] paths) => Text(path,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
        + string.Concat(paths.Select(p => $"<url><loc>{new Uri(Address, p).AbsoluteUri.Replace("&", "&amp;", StringComparison.Ordinal)}</loc></url>")) + "</urlset>", "application/xml");

    public void SitemapIndex(string path, params string[] paths) => Text(path,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
        + string.Concat(paths.Select(p => $"<sitemap><loc>{new Uri(Address, p).AbsoluteUri}</loc></sitemap>")) + "</sitemapindex>", "application/xml");

    public void Redirect(string path, string to, int status = 302) => On(path, http =>
    {
        (http.Response.StatusCode, http.Response.Headers.Location) = (status, to);
        return Task.CompletedTask;
    });

    public void Status(string path, int status, string? retryAfter = null) => On(path, http =>
    {
        http.Response.StatusCode = status;
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    });

    /// <summary>Fails so often, then serves what was there.</summary>
    public void FailFirst(string path, int times, int status, string? retryAfter = null)
    {
        var (then, left) = (_pages[path], times);
        On(path, http =>
        {
            if (Interlocked.Decrement(ref left) < 0) return then(http);
            http.Response.StatusCode = status;
            if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        });
    }

    /// <summary>Any answer.</summary>
    public void On(string path, Func<HttpContext, Task> answer) => _pages[path] = answer;

    public void Remove(string path) => _pages.TryRemove(path, out _);

    /// <summary>How often a path was asked for.</summary>
    public int Count(string path) => _requests.Count(r => r.Split(' ')[1] == path);

    /// <summary>Forgets the requests so far.</summary>
    public void Forget() => _requests.Clear();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value + http.Request.QueryString.Value;
        var open = Interlocked.Increment(ref _open);
        for (int most; (most = _mostOpen) < open && Interlocked.CompareExchange(ref _mostOpen, open, most) != most;)
        {
        }
        try
        {
            if (_pages.TryGetValue(path, out var page)) await page(http);
            else http.Response.StatusCode = 404;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            _requests.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{http.Request.Method} {path} {http.Response.StatusCode}"));
        }
    }

    private static async Task TextAsync(HttpContext http, string text, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))[..16]}\"";
        http.Response.Headers.ETag = tag;
        if (http.Request.Headers.IfNoneMatch == tag)
        {
            http.Response.StatusCode = 304;
            return;
        }
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }
}
