using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Tei;

/// <remarks>POST rerank {query, texts, truncate} → [{index, score}]: https://huggingface.github.io/text-embeddings-inference/#/Text%20Embeddings%20Inference/rerank</remarks>
internal sealed class TeiReranker(ModelEndpoint at) : IReranker
{
    private sealed record Request(string Query, IReadOnlyList<string> Texts, bool Truncate = true);

    private sealed record Item(int Index, double Score);

    public async Task<RerankResponse> RerankAsync(string query, IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        var ranked = await JsonCall.PostAsync<IReadOnlyList<Item>>(at, "rerank", new Request(query, documents), cancellationToken);
        return new RerankResponse(CheckedReranker.InOrder([.. ranked.Select(item => (item.Index, item.Score))], documents.Count, at), at.Model, new ModelUsage());
    }
}
