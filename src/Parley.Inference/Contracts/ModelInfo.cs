namespace Parley.Inference.Contracts;

/// <summary>What a model is for.</summary>
public enum ModelKind
{
    /// <summary>Writes answers.</summary>
    Chat,

    /// <summary>Makes vectors.</summary>
    Embedding,

    /// <summary>Scores documents against a query.</summary>
    Rerank,
}

/// <summary>One model of the catalogue.</summary>
public sealed record ModelInfo
{
    /// <summary>A kind of <see cref="ModelProviderKinds"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>The name that the provider knows.</summary>
    public required string Model { get; init; }

    /// <summary>The name that people know; of a tenant's own entry it may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is for.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>Where it is when it is not at the provider's own address.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>What it takes.</summary>
    public ModelCapabilities Capabilities { get; init; } = new();

    /// <summary>What it costs; null: not known, so that an operator has to say it before a budget can count it.</summary>
    public ModelPrices? Prices { get; init; }

    /// <summary>When the prices were read; of a tenant's own entry the day on which they were entered.</summary>
    public DateOnly AsOf { get; init; }

    /// <summary>The last day on which they hold, where the provider says so.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>The page that they were read from; a tenant's own entry needs none.</summary>
    public Uri? Source { get; init; }

    /// <summary>What else to know.</summary>
    public string? Note { get; init; }
}

/// <summary>Prices in dollars: of a million tokens, and of a thousand searches. Null: this is not billed, or not known.</summary>
public sealed record ModelPrices
{
    private const decimal Million = 1_000_000;
    private const decimal Thousand = 1_000;
    private const decimal DefaultBatch = .5m;

    /// <summary>Tokens of a prompt.</summary>
    public decimal? Input { get; init; }

    /// <summary>Tokens read from the prompt cache.</summary>
    public decimal? CachedRead { get; init; }

    /// <summary>Tokens written into the prompt cache, for the shortest time that the provider offers.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Tokens of an answer, thinking included.</summary>
    public decimal? Output { get; init; }

    /// <summary>A thousand searches of a reranker.</summary>
    public decimal? Searches { get; init; }

    /// <summary>Prompts longer than this have <see cref="Long"/> prices for all of their tokens.</summary>
    public long? LongAbove { get; init; }

    /// <summary>Prices of calls with long prompts.</summary>
    public ModelPrices? Long { get; init; }

    /// <summary>What of all these prices a call of the batch lane costs, above 0 and at most 1; null: half, where the model has such a lane.</summary>
    public decimal? Batch { get; init; }

    /// <summary>The prices of the batch lane.</summary>
    internal ModelPrices Batched() => Times(Batch ?? DefaultBatch);

    /// <summary>
    /// The exact cost in dollars: input · in + read · cached + written · write + output · out, each / 1,000,000, + searches · price / 1,000.
    /// A cached token without a price of its own costs what a plain one does. Null: something was used that has no price here.
    /// </summary>
    public decimal? Cost(ModelUsage usage)
    {
        if (Long is not null && usage.InputTokens + usage.CachedReadTokens + usage.CacheWriteTokens > LongAbove)
        {
            return Long.Cost(usage);
        }
        var parts = new[]
        {
            Part(usage.InputTokens, Input, Million), Part(usage.CachedReadTokens, CachedRead ?? Input, Million), Part(usage.CacheWriteTokens, CacheWrite ?? Input, Million),
            Part(usage.OutputTokens, Output, Million), Part(usage.SearchUnits, Searches, Thousand),
        };
        return Array.TrueForAll(parts, part => part is not null) ? parts.Sum() : null;
    }

    private ModelPrices Times(decimal factor) => this with
    {
        Input = Input * factor, CachedRead = CachedRead * factor, CacheWrite = CacheWrite * factor, Output = Output * factor, Searches = Searches * factor, Long = Long?.Times(factor), Batch = null,
    };

    private static decimal? Part(long count, decimal? price, decimal per) => count == 0 ? 0 : count * price / per;
}
