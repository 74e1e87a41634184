namespace Parley.Knowledge.Retrieval;

/// <summary>Extends a follow-up question by what the conversation was about.</summary>
internal static class FollowUpRule
{
    internal static void Extend(QueryTerms terms, RetrievalQuery query, FusionRanker ranker)
    {
        _ = terms;
        _ = query;
        _ = ranker;
    }
}
