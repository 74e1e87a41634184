namespace Parley.Inference.Contracts;

/// <summary>Says how well each document answers a query. Microsoft.Extensions.AI has no word for it.</summary>
public interface IReranker
{
    /// <param name="query">What is asked.</param>
    /// <param name="documents">At least one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One finite score for each document, in the documents' order.</returns>
    /// <exception cref="ModelException">The call failed, or the answer cannot be used.</exception>
    Task<RerankResponse> RerankAsync(string query, IReadOnlyList<string> documents, CancellationToken cancellationToken = default);
}

/// <summary>Scores of documents.</summary>
/// <param name="Scores">Higher is better; the scale is the model's own. In the order of the documents.</param>
/// <param name="Model">Which model answered.</param>
/// <param name="Usage">What is billed.</param>
public sealed record RerankResponse(IReadOnlyList<double> Scores, string Model, ModelUsage Usage);
