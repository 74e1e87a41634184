namespace Parley.Knowledge.Retrieval;

/// <summary>Selects the best documents out of an array of scores.</summary>
internal static class TopDocuments
{
    internal static List<(int Document, float Score)> Select(ReadOnlySpan<float> scores, IndexedDocument[] documents, RetrievalFilter filter, int count)
    {
        var best = new List<(int Document, float Score)>(Math.Min(count, documents.Length) + 1);
        if (count <= 0)
            return best;
        var all = filter.IsNone;
        var threshold = 0f;
        for (var i = 0; i < scores.Length; i++)
        {
            var score = scores[i];
            if (score <= 0 || score < threshold || !(all || filter.Allows(documents[i])))
                continue;
            Insert(best, (i, score), documents);
            if (best.Count > count)
                best.RemoveAt(count);
            if (best.Count == count)
                threshold = best[^1].Score;
        }
        return best;
    }

    internal static void Insert(List<(int Document, float Score)> best, (int Document, float Score) item, IndexedDocument[] documents)
    {
        var at = best.Count;
        while (at > 0 && Precedes(item, best[at - 1], documents))
            at--;
        best.Insert(at, item);
    }

    /// <summary>A higher score first; the id decides between equal scores, so that the order does not depend on how the index came about.</summary>
    private static bool Precedes((int Document, float Score) a, (int Document, float Score) b, IndexedDocument[] documents) =>
        a.Score > b.Score || (a.Score == b.Score && documents[a.Document].Id.CompareTo(documents[b.Document].Id) < 0);
}
