using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Jina;

/// <summary>Jina AI's reranking, and every server with the same call (vLLM, LocalAI, llama.cpp, Infinity).</summary>
/// <remarks>https://jina.ai/reranker · https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html (Re-rank API)</remarks>
internal sealed class JinaProvider : IModelProvider
{
    public string Kind => ModelProviderKinds.Jina;

    public string Name => "Jina AI";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Rerank];

    public Uri DefaultBaseUrl { get; } = new("https://api.jina.ai/v1");

    // Jina itself refuses with 401; a server of one's own has none.
    public bool NeedsKey => false;

    public IReranker Reranker(ModelEndpoint at) => new JinaReranker(at);
}
