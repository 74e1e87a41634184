using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Testkit.Models;

/// <summary>Embeddings of OpenAI and of Voyage, which differ in names only, and Voyage's embeddings of images.</summary>
/// <remarks>
/// https://developers.openai.com/api/reference/resources/embeddings · https://docs.voyageai.com/reference/embeddings-api · https://docs.voyageai.com/reference/multimodal-embeddings-api
/// </remarks>
internal static class EmbeddingsWire
{
    private const int DefaultDimensions = 256;

    /// <summary>A model whose name has "floats" in it answers with numbers although base64 is asked, as some servers do.</summary>
    internal static Task OpenAiAsync(Call call) =>
        ServeAsync(call, [.. Strings(call.Body.GetProperty("input"))], "dimensions", Base64(call, "encoding_format"), usage: "prompt_tokens");

    internal static Task VoyageAsync(Call call) =>
        ServeAsync(call, [.. Strings(call.Body.GetProperty("input"))], "output_dimension", Base64(call, "encoding_format"), usage: null);

    internal static Task VoyageMixedAsync(Call call) => ServeAsync(call, [.. call.Body.GetProperty("inputs").EnumerateArray().Select(Mixed)], "output_dimension", Base64(call, "encoding_format"), usage: null);

    private static async Task ServeAsync(Call call, IReadOnlyList<string> texts, string dimensionsName, bool base64, string? usage)
    {
        var dimensions = call.Body.TryGetProperty(dimensionsName, out var asked) && asked.ValueKind == JsonValueKind.Number ? asked.GetInt32() : DefaultDimensions;
        var vectors = texts.Select(text => Vectors.Of(text, call.Fault is { Name: "wrong-dimension" } ? dimensions / 2 : dimensions)).ToList();
        if (call.Fault is { Name: "nan" })
        {
            vectors[^1][0] = float.NaN;
        }
        if (call.Fault is { Name: "fewer" })
        {
            vectors.RemoveAt(vectors.Count - 1);
        }
        if (call.Fault is { Name: "empty" })
        {
            vectors.Clear();
        }
        var tokens = texts.Sum(Words.Tokens);
        call.World.Bill(call.Key, new Billed { Input = tokens });
        var counts = new JsonObject { ["total_tokens"] = tokens };
        if (usage is not null)
        {
            counts[usage] = tokens;
        }
        // Not in the order of the inputs: the index says which is which.
        await call.JsonAsync(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. vectors.Select((vector, i) => (JsonNode)new JsonObject { ["object"] = "embedding", ["index"] = i, ["embedding"] = Write(vector, base64) }).Reverse()]),
            ["model"] = call.Model, ["usage"] = counts,
        });
    }

    private static bool Base64(Call call, string name) =>
        call.Body.TryGetProperty(name, out var encoding) && encoding.GetString() == "base64" && !call.Model.Contains("floats", StringComparison.Ordinal);

    private static JsonNode Write(float[] vector, bool base64) => base64 ? Vectors.Base64(vector) : new JsonArray([.. vector.Select(number => (JsonNode)number)]);

    private static IEnumerable<string> Strings(JsonElement input) => input.ValueKind == JsonValueKind.Array ? input.EnumerateArray().Select(text => text.GetString()!) : [input.GetString()!];

    /// <summary>An image is known by its bytes.</summary>
    private static string Mixed(JsonElement input) => string.Join(" ", input.GetProperty("content").EnumerateArray().Select(part => part.GetProperty("type").GetString() switch
    {
        "text" => part.GetProperty("text").GetString()!,
        "image_url" => part.GetProperty("image_url").GetString()!,
        _ => part.GetProperty("image_base64").GetString()!.Split(',')[^1],
    }));
}
