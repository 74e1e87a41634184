using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Inference.Providers;

/// <summary>One POST of JSON for providers without an SDK; every failure is named by what is around it.</summary>
internal static class JsonCall
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <param name="at">Where.</param>
    /// <param name="path">Below the base URL, without a slash in front.</param>
    /// <param name="body">Written in snake case, without nulls.</param>
    /// <param name="ct">Ends the call.</param>
    internal static async Task<TAnswer> PostAsync<TAnswer>(ModelEndpoint at, string path, object body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(at.BaseUrl, path)) { Content = JsonContent.Create(body, body.GetType(), options: Json) };
        if (at.Account.Key.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", at.Account.Key);
        }
        // Small servers do not read chunked bodies.
        await request.Content.LoadIntoBufferAsync(ct);
        using var response = await at.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        return await response.Content.ReadFromJsonAsync<TAnswer>(Json, ct) ?? throw new JsonException("null");
    }
}
