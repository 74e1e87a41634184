using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Voyage;

/// <summary>Voyage AI: embeddings of texts, of texts with images, and reranking.</summary>
/// <remarks>https://docs.voyageai.com/reference/embeddings-api · https://docs.voyageai.com/reference/multimodal-embeddings-api · https://docs.voyageai.com/reference/reranker-api</remarks>
internal sealed class VoyageProvider : IModelProvider
{
    public string Kind => ModelProviderKinds.Voyage;

    public string Name => "Voyage AI";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Embedding, ModelKind.Rerank];

    public Uri DefaultBaseUrl { get; } = new("https://api.voyageai.com/v1");

    // The multimodal models have a call of their own, and take texts there as well.
    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelEndpoint at) =>
        IsMultimodal(at) ? new VoyageTextsAsMixed(new VoyageMixedEmbeddings(at)) : new VoyageEmbeddings(at);

    public IEmbeddingGenerator<IReadOnlyList<AIContent>, Embedding<float>>? MixedEmbeddings(ModelEndpoint at) => IsMultimodal(at) ? new VoyageMixedEmbeddings(at) : null;

    public IReranker Reranker(ModelEndpoint at) => new VoyageReranker(at);

    private static bool IsMultimodal(ModelEndpoint at) => at.Model.Contains("multimodal", StringComparison.OrdinalIgnoreCase);
}
