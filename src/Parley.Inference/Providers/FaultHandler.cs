using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Parley.Inference.Contracts;
using Parley.Platform.Outbound;

namespace Parley.Inference.Providers;

/// <summary>
/// Under every SDK: turns an answer that is no success, and a connection that fails, into a <see cref="ModelException"/>, so that one place knows what
/// statuses mean, and no SDK's message (which quotes the provider, which quotes the prompt and a part of the key) goes further.
/// </summary>
/// <remarks>
/// Statuses: https://platform.claude.com/docs/en/api/errors · https://developers.openai.com/api/docs/guides/error-codes ·
/// https://docs.voyageai.com/docs/error-codes · https://docs.cohere.com/reference/errors · https://huggingface.github.io/text-embeddings-inference/
/// </remarks>
internal sealed class FaultHandler(string provider, string model, TimeProvider time) : DelegatingHandler
{
    private const int MaxErrorBytes = 16 * 1024;

    private static readonly string[] RequestIds = ["request-id", "x-request-id", "x-trace-id"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }
            using (response)
            {
                throw await ReadAsync(request.RequestUri!, response, cancellationToken);
            }
        }
        catch (OutboundRefusedException e)
        {
            throw Refused(e, provider, model);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e, request.RequestUri!);
        }
    }

    /// <summary>The guard's own words name the host and the mend, and nothing of the answer.</summary>
    internal static ModelException Refused(OutboundRefusedException e, string provider, string model) => e.Code switch
    {
        "too_slow" => new(ModelFault.Timeout, provider, model, e.Message, e),
        "too_large" => new(ModelFault.Malformed, provider, model, e.Message, e),
        "unresolvable" => new(ModelFault.Unreachable, provider, model, e.Message, e),
        _ => new(ModelFault.Unreachable, provider, model, e.Message, e) { Permanent = true },
    };

    private ModelException Unreachable(HttpRequestException e, Uri address)
    {
        var why = e.InnerException switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nothing listens there",
            SocketException socket => $"the network says {socket.SocketErrorCode}",
            AuthenticationException => "its certificate is not accepted, or it does not speak TLS",
            _ => $"the connection failed ({e.HttpRequestError})",
        };
        // The server hung up: it was there, and may be again.
        return e.HttpRequestError == HttpRequestError.ResponseEnded
            ? new(ModelFault.Cut, provider, model, "The connection ended before the answer.", e)
            : new(ModelFault.Unreachable, provider, model, $"{address.Authority} cannot be reached: {why}. Check the account's base URL and the network.", e);
    }

    private async Task<ModelException> ReadAsync(Uri address, HttpResponseMessage response, CancellationToken ct)
    {
        var error = ProviderError.Read(await BodyAsync(response, ct));
        var status = (int)response.StatusCode;
        var (fault, message, permanent) = StatusFault.Of(status, error, address);
        return new ModelException(fault, provider, model, message)
        {
            Status = status, Permanent = permanent, RetryAfter = RetryAfter(response), RequestId = RequestId(response),
        };
    }

    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            var buffer = new byte[MaxErrorBytes];
            var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
            return buffer[..read];
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return []; // The status says enough.
        }
    }

    /// <remarks>Seconds or a date (RFC 9110 §10.2.3); OpenAI adds milliseconds of its own.</remarks>
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < int.MaxValue)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait is { } positive && positive < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static string? RequestId(HttpResponseMessage response) =>
        RequestIds.Select(name => response.Headers.TryGetValues(name, out var values) ? values.First() : null).FirstOrDefault(id => id is { Length: > 0 and <= 100 });
}
