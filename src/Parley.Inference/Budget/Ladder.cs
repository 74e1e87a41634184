using Parley.Inference.Contracts;

namespace Parley.Inference.Budget;

/// <summary>A tier that could serve a call, with what it would reserve; null: a model of it has no price.</summary>
internal sealed record Rung(ModelTier Tier, decimal? Reserve);

/// <summary>Who answers.</summary>
internal enum LadderOutcome
{
    /// <summary>A model.</summary>
    Model,

    /// <summary>Sentences of the sources, without a model.</summary>
    Extractive,

    /// <summary>A person.</summary>
    Person,
}

/// <summary>Where on the ladder a call ended.</summary>
/// <param name="Outcome">Who answers.</param>
/// <param name="Rung">The tier, where it is a model.</param>
/// <param name="Reason">Stable, for the trace: <c>within_budget</c>, or what stood in the way of the tier before (a kind of scope, <c>no_price</c>).</param>
internal sealed record LadderStep(LadderOutcome Outcome, Rung? Rung, string Reason)
{
    /// <summary>The scope that stood in the way.</summary>
    internal BudgetScope? Blocking { get; init; }
}

/// <summary>
/// Large → small → extractive → person: the best tier whose worst case still fits into every scope. Soft limits lead down to the cheapest
/// tier and no further; a hard one is never passed, and what has no price cannot be kept below it.
/// </summary>
internal static class Ladder
{
    internal const string Within = "within_budget";
    internal const string NoPrice = "no_price";

    /// <param name="rungs">The wanted tier first, then cheaper ones.</param>
    /// <param name="scopes">In the order of their locks.</param>
    /// <param name="extractive">Whether there can be an answer without a model.</param>
    internal static LadderStep Decide(IReadOnlyList<Rung> rungs, IReadOnlyList<ScopeState> scopes, bool extractive)
    {
        var (reason, blocking) = (Within, (BudgetScope?)null);
        foreach (var rung in rungs)
        {
            var (obstacle, scope) = Obstacle(rung, scopes);
            if (obstacle is null)
            {
                return new LadderStep(LadderOutcome.Model, rung, reason) { Blocking = blocking };
            }
            if (reason == Within)
            {
                (reason, blocking) = (obstacle, scope);
            }
        }
        if (rungs.Count > 0 && Obstacle(rungs[^1], [.. scopes.Where(scope => scope.Hard)]) is (null, _))
        {
            return new LadderStep(LadderOutcome.Model, rungs[^1], reason) { Blocking = blocking };
        }
        return new LadderStep(extractive ? LadderOutcome.Extractive : LadderOutcome.Person, null, reason) { Blocking = blocking };
    }

    private static (string? Reason, BudgetScope? Scope) Obstacle(Rung rung, IReadOnlyList<ScopeState> scopes)
    {
        if (rung.Reserve is null)
        {
            return scopes.Any(scope => scope is { Hard: true, Limit: not null }) ? (NoPrice, null) : (null, null);
        }
        var full = scopes.FirstOrDefault(scope => !scope.Fits(rung.Reserve.Value));
        return (full?.Scope.Kind, full?.Scope);
    }
}
