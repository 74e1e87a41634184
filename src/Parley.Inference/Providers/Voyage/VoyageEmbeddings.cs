using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Voyage;

/// <remarks>POST embeddings {model, input, input_type, output_dimension, encoding_format}: https://docs.voyageai.com/reference/embeddings-api</remarks>
internal sealed class VoyageEmbeddings(ModelEndpoint at) : IEmbeddingGenerator<string, Embedding<float>>
{
    private sealed record Request(string Model, IReadOnlyList<string> Input, string? InputType, int? OutputDimension, string EncodingFormat = "base64");

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        (await JsonCall.PostAsync<VoyageVectors>(at, "embeddings", new Request(at.Model, [.. values], EmbeddingPurpose.Of(options), options?.Dimensions), cancellationToken)).Read();

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata(at.Account.Provider, at.BaseUrl, at.Model, at.Capabilities.Dimensions) : null;

    public void Dispose()
    {
    }
}
