using Parley.Inference.Budget;

namespace Parley.Inference.Contracts;

/// <summary>No model may be asked: the sources' own sentences or a person must answer.</summary>
public sealed class BudgetRefusedException : Exception
{
    internal BudgetRefusedException(LadderStep step) : base($"The budget allows no model for this call ({step.Reason}).") => Step = step;

    /// <summary>Stable: the kind of scope that is used up, <c>no_price</c>, <c>requests_per_minute</c> or <c>tokens_per_minute</c>.</summary>
    public string Reason => Step.Reason;

    /// <summary>Nothing but a person is left.</summary>
    public bool OnlyPerson => Step.Outcome == LadderOutcome.Person;

    internal LadderStep Step { get; }
}
