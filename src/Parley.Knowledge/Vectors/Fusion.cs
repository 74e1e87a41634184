using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Vectors;

/// <summary>Makes one ranking of two. Pure.</summary>
internal static class Fusion
{
    /// <summary>Best first. A document without a vector has only its words, which then speak for both legs: it is not punished for what was not computed yet.</summary>
    /// <param name="words">By words, best first.</param>
    /// <param name="meaning">By meaning, nearest first.</param>
    /// <param name="covers">Whether a document has a vector.</param>
    /// <param name="settings">How.</param>
    /// <param name="kind">Of the question.</param>
    internal static List<(int Document, double Score)> Fuse(
        IReadOnlyList<(int Document, float Score)> words, IReadOnlyList<(int Document, float Score)> meaning, Func<int, bool> covers, RetrievalSettings settings, QuestionKind kind)
    {
        var semantic = settings.Mode == RetrievalMode.Semantic;
        var scores = new Dictionary<int, double>();
        var alpha = semantic ? 1 : settings.Fusion == FusionKind.Convex ? settings.Alpha(kind) : .5;
        var ranks = semantic || settings.Fusion == FusionKind.Rrf;
        var (bestWords, bestMeaning) = (words.Count > 0 ? words[0].Score : 1, meaning.Count > 0 ? meaning[0].Score : 1);
        for (var i = 0; i < words.Count; i++)
        {
            var share = covers(words[i].Document) ? 1 - alpha : 1;
            Add(words[i].Document, share, ranks ? Place(i) : words[i].Score / bestWords);
        }
        for (var i = 0; i < meaning.Count; i++)
        {
            Add(meaning[i].Document, alpha, ranks ? Place(i) : bestMeaning > 0 ? Math.Max(0, meaning[i].Score) / bestMeaning : 0);
        }
        var places = words.Concat(meaning).Select(each => each.Document).Distinct().Index().ToDictionary(each => each.Item, each => each.Index);
        return [.. scores.OrderByDescending(each => each.Value).ThenBy(each => places[each.Key]).Select(each => (each.Key, each.Value))];

        double Place(int i) => 1d / (settings.RrfK + i + 1);
        void Add(int document, double share, double score)
        {
            if (share > 0)
            {
                scores[document] = scores.GetValueOrDefault(document) + (share * score);
            }
        }
    }
}
