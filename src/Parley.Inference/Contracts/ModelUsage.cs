using Microsoft.Extensions.AI;

namespace Parley.Inference.Contracts;

/// <summary>
/// What a provider bills for one call, in disjoint counts: a prompt's tokens are <see cref="InputTokens"/> + <see cref="CachedReadTokens"/> +
/// <see cref="CacheWriteTokens"/>. Providers count differently (OpenAI's prompt_tokens contain the cached ones, Anthropic's input_tokens do not).
/// </summary>
public sealed record ModelUsage
{
    /// <summary>Name under which a provider's adapter reports tokens that were written into the prompt cache.</summary>
    internal const string CacheWriteCount = "CacheCreationInputTokens";

    /// <summary>Name under which searches of a reranker travel.</summary>
    internal const string SearchCount = "SearchUnits";

    /// <summary>Tokens of the prompt at the full price.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens of the prompt that came from the cache.</summary>
    public long CachedReadTokens { get; init; }

    /// <summary>Tokens of the prompt that were put into the cache.</summary>
    public long CacheWriteTokens { get; init; }

    /// <summary>Tokens of the answer, thinking included.</summary>
    public long OutputTokens { get; init; }

    /// <summary>The part of <see cref="OutputTokens"/> that was thinking, where the provider says it.</summary>
    public long ThinkingTokens { get; init; }

    /// <summary>Searches billed by a reranker that does not bill tokens.</summary>
    public long SearchUnits { get; init; }

    /// <summary>Of the prompt and of the answer.</summary>
    internal long AllTokens => InputTokens + CachedReadTokens + CacheWriteTokens + OutputTokens;

    /// <summary>The same call without a prompt cache.</summary>
    internal ModelUsage Uncached() => this with { InputTokens = InputTokens + CachedReadTokens + CacheWriteTokens, CachedReadTokens = 0, CacheWriteTokens = 0 };

    /// <summary>Reads the counts of a chat or embeddings answer. Null: the provider said nothing, the bill is unknown.</summary>
    public static ModelUsage? From(UsageDetails? usage)
    {
        if (usage is null || (usage.InputTokenCount is null && usage.OutputTokenCount is null))
        {
            return null;
        }
        var read = usage.CachedInputTokenCount ?? 0;
        var written = usage.AdditionalCounts is { } counts && counts.TryGetValue(CacheWriteCount, out var value) ? value : 0;
        return new ModelUsage
        {
            InputTokens = Math.Max(0, (usage.InputTokenCount ?? 0) - read - written),
            CachedReadTokens = read,
            CacheWriteTokens = written,
            OutputTokens = usage.OutputTokenCount ?? 0,
            ThinkingTokens = usage.ReasoningTokenCount ?? 0,
            SearchUnits = usage.AdditionalCounts is { } more && more.TryGetValue(SearchCount, out var searches) ? searches : 0,
        };
    }

    /// <summary>What <see cref="From"/> reads back, for calls that write no answer.</summary>
    internal UsageDetails ToDetails() => new() { InputTokenCount = InputTokens, OutputTokenCount = OutputTokens, AdditionalCounts = SearchUnits > 0 ? new AdditionalPropertiesDictionary<long> { [SearchCount] = SearchUnits } : null };
}
