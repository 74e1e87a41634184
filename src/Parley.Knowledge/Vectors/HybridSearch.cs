using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Vectors;

/// <summary>A search in which models take part: the question's vector is fetched while its words are looked up, and whatever happens to either model, the words' ranking stands.</summary>
internal sealed class HybridSearch(QuestionVectors questions, PassageReranker reranker)
{
    internal async Task<RetrievalResult> SearchAsync(KnowledgeIndex index, RetrievalQuery query, CancellationToken ct)
    {
        var (settings, who) = (index.Plan.Settings, query.Who!);
        if (who.ConversationId is not null && !settings.ForCustomers)
        {
            return index.Search(query);
        }
        var asking = index is { Plan.Set: { } set, Vectors.Count: > 0 } && settings.Mode != RetrievalMode.Keyword
            ? questions.FindAsync(who, set, index.Meant(query), TimeSpan.FromMilliseconds(settings.PatienceMs), ct) : null;
        var reranks = index.Plan.Reranks && settings.Rerank;
        var words = index.Begin(reranks ? query with { Chunks = Math.Max(query.Chunks, RetrievalSettings.RerankCandidates) } : query);
        var vector = asking is null ? null : await asking;
        var found = index.Finish(words, vector?.Vector) with
        {
            Models = new RetrievalModels { Mode = settings.Mode, Version = index.Plan.Version, Vector = vector?.Use },
        };
        if (reranks)
        {
            found = await reranker.RerankAsync(query, found, settings, query.Chunks, ct);
        }
        return index.Widened(found);
    }
}
