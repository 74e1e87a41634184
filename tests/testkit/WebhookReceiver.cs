using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Parley.Host;

namespace Parley.Testkit;

/// <summary>What came in one request.</summary>
public sealed record ReceivedWebhook(string Path, string Id, string Timestamp, string Signature, string Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>Checks as the specification tells receivers to, with none of Parley's own code.</summary>
    public bool IsSignedBy(string secret)
    {
        var computed = HMACSHA256.HashData(Convert.FromBase64String(secret.Split('_', 2)[1]), Encoding.UTF8.GetBytes(Id + "." + Timestamp + "." + Body));
        return Signature.Split(' ').Any(one => one.Split(',') is ["v1", var value] && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(value), computed));
    }
}

/// <summary>Somebody's server on this machine that receives webhooks, and answers as the test says.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();
    private volatile Func<HttpContext, ReceivedWebhook, Task> _answer = static (_, _) => Task.CompletedTask;
    private int _open;
    private int _mostOpen;

    private WebhookReceiver(WebApplication app)
    {
        _app = app;
        Address = app.Address();
    }

    public Uri Address { get; }

    /// <summary>As PARLEY_PRIVATE_HOSTS wants it.</summary>
    public string HostAndPort => $"{Address.Host}:{Address.Port}";

    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <summary>The most requests that were open at the same time.</summary>
    public int MostOpen => _mostOpen;

    public static async Task<WebhookReceiver> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        WebhookReceiver? receiver = null;
        app.Run(http => receiver!.ReceiveAsync(http));
        await app.StartAsync();
        return receiver = new WebhookReceiver(app);
    }

    /// <summary>Any answer from now on.</summary>
    public void Answer(Func<HttpContext, ReceivedWebhook, Task> answer) => _answer = answer;

    public void Answer(int status, string? retryAfter = null, string body = "") => Answer(async (http, _) =>
    {
        http.Response.StatusCode = status;
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        if (body.Length > 0) await http.Response.WriteAsync(body);
    });

    /// <summary>So often this status, then 200.</summary>
    public void FailFirst(int times, int status)
    {
        var left = times;
        Answer((http, _) =>
        {
            if (Interlocked.Decrement(ref left) >= 0) http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
    }

    /// <summary>Cuts the connection before anything is answered.</summary>
    public void Cut() => Answer((http, _) =>
    {
        http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
        return Task.CompletedTask;
    });

    public async Task<IReadOnlyList<ReceivedWebhook>> WaitAsync(int count, Func<ReceivedWebhook, bool>? which = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var found = Received.Where(r => which?.Invoke(r) ?? true).ToList();
            if (found.Count >= count) return found;
            try { await Task.Delay(20, patience.Token); }
            catch (OperationCanceledException) { throw new InvalidOperationException($"{found.Count} of {count} webhooks came: {string.Join(", ", Received.Select(r => r.Type))}"); }
        }
    }

    public void Forget() => _received.Clear();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext http)
    {
        var open = Interlocked.Increment(ref _open);
        for (int most; (most = _mostOpen) < open && Interlocked.CompareExchange(ref _mostOpen, open, most) != most;)
        {
        }
        try
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
            var headers = http.Request.Headers;
            var received = new ReceivedWebhook(http.Request.Path, headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), await reader.ReadToEndAsync());
            _received.Enqueue(received);
            await _answer(http, received);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
