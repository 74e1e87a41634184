using Parley.Inference.Contracts;

namespace Parley.Inference.Providers;

/// <summary>Around every provider's bare reranker: exactly one finite score for each document, in the documents' order.</summary>
internal sealed class CheckedReranker(IReranker inner, ModelEndpoint at) : IReranker
{
    public async Task<RerankResponse> RerankAsync(string query, IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        if (documents.Count == 0)
        {
            throw at.Fault(ModelFault.Invalid, "There are no documents to rank.");
        }
        using var watch = CallWatch.Whole(at, cancellationToken);
        RerankResponse response;
        try
        {
            response = await inner.RerankAsync(query, documents, watch.Token);
        }
        catch (Exception e) when (!CallWatch.IsOurs(e))
        {
            throw watch.Translate(e, output: false);
        }
        return response.Scores.All(double.IsFinite) ? response : throw at.Fault(ModelFault.NotANumber, "A score is no finite number.");
    }

    /// <summary>Puts scores that came by rank into the documents' order.</summary>
    internal static IReadOnlyList<double> InOrder(IReadOnlyList<(int Index, double Score)> ranked, int documents, ModelEndpoint at)
    {
        if (ranked.Count == 0)
        {
            throw at.Fault(ModelFault.Empty, "The answer holds no scores.");
        }
        var scores = new double?[documents];
        foreach (var (index, score) in ranked)
        {
            if (index < 0 || index >= documents || scores[index] is not null)
            {
                throw at.Fault(ModelFault.Malformed, "The answer scores a document twice, or one that was not sent.");
            }
            scores[index] = score;
        }
        return Array.TrueForAll(scores, score => score is not null)
            ? [.. scores.Select(score => score!.Value)]
            : throw at.Fault(ModelFault.TooFewVectors, $"{documents} scores were asked, {ranked.Count} came.");
    }
}
