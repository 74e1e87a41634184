using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Vectors;

/// <summary>A document in the order of words and meaning.</summary>
/// <param name="Document">Its ordinal.</param>
/// <param name="Words">Its score by words, also where it is not among the best by words.</param>
/// <param name="Meaning">Cosine of its nearest passage; null: it has no vector.</param>
/// <param name="Fused">By what it was placed.</param>
internal readonly record struct HybridDocument(int Document, double Words, double? Meaning, double Fused);

/// <summary>Documents and passages in the order of words and meaning.</summary>
internal sealed record HybridRanking(IReadOnlyList<HybridDocument> Documents, List<(int Document, float Score)> Ladder, PassageMeaning Passages)
{
    /// <summary>From one place to the next, where words have found fewer documents than there are places.</summary>
    private const float Step = .9f;

    /// <param name="search">By words.</param>
    /// <param name="question">The question's vector.</param>
    /// <param name="leg">The vectors.</param>
    /// <param name="documents">All.</param>
    /// <param name="settings">How.</param>
    /// <param name="score">A document's score by words.</param>
    internal static HybridRanking Of(WordSearch search, QuantizedVector question, VectorLeg leg, IndexedDocument[] documents, RetrievalSettings settings, Func<int, double> score)
    {
        var meaning = leg.Nearest(question, documents, search.Query.Filter, Math.Max(RetrievalSettings.LegDocuments, search.Query.Documents));
        var known = search.Ranked.ToDictionary(each => each.Document, each => (double)each.Score);
        var fused = Fusion.Fuse(search.Ranked, meaning, leg.Covers, settings, search.Query.Kind).Take(search.Query.Documents).Select(each => new HybridDocument(
            each.Document, known.TryGetValue(each.Document, out var words) ? words : score(each.Document), leg.Covers(each.Document) ? leg.Similarity(each.Document, question) : null, each.Score)).ToList();
        // What chooses passages compares documents' scores with passages' own: the places keep the scores that words alone would have given them.
        var ladder = new List<(int, float)>(fused.Count);
        for (var (i, last) = (0, 1f); i < fused.Count; i++)
        {
            last = i < search.Ranked.Count ? search.Ranked[i].Score : last * Step;
            ladder.Add((fused[i].Document, last));
        }
        var alpha = settings.Mode == RetrievalMode.Semantic ? 1 : settings.Fusion == FusionKind.Convex ? settings.Alpha(search.Query.Kind) : .5;
        return new HybridRanking(fused, ladder, new PassageMeaning(leg, question, (float)alpha, meaning is [var nearest, ..] ? Math.Max(nearest.Score, 1e-6f) : 1));
    }
}

/// <summary>What the meaning of a passage adds to the match of its words.</summary>
/// <param name="Leg">The vectors.</param>
/// <param name="Question">The question's.</param>
/// <param name="Alpha">Share of meaning.</param>
/// <param name="Best">Cosine of the nearest passage of all.</param>
internal sealed record PassageMeaning(VectorLeg Leg, QuantizedVector Question, float Alpha, float Best)
{
    /// <summary>Both, each as a share of its best; words alone for a passage without a vector.</summary>
    internal float Mix(int document, int chunk, float words) =>
        Leg.Similarity(document, chunk, Question) is { } similarity ? ((1 - Alpha) * words) + (Alpha * Math.Max(0, similarity) / Best) : words;
}
