using Microsoft.Extensions.Logging;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Review;

/// <summary>Compares all passages of a tenant after its knowledge changed, and keeps what it finds. Findings that were dismissed stay so.</summary>
internal sealed class ReviewJob(TenantDb db, TimeProvider time, ILogger<ReviewJob> log) : IJobHandler
{
    internal static readonly JobKind JobKind = new("knowledge.review", MaxAttempts: 3);

    private const int Page = 2000;
    private const int PassageStart = 300;

    internal const string ChunksSql = """
        select c.id, c.document_id, c.text from chunks c
          join documents d on d.tenant_id = c.tenant_id and d.id = c.document_id
          join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
         where c.tenant_id = @tenantId and c.id > @after and c.kind in ('text', 'list') order by c.id limit @take
        """;

    internal const string TextsSql = "select id, document_id, text from chunks where tenant_id = @tenantId and id = any(@ids)";

    // A chunk that went meanwhile takes its finding with it.
    internal const string StoreSql = """
        insert into knowledge_findings (tenant_id, id, kind, chunk_id, other_chunk_id, passage, other_passage, similarity, found_at)
        select @tenantId, f.id, f.kind, f.chunk_id, f.other_id, f.passage, f.other_passage, f.similarity, @now
          from unnest(@ids::uuid[], @kinds::text[], @chunkIds::uuid[], @otherIds::uuid[], @passages::text[], @otherPassages::text[], @similarities::real[])
            as f (id, kind, chunk_id, other_id, passage, other_passage, similarity)
          join chunks a on a.tenant_id = @tenantId and a.id = f.chunk_id
          join chunks b on b.tenant_id = @tenantId and b.id = f.other_id
        on conflict (tenant_id, kind, chunk_id, other_chunk_id) do nothing
        """;

    // What is no longer found, although both passages are still there, was found by an older Parley.
    internal const string ForgetSql = """
        delete from knowledge_findings f where f.tenant_id = @tenantId and f.state = 'open'
           and not exists (select 1 from unnest(@kinds::text[], @chunkIds::uuid[], @otherIds::uuid[]) as n (kind, chunk_id, other_id)
                            where n.kind = f.kind and n.chunk_id = f.chunk_id and n.other_id = f.other_chunk_id)
        """;

    private sealed record Row
    {
        public Guid Id { get; init; }
        public Guid DocumentId { get; init; }
        public string Text { get; init; } = "";
    }

    private sealed record Found(string Kind, Guid First, Guid Second, string Passage, string OtherPassage, double Similarity);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var (comparison, contradictions, started) = (new PassageComparison(), new ContradictionFinder(), time.GetTimestamp());
        var (after, passages) = (Guid.Empty, 0);
        while (true)
        {
            var rows = await db.InTransactionAsync(job.TenantId, s => s.QueryAsync<Row>(ChunksSql, new { tenantId = job.TenantId, after, take = Page }), ct);
            foreach (var passage in rows.Select(r => new ReviewPassage(r.Id, r.DocumentId, r.Text)))
            {
                comparison.Add(passage);
                contradictions.Add(passage);
            }
            passages += rows.Count;
            if (rows.Count < Page)
                break;
            after = rows[^1].Id;
            ct.ThrowIfCancellationRequested();
        }
        // The last of them stand first in the list: what contradicts itself is worse than what is said twice.
        var found = (await DuplicatesAsync(job.TenantId, comparison, ct)).Concat(contradictions.Pairs().Select(p => Ordered("contradiction", p.First, p.Second, p.Sentence, p.OtherSentence, 1)))
            .DistinctBy(f => (f.Kind, f.First, f.Second)).ToList();
        await db.InTransactionAsync(job.TenantId, async session =>
        {
            await StoreAsync(session, found);
            await job.CompleteAsync(session);
        }, ct);
        log.KnowledgeReviewed(job.TenantId, passages, found.Count, time.GetElapsedTime(started));
    }

    private async Task<IReadOnlyList<Found>> DuplicatesAsync(Guid tenantId, PassageComparison comparison, CancellationToken ct)
    {
        var found = new List<Found>();
        foreach (var pairs in comparison.Candidates().Chunk(Page / 2))
        {
            var ids = pairs.SelectMany(p => new[] { p.First, p.Second }).Distinct().ToArray();
            var texts = (await db.InTransactionAsync(tenantId, s => s.QueryAsync<Row>(TextsSql, new { tenantId, ids }), ct)).ToDictionary(r => r.Id, r => r.Text);
            found.AddRange(from pair in pairs
                           where texts.ContainsKey(pair.First) && texts.ContainsKey(pair.Second)
                           let similarity = PassageComparison.Similarity(texts[pair.First], texts[pair.Second])
                           where similarity >= PassageComparison.Duplicate
                           select Ordered("duplicate", pair.First, pair.Second, Start(texts[pair.First]), Start(texts[pair.Second]), similarity));
            if (found.Count >= PassageComparison.MaxPairs)
                break;
        }
        return found;
    }

    private async Task StoreAsync(TenantSession session, List<Found> found)
    {
        var args = new
        {
            tenantId = session.TenantId, now = time.GetUtcNow(), ids = found.Select(_ => Ids.New(time)).ToArray(), kinds = found.Select(f => f.Kind).ToArray(),
            chunkIds = found.Select(f => f.First).ToArray(), otherIds = found.Select(f => f.Second).ToArray(), passages = found.Select(f => f.Passage).ToArray(),
            otherPassages = found.Select(f => f.OtherPassage).ToArray(), similarities = found.Select(f => (float)f.Similarity).ToArray(),
        };
        await session.ExecuteAsync(ForgetSql, args);
        await session.ExecuteAsync(StoreSql, args);
    }

    // As the database orders ids: by their bytes.
    private static Found Ordered(string kind, Guid first, Guid second, string passage, string other, double similarity) =>
        first.ToByteArray(bigEndian: true).AsSpan().SequenceCompareTo(second.ToByteArray(bigEndian: true)) < 0
            ? new(kind, first, second, passage, other, similarity) : new(kind, second, first, other, passage, similarity);

    // Ends with a whole word: half of one would read as a difference.
    private static string Start(string text)
    {
        if (text.Length <= PassageStart)
        {
            return text;
        }
        var start = Readers.TextNormal.Truncate(text, PassageStart);
        var end = start.AsSpan().LastIndexOfAny(" \n\t");
        return (end > PassageStart / 2 ? start[..end] : start).TrimEnd() + "…";
    }
}
