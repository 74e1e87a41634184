using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Cohere;

/// <remarks>POST v2/rerank {model, query, documents} → {results: [{index, relevance_score}], meta: {billed_units: {search_units}}}: https://docs.cohere.com/reference/rerank</remarks>
internal sealed class CohereReranker(ModelEndpoint at) : IReranker
{
    private sealed record Request(string Model, string Query, IReadOnlyList<string> Documents);

    private sealed record Answer(IReadOnlyList<Item> Results, MetaData? Meta);

    private sealed record Item(int Index, double RelevanceScore);

    private sealed record MetaData(Billed? BilledUnits);

    private sealed record Billed(double? SearchUnits, double? InputTokens);

    public async Task<RerankResponse> RerankAsync(string query, IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        var answer = await JsonCall.PostAsync<Answer>(at, "v2/rerank", new Request(at.Model, query, documents), cancellationToken);
        return new RerankResponse(
            CheckedReranker.InOrder([.. answer.Results.Select(item => (item.Index, item.RelevanceScore))], documents.Count, at), at.Model,
            new ModelUsage { SearchUnits = (long)(answer.Meta?.BilledUnits?.SearchUnits ?? 0), InputTokens = (long)(answer.Meta?.BilledUnits?.InputTokens ?? 0) });
    }
}
