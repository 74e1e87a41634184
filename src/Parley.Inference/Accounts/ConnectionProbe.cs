using Microsoft.Extensions.AI;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;

namespace Parley.Inference.Accounts;

/// <summary>What the smallest real call brought.</summary>
/// <param name="Note">Something to know although it worked.</param>
internal sealed record Probed(ModelUsage? Usage, string? Note = null)
{
    /// <summary>Numbers of a vector.</summary>
    internal int? Dimensions { get; init; }

    /// <summary>Parameters that the model does not take.</summary>
    internal IReadOnlyList<string> Dropped { get; init; } = [];
}

/// <summary>The smallest real call to a model of each kind.</summary>
internal sealed class ConnectionProbe(ModelProviders providers)
{
    /// <summary>Short: somebody waits, and a server that needs longer for a word is no server for customers.</summary>
    internal static readonly ModelTimeouts Timeouts = new() { FirstToken = TimeSpan.FromSeconds(20), BetweenTokens = TimeSpan.FromSeconds(15), Whole = TimeSpan.FromSeconds(30) };

    private const int MaxOutput = 16;
    private const string Word = "Parley";

    /// <summary>More than a word and what a provider puts around it.</summary>
    private const int InputBound = 200;

    private static readonly ChatMessage[] Prompt = [new(ChatRole.User, "Answer with the one word: yes")];

    /// <summary>The most that it can cost; null: the model has no price.</summary>
    internal static decimal? WorstCost(ModelInfo info) => info.Kind switch
    {
        ModelKind.Chat => WorstCase.Cost(info.Prices, WorstCase.InputTokens(Prompt, null), MaxOutput),
        ModelKind.Embedding => WorstCase.Cost(info.Prices, InputBound, 0),
        _ => info.Prices is { Searches: not null } prices ? prices.Cost(new ModelUsage { SearchUnits = 1 }) + (prices.Input is null ? 0 : WorstCase.Cost(prices, InputBound, 0)) : WorstCase.Cost(info.Prices, InputBound, 0),
    };

    /// <exception cref="ModelException">What went wrong.</exception>
    internal Task<Probed> RunAsync(ModelAccount account, ModelInfo info, Action<ModelUsage> seen, CancellationToken ct) => info.Kind switch
    {
        ModelKind.Chat => ChatAsync(providers.Chat(account, info.Model, info.Capabilities, Timeouts), seen, ct),
        ModelKind.Embedding => EmbedAsync(providers.Embeddings(account, info.Model, info.Capabilities, Timeouts), ct),
        _ => RerankAsync(providers.Reranker(account, info.Model, info.Capabilities, Timeouts), ct),
    };

    /// <summary>Streamed, as answers are.</summary>
    private static async Task<Probed> ChatAsync(IChatClient chat, Action<ModelUsage> seen, CancellationToken ct)
    {
        var usage = new UsageDetails();
        var (finish, dropped) = ((ChatFinishReason?)null, (IReadOnlyList<string>)[]);
        try
        {
            await foreach (var update in chat.GetStreamingResponseAsync(Prompt, new ChatOptions { MaxOutputTokens = MaxOutput }, ct))
            {
                foreach (var counted in update.Contents.OfType<UsageContent>())
                {
                    usage.Add(counted.Details);
                }
                finish ??= update.FinishReason;
                dropped = DroppedParameters.Of(update) is { Count: > 0 } names ? names : dropped;
            }
            return new Probed(ModelUsage.From(usage)) { Dropped = dropped };
        }
        catch (ModelException e) when (e.Fault == ModelFault.Empty && finish == ChatFinishReason.Length)
        {
            return new Probed(ModelUsage.From(usage), $"It thinks before it answers, and {MaxOutput} tokens were not enough for both. The connection works.") { Dropped = dropped };
        }
        catch (ModelException) when (ModelUsage.From(usage) is { } billed && finish is not null)
        {
            seen(billed);
            throw;
        }
    }

    private static async Task<Probed> EmbedAsync(IEmbeddingGenerator<string, Embedding<float>> embeddings, CancellationToken ct)
    {
        var made = await embeddings.GenerateAsync([Word], EmbeddingPurpose.Query, ct);
        return new Probed(ModelUsage.From(made.Usage)) { Dimensions = made[0].Vector.Length };
    }

    private static async Task<Probed> RerankAsync(IReranker reranker, CancellationToken ct) =>
        new((await reranker.RerankAsync("What is the answer?", ["The answer is yes.", "It rains."], ct)).Usage);
}
