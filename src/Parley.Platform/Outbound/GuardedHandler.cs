using System.Net;

namespace Parley.Platform.Outbound;

/// <summary>Checks each address before it is called, follows redirects one by one, and puts caps on an answer's time and size.</summary>
internal sealed class GuardedHandler(OutboundLimits limits, TimeProvider time) : DelegatingHandler
{
    /// <summary>What a redirect to another origin may still carry; credentials may be in any other header.</summary>
    private static readonly string[] Portable = ["Accept", "Accept-Language", "Accept-Encoding", "User-Agent"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var deadline = new CancellationTokenSource(limits.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        HttpResponseMessage? response = null;
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                Check(request.RequestUri);
                response = await base.SendAsync(request, either.Token);
                if (Next(request, response) is not { } next)
                {
                    break;
                }
                response.Dispose();
                response = null;
                if (redirects == limits.MaxRedirects)
                {
                    throw new OutboundRefusedException("too_many_redirects", $"More than {limits.MaxRedirects} redirects.");
                }
                request = next;
            }
            if (response.Content.Headers.ContentLength > limits.MaxResponseBytes)
            {
                throw TooLarge();
            }
            response.Content = await CapAsync(response.Content, deadline, either.Token);
            return response;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            deadline.Dispose();
            throw TooSlow();
        }
        catch (HttpRequestException e) when (e.InnerException is OutboundRefusedException refused)
        {
            response?.Dispose();
            deadline.Dispose();
            throw refused;
        }
        catch
        {
            response?.Dispose();
            deadline.Dispose();
            throw;
        }
    }

    private OutboundRefusedException TooLarge() => new("too_large", $"The answer is larger than {limits.MaxResponseBytes} bytes.");

    private OutboundRefusedException TooSlow() => new("too_slow", $"The answer took longer than {limits.Timeout.TotalSeconds:0.#} seconds.");

    internal static void Check(Uri? address)
    {
        if (address is not { IsAbsoluteUri: true } || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new OutboundRefusedException("scheme", "Only http and https addresses can be called.");
        }
        if (address.UserInfo.Length > 0)
        {
            throw new OutboundRefusedException("credentials", "An address must not contain a user name or password.");
        }
    }

    private static HttpRequestMessage? Next(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head))
        {
            return null;
        }
        var from = request.RequestUri!;
        var to = location.IsAbsoluteUri ? location : new Uri(from, location);
        if (from.Scheme == Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttps)
        {
            throw new OutboundRefusedException("scheme", "A redirect leads from https to an address without it.");
        }
        var next = new HttpRequestMessage(request.Method, to) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        var same = Uri.Compare(from, to, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
        foreach (var header in request.Headers.Where(header => header.Key != "Host" && (same || Portable.Contains(header.Key, StringComparer.OrdinalIgnoreCase))))
        {
            next.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
        return next;
    }

    private async Task<HttpContent> CapAsync(HttpContent content, CancellationTokenSource deadline, CancellationToken ct)
    {
        var capped = new StreamContent(new CappedStream(await content.ReadAsStreamAsync(ct), limits.MaxResponseBytes, deadline, TooLarge, TooSlow));
        foreach (var header in content.Headers)
        {
            capped.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
        return capped;
    }
}
