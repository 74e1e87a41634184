using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Knowledge.Vectors;

/// <summary>Lets a reranker order the passages that were found. Where it does not answer in time, is refused or fails, they stay in the order found.</summary>
internal sealed class PassageReranker(TenantDb db, ModelGateway models, TimeProvider time, ILogger<PassageReranker> log)
{
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(5);

    internal async Task<RetrievalResult> RerankAsync(RetrievalQuery query, RetrievalResult found, RetrievalSettings settings, int chunks, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var (scores, use) = (Scores.None, new ModelUse("timeout", null));
        try
        {
            (scores, use) = await ScoreAsync(query, found).WaitAsync(TimeSpan.FromMilliseconds(settings.RerankPatienceMs), time, ct);
        }
        catch (TimeoutException)
        {
        }
        use = use with { Ms = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2) };
        return found with
        {
            Chunks = scores.By.Count == 0 ? [.. found.Chunks.Take(chunks)] : Order(found.Chunks, scores.By, settings.RerankPassages),
            Models = (found.Models ?? new RetrievalModels()) with { Rerank = use },
        };
    }

    /// <summary>Best first. The places keep the scores that they had: what reads a passage's score compares it with others of the same result. Pure.</summary>
    internal static IReadOnlyList<RankedChunk> Order(IReadOnlyList<RankedChunk> chunks, IReadOnlyDictionary<Guid, double> scores, int take)
    {
        var ladder = chunks.Select(chunk => chunk.Score).OrderDescending().ToList();
        return [.. chunks.Where(chunk => scores.ContainsKey(chunk.Id)).OrderByDescending(chunk => scores[chunk.Id]).Take(take).Select((chunk, i) => chunk with { Score = ladder[i], Rerank = scores[chunk.Id] })];
    }

    private async Task<(Scores Scores, ModelUse Use)> ScoreAsync(RetrievalQuery query, RetrievalResult found)
    {
        var who = query.Who!;
        ModelCall? call = null;
        try
        {
            var seats = (await models.SetupAsync(who.TenantId, CancellationToken.None)).For(ModelFeature.Rerank);
            if (seats.Count == 0)
            {
                return (Scores.None, new ModelUse("off", null));
            }
            // As they are now: nothing that is gone, or is not for this reader, leaves the house.
            var passages = await db.InTransactionAsync(who.TenantId, session => EvidenceReader.ReadAsync(session,
                [.. found.Chunks.Take(RetrievalSettings.RerankCandidates).Select(chunk => (chunk.Id, chunk.Version))], query.Filter.Audiences?.ToArray()), CancellationToken.None);
            if (passages.Count < 2)
            {
                return (Scores.None, new ModelUse("nothing_to_order", null));
            }
            call = new ModelCall
            {
                Who = who with { Feature = ModelFeature.Rerank, Service = "rerank" }, Seats = seats, Wanted = ModelTier.Small, Extractive = true, Deadline = time.GetUtcNow() + CallTime,
            };
            var scores = await models.RerankAsync(call, query.Text, [.. passages.Select(passage => string.Join('\n', [string.Join(" › ", [passage.Title, .. passage.HeadingPath]), passage.Text]))], CancellationToken.None);
            return (new Scores(passages.Zip(scores).ToDictionary(each => each.First.ChunkId, each => each.Second)), new ModelUse("used", call.Seat?.Info.Model) { Cost = call.Booked });
        }
        catch (BudgetRefusedException e)
        {
            return (Scores.None, new ModelUse("budget_" + e.Reason, null));
        }
        catch (ModelException e)
        {
            return (Scores.None, new ModelUse(EmbedJob.ReasonOf(e.Fault), e.Model) { Cost = call?.Booked });
        }
        catch (Exception e)
        {
            log.RerankFailed(e);
            return (Scores.None, new ModelUse("error", null) { Cost = call?.Booked });
        }
    }

    private sealed record Scores(IReadOnlyDictionary<Guid, double> By)
    {
        internal static Scores None { get; } = new(new Dictionary<Guid, double>());
    }
}
