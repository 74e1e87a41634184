using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;

namespace Parley.Assistant;

/// <summary>How a turn looks things up: the tenant's index, and a second look where the first found little.</summary>
internal sealed class TurnSearch(KnowledgeSearch search)
{
    /// <summary>Retrieval's own score, as a share of the ideal, below which a second look is taken.</summary>
    private const double CorrectBelow = .2;

    /// <summary>
    /// A question is shorter than what its conversation makes of it, and matches its best document better for that alone. Taking whichever
    /// scored higher cost follow-ups more than it gave (mtrag_mini .686 → .674); so much higher it is only where the subject has changed.
    /// </summary>
    private const double ClearlyBetter = 2;

    /// <summary>Both looks.</summary>
    internal async Task<RetrievalResult> FindAsync(Guid tenantId, RetrievalQuery query, CancellationToken ct) =>
        await CorrectAsync(tenantId, query, await RetrieveAsync(tenantId, query, ct), ct);

    internal Task<RetrievalResult> RetrieveAsync(Guid tenantId, RetrievalQuery query, CancellationToken ct) => search.SearchAsync(tenantId, query, ct);

    /// <summary>Where the conversation so far leads the search astray, and its best find lacks the question's own words, the question alone may do better.</summary>
    internal async Task<RetrievalResult> CorrectAsync(Guid tenantId, RetrievalQuery query, RetrievalResult found, CancellationToken ct)
    {
        if (query.History.Count == 0 || Math.Min(found.Confidence, found.OwnConfidence) >= CorrectBelow)
        {
            return found;
        }
        var alone = await search.SearchAsync(tenantId, query with { History = [] }, ct);
        return alone.Confidence >= ClearlyBetter * found.Confidence ? alone : found;
    }
}
