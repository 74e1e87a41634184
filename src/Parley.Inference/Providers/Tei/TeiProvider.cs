using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Tei;

/// <summary>Hugging Face's text-embeddings-inference: reranking by a server of one's own, which serves one model and bills nothing.</summary>
/// <remarks>https://huggingface.github.io/text-embeddings-inference/</remarks>
internal sealed class TeiProvider : IModelProvider
{
    public string Kind => ModelProviderKinds.Tei;

    public string Name => "text-embeddings-inference";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Rerank];

    public Uri? DefaultBaseUrl => null;

    public bool NeedsKey => false;

    public IReranker Reranker(ModelEndpoint at) => new TeiReranker(at);
}
