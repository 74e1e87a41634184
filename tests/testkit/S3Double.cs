using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Parley.Testkit;

/// <summary>What the double does instead of answering.</summary>
public enum S3Fault
{
    /// <summary>503 SlowDown.</summary>
    SlowDown,

    /// <summary>500 InternalError.</summary>
    InternalError,

    /// <summary>403 AccessDenied.</summary>
    AccessDenied,

    /// <summary>The head of a good answer, half of its body, and a broken connection.</summary>
    CutBody,

    /// <summary>A good answer after a while.</summary>
    Slow,
}

/// <summary>
/// One bucket that speaks Amazon S3's REST protocol on loopback, path style: PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2.
/// It checks every request's signature (version 4) and the hash of every body, and answers errors as S3 does. Written from the API
/// Reference of Amazon S3: "Authenticating Requests (AWS Signature Version 4)" with "Signature Calculations for the Authorization Header",
/// "PutObject", "GetObject", "DeleteObject", "ListObjectsV2" and "Error Responses" (docs.aws.amazon.com/AmazonS3/latest/API).
/// </summary>
public sealed class S3Double : IAsyncDisposable
{
    public const string Bucket = "parley-test";
    public const string AccessKey = "AKIDPARLEYTEST";
    public const string SecretKey = "wJalrXUtnFEMI+K7MDENG/bPxRfiCYEXAMPLEKEY";
    public const string Region = "eu-test-1";
    private const int PageSize = 3;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<S3Fault> _faults = new();

    private S3Double(WebApplication app) => _app = app;

    /// <summary>What is stored, by key.</summary>
    public ConcurrentDictionary<string, (byte[] Content, string? ContentType, DateTimeOffset At)> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Method and key of every request that came, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Set: every request gets it.</summary>
    public S3Fault? Always { get; set; }

    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The entry of PARLEY_PRIVATE_HOSTS that lets it be called.</summary>
    public string Host => Endpoint.Authority;

    /// <summary>As PARLEY_OBJECTS names it.</summary>
    public string Location => $"s3://{Bucket}/some/prefix?endpoint={Uri.EscapeDataString(Endpoint.ToString())}&region={Region}&pathStyle=true";

    public static async Task<S3Double> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var s3 = new S3Double(app);
        app.Run(s3.AnswerAsync);
        await app.StartAsync();
        s3.Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return s3;
    }

    /// <summary>The next requests fail in this way.</summary>
    public void FailNext(S3Fault fault, int times = 1)
    {
        for (var i = 0; i < times; i++) _faults.Enqueue(fault);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        var path = Uri.UnescapeDataString(http.Request.Path.ToUriComponent()).TrimStart('/');
        var (bucket, key) = path.Split('/', 2) is [var first, var rest] ? (first, rest) : (path, "");
        Requests.Enqueue($"{http.Request.Method} {key}");

        if (Refusal(http, body) is var (status, code)) { await ErrorAsync(http, status, code); return; }
        var fault = Always ?? (_faults.TryDequeue(out var next) ? next : null);
        switch (fault)
        {
            case S3Fault.SlowDown: await ErrorAsync(http, 503, "SlowDown"); return;
            case S3Fault.InternalError: await ErrorAsync(http, 500, "InternalError"); return;
            case S3Fault.AccessDenied: await ErrorAsync(http, 403, "AccessDenied"); return;
            case S3Fault.Slow: await Task.Delay(400); break;
        }
        if (bucket != Bucket) { await ErrorAsync(http, 404, "NoSuchBucket"); return; }
        switch (http.Request.Method)
        {
            case "PUT":
                Objects[key] = (body, http.Request.ContentType, TimeProvider.System.GetUtcNow());
                http.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\"";
                break;
            case "DELETE":
                Objects.TryRemove(key, out _);
                http.Response.StatusCode = 204;
                break;
            case "GET" when key.Length == 0 && http.Request.Query["list-type"] == "2":
                await ListAsync(http);
                break;
            case "GET" or "HEAD" when !Objects.ContainsKey(key):
                await ErrorAsync(http, 404, "NoSuchKey");
                break;
            case "GET" or "HEAD":
                await SendAsync(http, Objects[key].Content, fault == S3Fault.CutBody);
                break;
            default:
                await ErrorAsync(http, 405, "MethodNotAllowed");
                break;
        }
    }

    private static async Task SendAsync(HttpContext http, byte[] content, bool cut)
    {
        http.Response.ContentLength = content.Length;
        http.Response.Headers.LastModified = "Thu, 01 Jan 2026 00:00:00 GMT";
        if (http.Request.Method == "HEAD") return;
        if (!cut) { await http.Response.Body.WriteAsync(content); return; }
        await http.Response.Body.WriteAsync(content.AsMemory(0, content.Length / 2));
        await http.Response.Body.FlushAsync();
        await Task.Delay(50); // let the half arrive
        http.Abort();
    }

    private async Task ListAsync(HttpContext http)
    {
        var prefix = http.Request.Query["prefix"].ToString();
        var after = http.Request.Query["continuation-token"].ToString();
        var found = Objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(o.Key, after) > 0).OrderBy(o => o.Key, StringComparer.Ordinal).ToList();
        XNamespace ns = "http://s3.amazonaws.com/doc/2006-03-01/";
        var page = found.Take(PageSize).ToList();
        var more = found.Count > PageSize;
        await WriteAsync(http, 200, new XElement(ns + "ListBucketResult",
            new XElement(ns + "Name", Bucket), new XElement(ns + "Prefix", prefix), new XElement(ns + "KeyCount", page.Count), new XElement(ns + "MaxKeys", PageSize),
            new XElement(ns + "IsTruncated", more ? "true" : "false"), more ? new XElement(ns + "NextContinuationToken", page[^1].Key) : null,
            page.Select(o => new XElement(ns + "Contents", new XElement(ns + "Key", o.Key),
                new XElement(ns + "LastModified", o.Value.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
                new XElement(ns + "Size", o.Value.Content.Length), new XElement(ns + "StorageClass", "STANDARD")))));
    }

    private static Task ErrorAsync(HttpContext http, int status, string code) => http.Request.Method == "HEAD"
        ? Task.FromResult(http.Response.StatusCode = status)
        : WriteAsync(http, status, new XElement("Error", new XElement("Code", code), new XElement("Message", code + " (of the double)"), new XElement("RequestId", "4442587FB7D0A2F9")));

    private static async Task WriteAsync(HttpContext http, int status, XElement xml)
    {
        (http.Response.StatusCode, http.Response.ContentType) = (status, "application/xml");
        await http.Response.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml.ToString(SaveOptions.DisableFormatting));
    }

    /// <summary>Signature version 4 over the request as it came, and the body's own hash: an unsigned body is refused too.</summary>
    private static (int Status, string Code)? Refusal(HttpContext http, byte[] body)
    {
        var parts = http.Request.Headers.Authorization.ToString().Replace("AWS4-HMAC-SHA256 ", "", StringComparison.Ordinal).Split(',', StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        if (!parts.TryGetValue("Credential", out var credential) || credential.Split('/') is not [var id, var date, var region, "s3", "aws4_request"]) return (403, "AccessDenied");
        if (id != AccessKey) return (403, "InvalidAccessKeyId");
        if (region != Region) return (400, "AuthorizationHeaderMalformed");
        var hash = http.Request.Headers["x-amz-content-sha256"].ToString();
        if (hash != Convert.ToHexStringLower(SHA256.HashData(body))) return (400, "XAmzContentSHA256Mismatch");

        var signed = parts["SignedHeaders"].Split(';');
        if (!signed.Contains("host") || !signed.Contains("x-amz-content-sha256") || !signed.Contains("x-amz-date")) return (403, "SignatureDoesNotMatch");
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var query = target.Length < 2 ? "" : string.Join('&', target[1].Split('&').Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal));
        var headers = string.Concat(signed.Select(name => $"{name}:{http.Request.Headers[name].ToString().Trim()}\n"));
        var canonical = $"{http.Request.Method}\n{target[0]}\n{query}\n{headers}\n{parts["SignedHeaders"]}\n{hash}";
        var toSign = $"AWS4-HMAC-SHA256\n{http.Request.Headers["x-amz-date"]}\n{date}/{region}/s3/aws4_request\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { date, region, "s3", "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + SecretKey), (secret, word) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(word)));
        return parts["Signature"] == Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) ? null : (403, "SignatureDoesNotMatch");
    }
}
