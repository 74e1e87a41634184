using Microsoft.Extensions.AI;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>One model of one account that may serve a tier.</summary>
internal sealed record ModelSeat(ModelTier Tier, ModelAccount Account, ModelInfo Info);

/// <summary>One thing that was decided on the way, for the trace: names and numbers, no texts.</summary>
internal sealed record ModelDecision
{
    /// <summary>budget, circuit, rate_limit, retry, failover, answered or failed.</summary>
    public required string Step { get; init; }

    /// <summary>Stable: a kind of scope, a fault.</summary>
    public required string Reason { get; init; }

    public ModelTier? Tier { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }

    public Guid? AccountId { get; init; }

    public ModelUsage? Usage { get; init; }

    /// <summary>In dollars; null: not known.</summary>
    public decimal? Cost { get; init; }

    public TimeSpan? Latency { get; init; }
}

/// <summary>What one call is for and how it went. It travels with the options through all decorators; a new one for every call.</summary>
internal sealed class ModelCall
{
    private const string Name = "parley.call";

    private readonly List<ModelDecision> _decisions = [];

    internal required Spender Who { get; init; }

    /// <summary>In the order of preference within a tier.</summary>
    internal required IReadOnlyList<ModelSeat> Seats { get; init; }

    /// <summary>The tier that the question deserves; the budget may choose a cheaper one.</summary>
    internal required ModelTier Wanted { get; init; }

    /// <summary>Whether there can be an answer without a model.</summary>
    internal bool Extractive { get; init; }

    /// <summary>No attempt begins after it.</summary>
    internal required DateTimeOffset Deadline { get; init; }

    /// <summary>What was decided, oldest first.</summary>
    internal IReadOnlyList<ModelDecision> Decisions => _decisions;

    internal ModelTier Tier { get; set; }

    /// <summary>Who is asked now, or answered.</summary>
    internal ModelSeat? Seat { get; set; }

    /// <summary>Another account of the tier can be asked instead of waiting for this one.</summary>
    internal bool OthersLeft { get; set; }

    /// <summary>The answer is wanted whole.</summary>
    internal bool InOnePiece { get; set; }

    /// <summary>A request is with a provider whose bill is not known.</summary>
    internal bool Sent { get; set; }

    internal ModelUsage? Usage { get; set; }

    internal decimal? Cost { get; set; }

    /// <summary>Books an attempt that may have been billed and holds money for one more. False: there is none.</summary>
    internal Func<CancellationToken, Task<bool>> AgainAsync { get; set; } = _ => Task.FromResult(true);

    internal void Decide(string step, string reason, TimeSpan? latency = null) => _decisions.Add(new ModelDecision
    {
        Step = step, Reason = reason, Tier = Seat?.Tier ?? Tier, Provider = Seat?.Account.Provider, Model = Seat?.Info.Model, AccountId = Seat?.Account.Id, Usage = Usage, Cost = Cost, Latency = latency,
    });

    /// <summary>Options that carry this call.</summary>
    internal ChatOptions In(ChatOptions? options)
    {
        var carrying = options?.Clone() ?? new ChatOptions();
        carrying.AdditionalProperties = new AdditionalPropertiesDictionary(carrying.AdditionalProperties ?? []) { [Name] = this };
        return carrying;
    }

    internal static ModelCall Of(ChatOptions? options) =>
        options?.AdditionalProperties is { } properties && properties.TryGetValue(Name, out var value) && value is ModelCall call
            ? call
            : throw new ArgumentException("A call to a model must say on whose account it is: make its options with ModelCall.In.", nameof(options));

    /// <summary>Options as a provider gets them.</summary>
    internal static ChatOptions Without(ChatOptions options)
    {
        var bare = options.Clone();
        bare.AdditionalProperties = options.AdditionalProperties is { Count: > 1 } properties ? new AdditionalPropertiesDictionary(properties) : null;
        bare.AdditionalProperties?.Remove(Name);
        return bare;
    }
}
