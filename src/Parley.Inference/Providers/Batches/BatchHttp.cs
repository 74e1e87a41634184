using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Batches;

/// <summary>Calls to a provider's batches by the guarded client, and reading of JSON that others wrote.</summary>
/// <remarks>
/// Not by the SDKs: their batches want every request in types of their own, and a result that they cannot read ends the reading. Here a request is what the SDK's chat
/// client would have sent, and a line that cannot be read loses that line.
/// </remarks>
internal sealed class BatchHttp(ModelEndpoint at, Action<HttpRequestMessage> authorise)
{
    internal async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken ct)
    {
        using var response = await OpenAsync(method, path, content, ct);
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        using var json = await JsonDocument.ParseAsync(body, default, ct);
        return json.RootElement.Clone();
    }

    /// <summary>Deletes; what is gone already is deleted.</summary>
    internal async Task DeleteAsync(string path, CancellationToken ct)
    {
        try
        {
            using var response = await OpenAsync(HttpMethod.Delete, path, null, ct);
        }
        catch (ModelException e) when (e.Status == 404)
        {
        }
    }

    internal async IAsyncEnumerable<string> LinesAsync(string path, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = await OpenAsync(HttpMethod.Get, path, null, ct);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct), Encoding.UTF8);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    /// <summary>Null: not there, or not of this kind.</summary>
    internal static string? Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Undefined: not there.</summary>
    internal static JsonElement Part(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) ? value : default;

    internal static IEnumerable<JsonElement> Items(JsonElement from, string name) => Part(from, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    internal static string Must(JsonElement from, string name) => Text(from, name) ?? throw new JsonException($"There is no {name}.");

    internal static Guid? IdOf(JsonElement line) => Guid.TryParseExact(Text(line, "custom_id"), "N", out var id) ? id : null;

    /// <summary>Null: no JSON.</summary>
    internal static JsonElement? Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, HttpContent? content, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri(at.BaseUrl, path)) { Content = content };
        authorise(request);
        return await at.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    /// <summary>The key as OpenAI and its like take it.</summary>
    internal static void Bearer(HttpRequestMessage request, ModelEndpoint at)
    {
        if (at.Account.Key.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", at.Account.Key);
        }
    }
}
