namespace Parley.Inference.Contracts;

/// <summary>The models that a tenant's features have now, with their accounts opened.</summary>
public sealed record ModelSetup
{
    /// <summary>Nothing is chosen.</summary>
    public static ModelSetup None { get; } = new();

    /// <summary>Version of the settings; 0: none were published.</summary>
    public int Version { get; init; }

    /// <summary>What was published.</summary>
    public ModelSettings Settings { get; init; } = new();

    /// <summary>Who serves each feature, in the order of preference within a tier. A choice whose account is gone or switched off has no seat.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ModelSeat>> Seats { get; init; } = new Dictionary<string, IReadOnlyList<ModelSeat>>();

    /// <summary>Who serves a feature; empty: nobody.</summary>
    public IReadOnlyList<ModelSeat> For(string feature) => Seats.TryGetValue(feature, out var seats) ? seats : [];
}
