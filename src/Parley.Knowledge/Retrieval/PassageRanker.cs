using Parley.Knowledge.Vectors;

namespace Parley.Knowledge.Retrieval;

/// <summary>Chooses passages inside the documents that won. Documents are ranked whole: a document as its best passage scores lower.</summary>
internal static class PassageRanker
{
    /// <summary>What a passage that matches the question wholly adds to its document's score.</summary>
    private const float PassageWeight = 2f;

    /// <summary>… and what one gains that holds the names that are asked for.</summary>
    private const float NamedWeight = 1.5f;

    internal static List<RankedChunk> Rank(
        QueryTerms terms, List<(int Document, float Score)> ranked, IndexedDocument[] documents, FusionRanker ranker, int count, PassageMeaning? meaning = null)
    {
        var winners = ranked.Take(KnowledgeIndex.PassageDocuments).ToList();
        var chunks = winners.Sum(w => documents[w.Document].Chunks.Length);
        if (chunks == 0 || count <= 0)
            return [];
        var mean = Math.Max(1f, (float)winners.Sum(w => documents[w.Document].Chunks.Sum(c => (long)c.Length)) / chunks);
        var ideal = ranker.Ideal(terms.Stems);
        var idf = terms.Stems.ConvertAll(t => t.Weight * ranker.Idf(t.Key) / ideal);

        var candidates = new List<(IndexedDocument Document, IndexedChunk Chunk, int Order, float Score)>(chunks);
        foreach (var (index, score) in winners)
        {
            var document = documents[index];
            for (var c = 0; c < document.Chunks.Length; c++)
            {
                var match = Match(terms, idf, document.Chunks[c], mean);
                candidates.Add((document, document.Chunks[c], candidates.Count, score + (PassageWeight * (meaning is null ? match : meaning.Mix(index, c, match)))));
            }
        }
        // Documents come best first and passages in reading order: Order settles equal scores the same way every time.
        candidates.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Order.CompareTo(b.Order));
        return candidates.Take(count).Select(c => new RankedChunk(
            c.Chunk.Id, c.Chunk.Version, c.Document.Id, c.Chunk.ParentId, c.Chunk.HeadingPath, c.Chunk.Anchor, c.Score)).ToList();
    }

    /// <summary>BM25 of one passage divided by the question's ideal, 0 to below 1, and more where it holds the names that are asked for.</summary>
    private static float Match(QueryTerms terms, List<float> idf, IndexedChunk chunk, float meanLength)
    {
        var (k1, b) = FusionWeights.ChunkShape;
        var norm = k1 * (1 - b + (b * chunk.Length / meanLength));
        var sum = 0f;
        for (var i = 0; i < idf.Count; i++)
        {
            var frequency = chunk.Frequency(terms.Stems[i].Key);
            if (frequency > 0)
                sum += idf[i] * frequency / (frequency + norm);
        }
        foreach (var name in terms.Identifiers)
            sum += chunk.Frequency(name) > 0 ? NamedWeight / terms.Identifiers.Count : 0;
        return sum;
    }
}
