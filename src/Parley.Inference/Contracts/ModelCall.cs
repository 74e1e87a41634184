using Microsoft.Extensions.AI;
using Parley.Inference.Budget;

namespace Parley.Inference.Contracts;

/// <summary>One model of one account that may serve a tier.</summary>
public sealed record ModelSeat(ModelTier Tier, ModelAccount Account, ModelInfo Info)
{
    /// <summary>The same model, perhaps of another account: its vectors lie in one space.</summary>
    public bool SameModel(ModelSeat other) => (Account.Provider, Info.Model, Info.Capabilities.Dimensions) == (other.Account.Provider, other.Info.Model, other.Info.Capabilities.Dimensions);
}

/// <summary>One thing that was decided on the way, for the trace: names and numbers, no texts.</summary>
public sealed record ModelDecision
{
    /// <summary>budget, circuit, rate_limit, retry, failover, answered or failed; of whoever calls: tier, draft, escalate.</summary>
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

    /// <summary>What the caller thinks of the answer, 0 to 1.</summary>
    public double? Confidence { get; init; }
}

/// <summary>What one call is for and how it went. It travels with the options through all decorators; a new one for every call.</summary>
public sealed class ModelCall
{
    private const string Name = "parley.call";

    private readonly Lock _lock = new();
    private readonly List<ModelDecision> _decisions = [];
    private int _written;
    private ModelTier? _tier;

    /// <summary>Which call: <c>usage.call_id</c> of every try, and the id of its decisions.</summary>
    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>On whose account.</summary>
    public required Spender Who { get; init; }

    /// <summary>In the order of preference within a tier.</summary>
    public required IReadOnlyList<ModelSeat> Seats { get; init; }

    /// <summary>The tier that the question deserves; the budget may choose a cheaper one.</summary>
    public required ModelTier Wanted { get; init; }

    /// <summary>A cheaper tier has answered already: where the budget allows nothing better, it refuses. Null: any tier will do.</summary>
    public ModelTier? AtLeast { get; init; }

    /// <summary>Whether there can be an answer without a model.</summary>
    public bool Extractive { get; init; }

    /// <summary>No attempt begins after it.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>What was decided, oldest first.</summary>
    public IReadOnlyList<ModelDecision> Decisions
    {
        get
        {
            lock (_lock)
            {
                return [.. _decisions];
            }
        }
    }

    /// <summary>The tier that the budget has allowed; until it is asked, the wanted one.</summary>
    public ModelTier Tier
    {
        get => _tier ?? Wanted;
        internal set => _tier = value;
    }

    /// <summary>Who is asked now, or answered.</summary>
    public ModelSeat? Seat { get; internal set; }

    /// <summary>Another account of the tier can be asked instead of waiting for this one.</summary>
    internal bool OthersLeft { get; set; }

    /// <summary>The answer is wanted whole.</summary>
    internal bool InOnePiece { get; set; }

    /// <summary>What is asked of the chosen account where it is no chat; returns what it was billed, null: not known.</summary>
    internal Func<ModelSeat, CancellationToken, Task<ModelUsage?>>? Work { get; set; }

    /// <summary>Searches that a reranker may bill at most.</summary>
    internal long Searches { get; set; }

    /// <summary>A request is with a provider whose bill is not known.</summary>
    internal bool Sent { get; set; }

    /// <summary>Null: not known.</summary>
    public ModelUsage? Usage { get; internal set; }

    /// <summary>In dollars, exactly; null: not known.</summary>
    public decimal? Cost { get; internal set; }

    /// <summary>
    /// Dollars booked so far for all tries of this call: also for those whose bill is not known, at what was held. The sum of its rows in <c>usage</c>. Of a streamed
    /// answer: see <see cref="BookedAsync"/>.
    /// </summary>
    public decimal Booked { get; internal set; }

    /// <summary>A streamed answer ends with its last piece; what it cost is booked beside what its caller does next.</summary>
    internal Task Booking { get; set; } = Task.CompletedTask;

    /// <summary>What was booked, when it is. Whoever streams awaits it before the end of what the call was for, so that no node stops in between.</summary>
    public async Task<decimal> BookedAsync()
    {
        await Booking;
        return Booked;
    }

    /// <summary>When it began; all its decisions are stored under this moment.</summary>
    internal DateTimeOffset At { get; set; }

    /// <summary>answered, budget, abandoned, error or a fault.</summary>
    internal string Outcome { get; set; } = "abandoned";

    /// <summary>What it will probably use, prompt and answer; for limits a minute.</summary>
    internal int EstimatedTokens { get; set; }

    /// <summary>What was counted for it against the tenant's limit.</summary>
    internal TokensTaken? Taken { get; set; }

    /// <summary>Hears of decisions that are added after the call's own were stored.</summary>
    internal Action<ModelCall>? Late { get; set; }

    /// <summary>Books an attempt that may have been billed and holds money for one more. False: there is none.</summary>
    internal Func<CancellationToken, Task<bool>> AgainAsync { get; set; } = _ => Task.FromResult(true);

    /// <summary>Adds a decision, with who is asked and what it has cost so far.</summary>
    /// <remarks>Stored with the call; one that comes after it is stored a moment later.</remarks>
    public void Decide(string step, string reason, TimeSpan? latency = null, double? confidence = null)
    {
        lock (_lock)
        {
            _decisions.Add(new ModelDecision
            {
                Step = step, Reason = reason, Tier = Seat?.Tier ?? Tier, Provider = Seat?.Account.Provider, Model = Seat?.Info.Model, AccountId = Seat?.Account.Id, Usage = Usage, Cost = Cost, Latency = latency, Confidence = confidence,
            });
        }
        Late?.Invoke(this);
    }

    /// <summary>What is not stored yet; null: nothing. It counts as stored from now on.</summary>
    internal DecisionRows? TakeUnwritten()
    {
        lock (_lock)
        {
            var from = _written;
            _written = _decisions.Count;
            return from == _written ? null : new DecisionRows(Id, At, Who, from, [.. _decisions.Skip(from)]);
        }
    }

    /// <summary>Options that carry this call.</summary>
    public ChatOptions In(ChatOptions? options)
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
