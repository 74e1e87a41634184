namespace Parley.Inference.Contracts;

/// <summary>How much a model can and costs, in three steps.</summary>
public enum ModelTier
{
    /// <summary>Cheap and quick.</summary>
    Small,

    /// <summary>Between the two.</summary>
    Medium,

    /// <summary>The best there is.</summary>
    Large,
}
