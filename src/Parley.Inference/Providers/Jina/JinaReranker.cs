using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Jina;

/// <remarks>POST rerank {model, query, documents, return_documents} → {results: [{index, relevance_score}], usage: {total_tokens}}: https://api.jina.ai/redoc</remarks>
internal sealed class JinaReranker(ModelEndpoint at) : IReranker
{
    private sealed record Request(string Model, string Query, IReadOnlyList<string> Documents, bool ReturnDocuments = false);

    private sealed record Answer(IReadOnlyList<Item> Results, string? Model, Billed? Usage);

    private sealed record Item(int Index, double RelevanceScore);

    private sealed record Billed(long? TotalTokens);

    public async Task<RerankResponse> RerankAsync(string query, IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        var answer = await JsonCall.PostAsync<Answer>(at, "rerank", new Request(at.Model, query, documents), cancellationToken);
        return new RerankResponse(
            CheckedReranker.InOrder([.. answer.Results.Select(item => (item.Index, item.RelevanceScore))], documents.Count, at),
            answer.Model ?? at.Model, new ModelUsage { InputTokens = answer.Usage?.TotalTokens ?? 0 });
    }
}
