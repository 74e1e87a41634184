using Parley.Inference.Contracts;

namespace Parley.Inference.Budget;

/// <summary>A tier that could serve a call, and the worst case of the models that may do it.</summary>
internal sealed record Offer(ModelTier Tier, string Provider, string Model, decimal? Amount)
{
    /// <summary>Whose account is asked first.</summary>
    internal Guid? AccountId { get; init; }
}

/// <summary>Money that is held for one call.</summary>
internal sealed record Reservation(Guid Id, Spender Who, DateTimeOffset At, string Provider, string Model, decimal Amount)
{
    internal ModelTier? Tier { get; init; }

    internal Guid? AccountId { get; init; }
}

/// <summary>What the ladder said, and the money where it was a model.</summary>
/// <param name="Step">Where on the ladder.</param>
/// <param name="Reservation">Null: nothing is held.</param>
/// <param name="Settings">Under which it was decided.</param>
internal sealed record Reserved(LadderStep Step, Reservation? Reservation, BudgetSettings Settings);

/// <summary>How a call ended. What it does not say is taken from the reservation.</summary>
internal sealed record Bill(string Provider, string Model)
{
    /// <summary>Null: the provider did not say.</summary>
    internal ModelUsage? Usage { get; init; }

    /// <summary>Null: not known, which costs the reserve.</summary>
    internal decimal? Cost { get; init; }

    internal ModelTier? Tier { get; init; }

    internal Guid? AccountId { get; init; }

    /// <summary>From the reservation to the end of the answer; null: nobody was there to see it.</summary>
    internal TimeSpan? Latency { get; init; }

    /// <summary>What the same tokens would have cost at the dearest model of the large tier; null: there is none, or one has no price.</summary>
    internal decimal? CostLarge { get; init; }

    /// <summary>What the same tokens would have cost at the same model without a prompt cache.</summary>
    internal decimal? CostUncached { get; init; }

    /// <summary>It came by the batch lane, at its price.</summary>
    internal bool Batch { get; init; }

    /// <summary>Of a call of the batch lane: what the same tokens would have cost at the same model outside of it.</summary>
    internal decimal? CostUnbatched { get; init; }

    /// <summary>Stored in the transaction that books it.</summary>
    internal DecisionRows? Decisions { get; init; }

    /// <summary>The bill of one seat, with what it would have been otherwise.</summary>
    /// <param name="seat">Who answered.</param>
    /// <param name="seats">All that the tenant has for this.</param>
    /// <param name="usage">Null: the provider did not say.</param>
    internal static Bill Of(ModelSeat seat, IReadOnlyList<ModelSeat> seats, ModelUsage? usage) => new(seat.Account.Provider, seat.Info.Model)
    {
        Usage = usage, Tier = seat.Tier, AccountId = seat.Account.Id,
        Cost = usage is null ? null : seat.Info.Prices?.Cost(usage), CostLarge = usage is null ? null : Large(seats, usage), CostUncached = usage is null ? null : seat.Info.Prices?.Cost(usage.Uncached()),
    };

    /// <summary>The bill of one seat by the batch lane.</summary>
    internal static Bill OfBatch(ModelSeat seat, ModelUsage? usage) =>
        Of(seat with { Info = seat.Info with { Prices = seat.Info.Prices?.Batched() } }, [], usage) with { Batch = true, CostUnbatched = usage is null ? null : seat.Info.Prices?.Cost(usage) };

    private static decimal? Large(IReadOnlyList<ModelSeat> seats, ModelUsage usage)
    {
        decimal?[] costs = [.. seats.Where(seat => seat.Tier == ModelTier.Large).Select(seat => seat.Info.Prices?.Cost(usage))];
        return Array.Exists(costs, cost => cost is null) ? null : costs.Max();
    }
}
