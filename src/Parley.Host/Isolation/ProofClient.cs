using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Platform.Authorization;

namespace Parley.Host.Isolation;

/// <summary>Who a request claims to be.</summary>
internal sealed record Credential(string? Cookie, string? Bearer)
{
    internal static Credential Nobody { get; } = new(null, null);
}

/// <summary>A whole answer: status, headers as text, body.</summary>
internal sealed record Reply(int Status, string Headers, string Body)
{
    internal bool IsSuccess => Status is >= 200 and < 300;

    internal JsonNode? Json => Body.Length > 0 && Body[0] is '{' or '[' ? JsonNode.Parse(Body) : null;

    internal string Short => $"{Status} {(Body.Length > 300 ? Body[..300] + "…" : Body)}";
}

/// <summary>A request of the proof.</summary>
internal sealed record Call(string Method, string Path)
{
    internal JsonNode? Body { get; init; }

    /// <summary>Sent as files of a form, each with this text.</summary>
    internal string? FileText { get; init; }

    internal IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    internal bool Csrf { get; init; } = true;

    /// <summary>The answer does not end by itself: what arrives in this time is it.</summary>
    internal TimeSpan? ReadFor { get; init; }
}

/// <summary>Sends requests to the instance under proof.</summary>
internal sealed class ProofClient(Uri address) : IDisposable
{
#pragma warning disable RS0030 // Talks to the instance's own address only; the guarded factory is for addresses that tenants configure.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = address };
#pragma warning restore RS0030

    internal int Requests { get; private set; }

    public void Dispose() => _http.Dispose();

    internal async Task<Reply> SendAsync(Credential who, Call call, CancellationToken ct)
    {
        Requests++;
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), call.Path) { Content = ContentOf(call) };
        if (who.Cookie is not null)
        {
            request.Headers.Add("Cookie", "parley_session=" + who.Cookie);
        }
        if (who.Bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", who.Bearer);
        }
        if (call.Csrf)
        {
            request.Headers.Add(Access.CsrfHeader, "1");
        }
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        var body = call.ReadFor is { } time && response.IsSuccessStatusCode
            ? await ReadForAsync(response, time, ct)
            : await response.Content.ReadAsStringAsync(ct);
        return new Reply((int)response.StatusCode, response.Headers.ToString() + response.Content.Headers, body);
    }

    /// <summary>A request that must succeed, or the proof cannot be made.</summary>
    internal async Task<JsonNode> GetAsync(Credential who, string method, string path, object? body, CancellationToken ct)
    {
        var call = new Call(method, path)
        {
            Body = body is null ? null : JsonSerializer.SerializeToNode(body, JsonSerializerOptions.Web), Headers = OneTimeKey(),
        };
        var reply = await SendAsync(who, call, ct);
        return reply.IsSuccess ? reply.Json ?? new JsonObject() : throw new ProofException($"{method} {path} answered {reply.Short}");
    }

    internal static Dictionary<string, string> OneTimeKey() => new() { ["Idempotency-Key"] = Guid.CreateVersion7().ToString("N") };

    private static HttpContent? ContentOf(Call call)
    {
        if (call.FileText is not null)
        {
            var form = new MultipartFormDataContent();
            foreach (var name in new[] { "one.md", "two.md" })
            {
                form.Add(new StringContent($"# {name}\n\n{call.FileText} {name}.\n", Encoding.UTF8, "text/markdown"), "files", name);
            }
            return form;
        }
        return call.Body is null ? null : new StringContent(call.Body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private static async Task<string> ReadForAsync(HttpResponseMessage response, TimeSpan time, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(time);
        var text = new StringBuilder();
        var buffer = new byte[8192];
        var decoder = Encoding.UTF8.GetDecoder();
        var chars = new char[8192];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(patience.Token);
            for (int read; (read = await stream.ReadAsync(buffer, patience.Token)) > 0;)
            {
                text.Append(chars, 0, decoder.GetChars(buffer, 0, read, chars, 0));
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The time is over; what came is the answer.
        }
        return text.ToString();
    }
}

/// <summary>The proof cannot be made: something it needs does not work.</summary>
internal sealed class ProofException(string message) : Exception(message);
