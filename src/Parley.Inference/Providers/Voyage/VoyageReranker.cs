using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Voyage;

/// <remarks>POST rerank {model, query, documents} → {data: [{index, relevance_score}], usage: {total_tokens}}: https://docs.voyageai.com/reference/reranker-api</remarks>
internal sealed class VoyageReranker(ModelEndpoint at) : IReranker
{
    private sealed record Request(string Model, string Query, IReadOnlyList<string> Documents);

    private sealed record Answer(IReadOnlyList<Item> Data, string? Model, VoyageVectors.Billed? Usage);

    private sealed record Item(int Index, double RelevanceScore);

    public async Task<RerankResponse> RerankAsync(string query, IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        var answer = await JsonCall.PostAsync<Answer>(at, "rerank", new Request(at.Model, query, documents), cancellationToken);
        return new RerankResponse(
            CheckedReranker.InOrder([.. answer.Data.Select(item => (item.Index, item.RelevanceScore))], documents.Count, at),
            answer.Model ?? at.Model, new ModelUsage { InputTokens = answer.Usage?.TotalTokens ?? 0 });
    }
}
