using Parley.Assistant.Composer;
using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>One turn's attempts: which tier, what its draft is worth, whether another is asked, and what is said in the end.</summary>
internal sealed class AnswerRun(ModelGateway models, TimeProvider time, PreparedTurn turn, LiveText? live)
{
    /// <summary>
    /// All attempts together, until text leaves: the sources' own words are at hand, and the customer waits. Three attempts of which none brings a sentence fit into it.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DateTimeOffset _end = time.GetUtcNow() + Patience;
    private readonly AnswerPrompt _prompt = AnswerPrompt.Of(turn);
    private readonly TierPlan _plan = TierPlan.Of(turn.Models);
    private readonly Composition _composed = turn.Composition!;
    private readonly List<AnswerAttempt> _attempts = [];
    private readonly HashSet<ModelTier> _tried = [];
    private decimal _cost = turn.Written.Cost;
    private Drafted? _held;

    /// <summary>The evidence would be enough for an answer without a model.</summary>
    private bool IsStrong => _composed.Abstained is null;

    internal async Task<PreparedTurn> RunAsync(CancellationToken ct)
    {
        var (tier, reason) = _plan.First(turn.Analysis);
        ModelTier? atLeast = null;
        while (true)
        {
            // What leaves must stay: only where nothing can send the question to another tier any more, and nobody can say that there is no answer.
            var streamed = IsStrong && _plan.MayStream(tier, _attempts.Count + 1, _tried) ? live : null;
            await using var call = new AnswerCall(models, time, turn, _prompt, tier, atLeast, reason, _end);
            var draft = await call.RunAsync(live, streamed, ct);
            _tried.Add(draft.Tier);
            _cost += draft.Cost;
            // Money was short already: a dearer tier is not asked.
            var next = draft.Tier < tier ? null : _plan.Next(draft.Tier, _attempts.Count + 1, _tried);
            var (verdict, because) = Judge(draft, next);
            _attempts.Add(call.Report(draft, reason, verdict, because));
            if (verdict == DraftVerdict.Accept)
            {
                return Answered(draft);
            }
            if (draft.Draft.Kept > 0 && draft.Failure is null)
            {
                _held = draft;
            }
            var instead = draft.Failure is ModelException ? _plan.Instead(draft.Tier, _tried, _attempts.Count) : next;
            if (verdict == DraftVerdict.GiveUp || instead is null || time.GetUtcNow() >= _end)
            {
                return Ended(draft, because);
            }
            (tier, atLeast, reason) = (instead.Value, draft.Failure is null ? instead : null, draft.Failure is null ? "escalated" : "failed");
        }
    }

    private (DraftVerdict Verdict, string Because) Judge(Drafted draft, ModelTier? next) => draft switch
    {
        { HasLeft: true } => (DraftVerdict.Accept, draft.Failure is null ? "accepted" : "broken_off"),
        { Failure: BudgetRefusedException refused } => (DraftVerdict.GiveUp, refused.Reason),
        { Failure: ModelException fault } => (DraftVerdict.Escalate, fault.Fault.ToString()),
        _ => _plan.Judge(draft.Confidence, draft.Draft.SaysNoAnswer, IsStrong, TurnDecision.Threshold(turn), next),
    };

    private PreparedTurn Answered(Drafted draft) => turn with
    {
        Composition = draft.Draft.Answer(_composed) with { Confidence = draft.Confidence!.Value },
        Options = [],
        Written = Written(null) with { Tier = draft.Tier.ToName(), Broken = draft.Failure is not null || draft.IsCut },
    };

    /// <summary>Nobody else is asked. A draft that is good enough for an answer, and was only to be bettered, stands where the better ones brought nothing; who has read and found nothing is believed.</summary>
    private PreparedTurn Ended(Drafted last, string because)
    {
        if (last is { Failure: null, Draft: { Kept: 0, SaysNoAnswer: true } })
        {
            return turn with { Composition = _composed with { Abstained = AbstainReason.ReadAndNotFound, Confidence = 0, Blocks = [], Quotes = [], Parts = [] }, Options = [], Written = Written("no_answer") };
        }
        if (_held is { } held && held.Confidence >= TurnDecision.Threshold(turn))
        {
            return Answered(held);
        }
        return turn with { Written = Written(because) with { OnlyPerson = last.Failure is BudgetRefusedException { OnlyPerson: true } && !IsStrong } };
    }

    private Written Written(string? fallback) => turn.Written with { Attempts = [.. _attempts], Cost = _cost, Fallback = fallback };
}

/// <summary>The names that are stored and sent.</summary>
internal static class TierNames
{
    internal static string ToName(this ModelTier tier) => tier switch { ModelTier.Small => "small", ModelTier.Medium => "medium", _ => "large" };
}
