namespace Parley.Inference.Costs;

/// <summary>What a number of paid calls come to.</summary>
internal record CostSums
{
    public long Calls { get; init; }

    /// <summary>Tokens of prompts at the full price.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens of answers, thinking included.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens of prompts that came from the provider's cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Tokens of prompts that were written into it.</summary>
    public long CacheWriteTokens { get; init; }

    /// <summary>What the service bills besides tokens: searches, seconds, images.</summary>
    public decimal Units { get; init; }

    /// <summary>In dollars, exactly.</summary>
    public decimal Cost { get; init; }

    /// <summary>Calls whose bill is not known; they count at what was held for them.</summary>
    public long UnsettledCalls { get; init; }

    /// <summary>Their part of <see cref="Cost"/>.</summary>
    public decimal UnsettledCost { get; init; }

    internal static CostSums Of(IEnumerable<CostSums> parts) => parts.Aggregate(new CostSums(), (a, b) => new CostSums
    {
        Calls = a.Calls + b.Calls, InputTokens = a.InputTokens + b.InputTokens, OutputTokens = a.OutputTokens + b.OutputTokens, CachedTokens = a.CachedTokens + b.CachedTokens,
        CacheWriteTokens = a.CacheWriteTokens + b.CacheWriteTokens, Units = a.Units + b.Units, Cost = a.Cost + b.Cost, UnsettledCalls = a.UnsettledCalls + b.UnsettledCalls, UnsettledCost = a.UnsettledCost + b.UnsettledCost,
    });
}
