using System.Net;
using System.Net.Http.Headers;
using Parley.Knowledge.Readers;
using Parley.Platform.Outbound;

namespace Parley.Knowledge.Websites;

/// <summary>What became of one request.</summary>
internal abstract record Fetched
{
    /// <summary>The answer's status; null where there was none.</summary>
    internal int? Status { get; init; }

    /// <summary>What is there. <paramref name="Address"/>: where the redirects ended.</summary>
    internal sealed record Content(Uri Address, byte[] Bytes, string? ETag, string? LastModified, string? Type) : Fetched;

    /// <summary>The server says that nothing changed.</summary>
    internal sealed record NotModified : Fetched;

    /// <summary>There is no such page (404, 410).</summary>
    internal sealed record Gone : Fetched;

    /// <summary>It stays out, and another attempt would not change that.</summary>
    internal sealed record Skipped(string Reason) : Fetched;

    /// <summary>It could not be had. <paramref name="RetryAfter"/>: when the server asks to come back; null with <paramref name="Transient"/>: by the usual backoff.</summary>
    internal sealed record Failed(string Reason, bool Transient, TimeSpan? RetryAfter = null) : Fetched;
}

/// <summary>Fetches pages through the guarded client: bounded in time and size, no private addresses, each redirect checked.</summary>
internal sealed class PageFetcher(GuardedHttp http, KnowledgeOptions options, TimeProvider time)
{
    private const string UserAgent = "Parley/1.0 (imports documentation; in robots.txt: parley)";

    private static readonly OutboundLimits Pages = new() { MaxResponseBytes = DocumentReader.MaxBytes, Timeout = TimeSpan.FromSeconds(30), MaxRedirects = 5 };

    private static readonly string[] NoDocuments = ["image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript", "application/json", "application/wasm", "application/x-ndjson"];

    internal sealed record Request(Uri Address, string? ETag = null, string? LastModified = null);

    /// <param name="request">What to fetch, with what the server gave last time where it may answer "not modified".</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<Fetched> FetchAsync(Request request, CancellationToken ct)
    {
        try
        {
            using var client = http.CreateClient(Pages with { Timeout = options.PageTimeout });
            using var message = new HttpRequestMessage(HttpMethod.Get, request.Address);
            message.Headers.UserAgent.ParseAdd(UserAgent);
            message.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,text/markdown,text/plain,application/pdf,application/xml;q=0.8,*/*;q=0.5");
            if (request.ETag is { } etag)
                message.Headers.TryAddWithoutValidation("If-None-Match", etag);
            if (request.LastModified is { } modified)
                message.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
            return await ReadAsync(request, response, ct) with { Status = (int)response.StatusCode };
        }
        catch (OutboundRefusedException e)
        {
            return e.Code is "too_slow" or "unresolvable" ? new Fetched.Failed(e.Message, Transient: true)
                : e.Code is "too_large" ? new Fetched.Skipped($"The page is larger than {DocumentReader.MaxBytes >> 20} MB.")
                : new Fetched.Failed(e.Message, Transient: false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !ct.IsCancellationRequested)
        {
            return new Fetched.Failed(Plain(e), Transient: true);
        }
    }

    private async Task<Fetched> ReadAsync(Request request, HttpResponseMessage response, CancellationToken ct)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.NotModified:
                return new Fetched.NotModified();
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                return new Fetched.Gone();
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired:
                return new Fetched.Failed($"The server wants a sign-in ({(int)response.StatusCode}).", Transient: false);
            case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable:
                return new Fetched.Failed($"The server is busy ({(int)response.StatusCode}).", Transient: true, RetryAfter(response.Headers.RetryAfter));
            case >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout:
                return new Fetched.Failed($"The server failed ({(int)response.StatusCode}).", Transient: true);
            case not HttpStatusCode.OK:
                return new Fetched.Failed($"The server answered {(int)response.StatusCode}.", Transient: false);
            default:
                break;
        }
        var type = response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant();
        if (type is not null && NoDocuments.Any(t => type.StartsWith(t, StringComparison.Ordinal)))
            return new Fetched.Skipped($"It is no document ({type}).");
        // Where the redirects ended; the guard has checked every step.
        var address = WebAddress.Normalize(response.RequestMessage?.RequestUri?.AbsoluteUri) ?? request.Address;
        var declared = response.Content.Headers.ContentLength;
        var bytes = await BytesAsync(response.Content, ct);
        if (declared is { } length && response.Content.Headers.ContentEncoding.Count == 0 && length != bytes.Length)
            return new Fetched.Failed("The answer is not as long as the server said.", Transient: true);
        if (bytes.Length == 0)
            return new Fetched.Skipped("The page is empty.");
        return new Fetched.Content(address, bytes, Short(response.Headers.ETag?.ToString()), Short(LastModified(response.Content.Headers)), type);
    }

    private static async Task<byte[]> BytesAsync(HttpContent content, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, ct);
        return all.ToArray();
    }

    /// <summary>Seconds or a date (RFC 9110 §10.2.3).</summary>
    private TimeSpan? RetryAfter(RetryConditionHeaderValue? value) =>
        value?.Delta ?? (value?.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - time.GetUtcNow()).Ticks)) : null);

    private static string? LastModified(HttpContentHeaders headers) => headers.TryGetValues("Last-Modified", out var values) ? values.FirstOrDefault() : null;

    private static string? Short(string? value) => value is { Length: > 0 and <= 500 } ? value : null;

    private static string Plain(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "The site's name is unknown.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "The server's certificate is not valid, or it speaks no TLS.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "The server cannot be reached.",
        _ => "The answer broke off or was no valid HTTP.",
    };
}
