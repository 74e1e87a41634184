using Parley.Knowledge.Retrieval;
using Parley.Platform.Errors;

namespace Parley.Assistant;

/// <summary>The assistant for whoever tries or measures it: the entries that serve customers, without a conversation.</summary>
public sealed class Playground
{
    private readonly AskQuestion _ask;
    private readonly TurnSearch _search;

    /// <summary>Confidence from which on to answer, as shipped.</summary>
    public static double ShippedThreshold => Composer.ExtractiveComposer.AnswerThreshold;

    internal Playground(AskQuestion ask, TurnSearch search) => (_ask, _search) = (ask, search);

    /// <summary>Takes every step of a turn but the delivery.</summary>
    public Task<Result<AskAnswer>> AskAsync(Guid tenantId, AskRequest request, CancellationToken ct) => _ask.HandleAsync(tenantId, request, ct);

    /// <summary>The same under a certain version of the assistant's profile; 0: as shipped. Nobody is called.</summary>
    public Task<Result<AskAnswer>> AskAsync(Guid tenantId, AskRequest request, int profileVersion, CancellationToken ct) =>
        _ask.HandleAsync(tenantId, request with { Escalation = false }, ct, profileVersion);

    /// <summary>Looks up what a turn looks up.</summary>
    public Task<RetrievalResult> FindAsync(Guid tenantId, RetrievalQuery query, CancellationToken ct) => _search.FindAsync(tenantId, query, ct);
}
