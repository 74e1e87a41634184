using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Parley.Inference.Providers.Voyage;

/// <summary>An answer with vectors: base64 of little-endian floats, as asked, or plain numbers.</summary>
internal sealed record VoyageVectors(IReadOnlyList<VoyageVectors.Item> Data, string? Model, VoyageVectors.Billed? Usage)
{
    internal sealed record Item(JsonElement Embedding, int Index);

    internal sealed record Billed(long? TotalTokens);

    internal GeneratedEmbeddings<Embedding<float>> Read() =>
        new(Data.OrderBy(item => item.Index).Select(item => new Embedding<float>(Numbers(item.Embedding)) { ModelId = Model }))
        {
            Usage = Usage?.TotalTokens is { } total ? new UsageDetails { InputTokenCount = total, TotalTokenCount = total } : null,
        };

    private static float[] Numbers(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return [.. value.EnumerateArray().Select(number => number.GetSingle())];
        }
        var bytes = value.GetBytesFromBase64();
        return bytes.Length % sizeof(float) == 0 ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : throw new FormatException("Not whole numbers.");
    }
}
