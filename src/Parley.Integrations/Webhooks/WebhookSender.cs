using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parley.Platform.Outbound;

namespace Parley.Integrations.Webhooks;

/// <summary>What one attempt came to.</summary>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="Error">What went wrong and how to mend it; null where it was accepted.</param>
/// <param name="Response">How the answer began.</param>
/// <param name="Duration">Until the answer's first bytes.</param>
/// <param name="RetryAfter">For how long the receiver wants to be left alone.</param>
internal sealed record WebhookAnswer(int? Status, string? Error, string? Response, TimeSpan Duration, TimeSpan? RetryAfter)
{
    internal bool IsAccepted => Status is >= 200 and < 300;

    /// <summary>The receiver wants nothing any more.</summary>
    internal bool IsGone => Status == (int)HttpStatusCode.Gone;

    /// <summary>The receiver is loaded: nothing else is sent to it either until then.</summary>
    internal TimeSpan? Hold => Status is 429 or 503 ? RetryAfter : null;
}

/// <summary>Makes one signed request. Never follows a redirect, never reads more of an answer than is shown.</summary>
internal sealed class WebhookSender(GuardedHttp http, TimeProvider time)
{
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private const int MaxShownBytes = 4_096;
    private const int MaxShown = 1_000;

    private static readonly MediaTypeHeaderValue ContentType = new("application/json") { CharSet = "utf-8" };

    // What is not read cannot be too large.
    private readonly HttpClient _client = http.CreateClient(new OutboundLimits { Timeout = Timeout, MaxRedirects = 0, MaxResponseBytes = long.MaxValue });

    /// <param name="url">Where to.</param>
    /// <param name="eventId">See <see cref="WebhookEvents.IdOf"/>.</param>
    /// <param name="body">Exactly this is signed and sent.</param>
    /// <param name="secrets">Those that are valid now.</param>
    /// <param name="ct">Ends it; then it is not known whether it arrived.</param>
    internal async Task<WebhookAnswer> SendAsync(string url, string eventId, string body, IReadOnlyList<string> secrets, CancellationToken ct)
    {
        var (now, started) = (time.GetUtcNow(), time.GetTimestamp());
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = ContentType;
        request.Headers.UserAgent.ParseAdd("Parley-Webhooks/1");
        request.Headers.Add("webhook-id", eventId);
        request.Headers.Add("webhook-timestamp", WebhookSignature.Timestamp(now));
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(eventId, now, body, secrets));
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            var duration = time.GetElapsedTime(started);
            return new WebhookAnswer((int)response.StatusCode, Problem(response), await BeginningAsync(response, ct), duration, WebhookSchedule.RetryAfter(response.Headers.RetryAfter, now));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WebhookAnswer(null, Explain(e), null, time.GetElapsedTime(started), null);
        }
    }

    /// <summary>What a status means that is no success.</summary>
    private static string? Problem(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => $"The address redirects{(response.Headers.Location is { } to ? $" to {Shorten(to.OriginalString, 200)}" : "")}. Redirects are not followed: enter the address that answers.",
        401 or 403 => "The receiver refuses the request. It must let requests of Parley in and check their signature instead.",
        404 => "The receiver knows no such address.",
        405 => "The receiver takes no POST requests at this address.",
        410 => "The receiver says that it is gone for good, so the webhook is switched off.",
        429 => "The receiver asks for fewer requests.",
        >= 500 => "The receiver failed.",
        _ => "The receiver did not accept it. It must answer with a status from 200 to 299.",
    };

    private static string Explain(Exception e) => e switch
    {
        OutboundRefusedException { Code: "too_slow" } => $"The receiver did not answer within {Timeout.TotalSeconds:0} seconds. Answer first, then work.",
        OutboundRefusedException refused => refused.Message,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "The host of the address has no address in the DNS.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "No secure connection: check that the certificate is valid for this host.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "No connection: nothing answers at this host and port.",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or IOException or HttpRequestException { InnerException: IOException } => "The connection was cut before the receiver had answered.",
        _ => "The receiver's answer is no HTTP.",
    };

    /// <summary>As text without what no text may hold. An answer that breaks off here has been given all the same.</summary>
    private static async Task<string?> BeginningAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var bytes = new byte[MaxShownBytes];
        var read = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            for (int n; read < bytes.Length && (n = await stream.ReadAsync(bytes.AsMemory(read), ct)) > 0;)
            {
                read += n;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // What had come by then is shown.
        }
        var text = Encoding.UTF8.GetString(bytes, 0, read);
        return read == 0 ? null : Shorten(string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c)), MaxShown);
    }

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
}
