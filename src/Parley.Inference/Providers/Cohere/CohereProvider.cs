using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Cohere;

/// <summary>Cohere: reranking, billed by searches (one query with up to 100 documents; longer documents count as several).</summary>
/// <remarks>https://docs.cohere.com/reference/rerank (version 2) · https://docs.cohere.com/docs/how-does-cohere-pricing-work</remarks>
internal sealed class CohereProvider : IModelProvider
{
    public string Kind => ModelProviderKinds.Cohere;

    public string Name => "Cohere";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Rerank];

    public Uri DefaultBaseUrl { get; } = new("https://api.cohere.com");

    public IReranker Reranker(ModelEndpoint at) => new CohereReranker(at);
}
