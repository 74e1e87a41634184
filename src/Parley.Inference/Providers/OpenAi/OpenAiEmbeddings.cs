using Microsoft.Extensions.AI;
using OpenAI.Embeddings;
using EmbeddingGenerationOptions = Microsoft.Extensions.AI.EmbeddingGenerationOptions;

namespace Parley.Inference.Providers.OpenAi;

/// <summary>The SDK's embedding client as an <see cref="IEmbeddingGenerator"/>. The SDK asks for base64; a server that answers with numbers is understood.</summary>
/// <remarks>https://developers.openai.com/api/reference/resources/embeddings/methods/create</remarks>
internal sealed class OpenAiEmbeddings(EmbeddingClient client, ModelEndpoint at) : IEmbeddingGenerator<string, Embedding<float>>
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync(values, new OpenAI.Embeddings.EmbeddingGenerationOptions { Dimensions = options?.Dimensions }, cancellationToken);
        return new GeneratedEmbeddings<Embedding<float>>(vectors.OrderBy(vector => vector.Index).Select(vector => new Embedding<float>(vector.ToFloats()) { ModelId = vectors.Model }))
        {
            Usage = vectors.Usage is { } usage ? new UsageDetails { InputTokenCount = usage.InputTokenCount, TotalTokenCount = usage.TotalTokenCount } : null,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata(at.Account.Provider, at.BaseUrl, at.Model, at.Capabilities.Dimensions)
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
