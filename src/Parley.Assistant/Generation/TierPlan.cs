using Parley.Assistant.Analysis;
using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>What is done with a draft.</summary>
internal enum DraftVerdict
{
    /// <summary>It is the answer.</summary>
    Accept,

    /// <summary>A better tier is asked, over the same evidence.</summary>
    Escalate,

    /// <summary>Nobody else is asked, and it is no answer.</summary>
    GiveUp,
}

/// <summary>Which tier is asked, and whether another one is. Pure.</summary>
/// <param name="Settings">The tenant's.</param>
/// <param name="Available">Tiers that have a model, the smallest first; at least one.</param>
internal sealed record TierPlan(ModelSettings Settings, IReadOnlyList<ModelTier> Available)
{
    internal const string ByComplexity = "complexity";
    internal const string ByCode = "code";
    internal const string SmallestFirst = "smallest_first";
    internal const string NextAvailable = "next_available";

    internal static TierPlan Of(ModelSetup setup) => new(setup.Settings, [.. setup.For(ModelFeature.Answer).Select(s => s.Tier).Distinct().Order()]);

    /// <summary>The tier to begin with: the one that the question deserves or the smallest; where it has no model, the next better one, else the next smaller one.</summary>
    internal (ModelTier Tier, string Reason) First(QuestionAnalysis question)
    {
        var wanted = Settings.Strategy == TierStrategy.Attempts ? ModelTier.Small : Enum.Parse<ModelTier>(question.Tier, ignoreCase: true);
        var reason = Settings.Strategy == TierStrategy.Attempts ? SmallestFirst : question.IsCode ? ByCode : ByComplexity;
        return Available.Contains(wanted) ? (wanted, reason) : (Better(wanted) ?? Available[^1], NextAvailable);
    }

    /// <summary>The tier above that was not tried; null: there is none, or no attempt is left.</summary>
    internal ModelTier? Next(ModelTier answered, int attempts, IReadOnlyCollection<ModelTier>? tried = null) => attempts >= Settings.MaxAttempts ? null : Better(answered, tried);

    /// <summary>Another tier for a call that brought nothing at all, of those that were not tried: a better one, else a smaller one.</summary>
    internal ModelTier? Instead(ModelTier failed, IReadOnlyCollection<ModelTier> tried, int attempts) =>
        attempts >= Settings.MaxAttempts ? null
        : Better(failed, tried) ?? Available.Where(t => t < failed && !tried.Contains(t)).Select(t => (ModelTier?)t).LastOrDefault();

    /// <summary>Whether text may leave before the draft is whole: only where nothing that comes later can send it to another tier.</summary>
    internal bool MayStream(ModelTier tier, int attempt, IReadOnlyCollection<ModelTier>? tried = null) => Settings.Strategy == TierStrategy.Complexity || Next(tier, attempt, tried) is null;

    /// <param name="draft">Confidence of what is left of it; null: nothing is.</param>
    /// <param name="saysNoAnswer">The model says that the passages do not answer.</param>
    /// <param name="strong">The evidence would be enough for an answer without a model.</param>
    /// <param name="threshold">Below it no draft is an answer: from weak evidence nothing is said, from strong evidence its own words.</param>
    /// <param name="next">The tier that would be asked.</param>
    internal (DraftVerdict Verdict, string Reason) Judge(double? draft, bool saysNoAnswer, bool strong, double threshold, ModelTier? next)
    {
        if (draft is null)
        {
            // The sources' words say no, and so does who has read them: a dearer reader is not asked.
            return saysNoAnswer && !strong ? (DraftVerdict.GiveUp, "no_answer_agreed")
                : next is null ? (DraftVerdict.GiveUp, saysNoAnswer ? "no_answer" : "nothing_cited")
                : (DraftVerdict.Escalate, saysNoAnswer ? "no_answer" : "nothing_cited");
        }
        if (next is not null && Settings.Strategy == TierStrategy.Attempts && draft < Settings.CascadeBelow)
        {
            return (DraftVerdict.Escalate, "confidence");
        }
        if (draft < threshold)
        {
            return next is null ? (DraftVerdict.GiveUp, "weak_draft") : (DraftVerdict.Escalate, "weak_draft");
        }
        return (DraftVerdict.Accept, Settings.Strategy == TierStrategy.Attempts && draft < Settings.CascadeBelow ? "last_attempt" : "accepted");
    }

    private ModelTier? Better(ModelTier tier, IReadOnlyCollection<ModelTier>? tried = null) => Available.Where(t => t > tier && tried?.Contains(t) != true).Select(t => (ModelTier?)t).FirstOrDefault();
}
