namespace Parley.Inference.Contracts;

/// <summary>How a tier is found for a question.</summary>
public enum TierStrategy
{
    /// <summary>From what the question looks like, before any model is asked.</summary>
    Complexity,

    /// <summary>The smallest first; a better one where the answer's own checks doubt it, over the same evidence.</summary>
    Attempts,
}

/// <summary>A model that serves a feature. Several of one feature and tier stand in the order in which they are asked.</summary>
/// <param name="Feature">One of <see cref="ModelFeature"/>.</param>
/// <param name="Tier">Of <see cref="ModelFeature.Answer"/>; <see cref="ModelTier.Small"/> for every other feature.</param>
/// <param name="AccountId">The tenant's own account, or one of the instance.</param>
/// <param name="Model">As its provider names it.</param>
public sealed record ModelChoice(string Feature, ModelTier Tier, Guid AccountId, string Model);

/// <summary>Which models a tenant uses for what. Configuration of the kind <see cref="Kind"/>, its subject is the tenant.</summary>
public sealed record ModelSettings
{
    /// <summary>The configuration's kind.</summary>
    public const string Kind = "models";

    /// <summary>In order of preference within a feature and tier. Empty: nothing paid is ever called.</summary>
    public IReadOnlyList<ModelChoice> Choices { get; init; } = [];

    /// <summary>How a tier is found.</summary>
    public TierStrategy Strategy { get; init; }

    /// <summary>An answer of less confidence is asked of a better tier, 0 to 1.</summary>
    public double CascadeBelow { get; init; } = .8;

    /// <summary>Models asked for one answer at most, 1 to 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Customers get answers that models wrote, too; without it only the playground and the command line do.</summary>
    public bool ForCustomers { get; init; }

    /// <summary>Models that the catalogue lacks, or has other prices for.</summary>
    public IReadOnlyList<ModelInfo> Models { get; init; } = [];
}
