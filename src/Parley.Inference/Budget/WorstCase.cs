using System.Text;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Budget;

/// <summary>The most that a call can cost: a bound on its tokens times the dearest price that may apply to them.</summary>
internal static class WorstCase
{
    /// <summary>Digits of money that are stored.</summary>
    internal const int Digits = 9;

    private const decimal Unit = .000000001m;

    /// <summary>What providers put around a message.</summary>
    private const int PerMessage = 16;

    /// <summary>The largest image that a provider of the catalogue counts, after its own scaling.</summary>
    private const int PerImage = 6_000;

    /// <summary>What a provider tells a model about calling functions at all.</summary>
    private const int ToolPreamble = 1_000;

    private const int PerTool = 64;

    /// <summary>The bound of the estimate was measured on two vocabularies; others cut texts into up to half as many tokens more.</summary>
    private const double OtherVocabularies = 1.5;

    /// <summary>A number of prompt tokens that a provider's count will not exceed.</summary>
    internal static long InputTokens(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        long tokens = Text(options?.Instructions);
        foreach (var message in messages)
        {
            tokens += PerMessage + message.Contents.Sum(Content);
        }
        if (options?.Tools is { Count: > 0 } tools)
        {
            tokens += ToolPreamble + tools.Sum(tool => PerTool + Text(tool.Name) + Text(tool.Description) + (tool is AIFunctionDeclaration function ? Text(function.JsonSchema.GetRawText()) : 0));
        }
        return tokens + (options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } ? PerTool + Text(schema.GetRawText()) : 0);
    }

    /// <summary>In dollars, rounded up; null: the model has no price.</summary>
    internal static decimal? Cost(ModelPrices? prices, long inputTokens, long outputTokens, long searches = 0)
    {
        if (prices is null)
        {
            return null;
        }
        // A reranker bills either searches or tokens.
        if (searches > 0 && prices.Searches is not null)
        {
            var tokens = prices.Input is null ? 0 : Cost(prices with { Searches = null }, inputTokens, outputTokens);
            return tokens is null ? null : RoundUp(tokens.Value + (prices.Cost(new ModelUsage { SearchUnits = searches }) ?? 0));
        }
        // Each side alone, with the prices of all prompts of up to this length.
        decimal? worst = Dearest(prices, inputTokens, outputTokens);
        if (prices.Long is { } longer && inputTokens > prices.LongAbove)
        {
            worst = worst is { } shorter && Dearest(longer, inputTokens, outputTokens) is { } more ? Math.Max(shorter, more) : null;
        }
        return worst is { } cost ? RoundUp(cost) : null;
    }

    /// <summary>As it is booked.</summary>
    internal static decimal Round(decimal cost) => Math.Round(cost, Digits, MidpointRounding.AwayFromZero);

    internal static decimal RoundUp(decimal cost) => decimal.Ceiling(cost / Unit) * Unit;

    private static decimal? Dearest(ModelPrices prices, long inputTokens, long outputTokens)
    {
        var plain = prices with { Long = null, LongAbove = null };
        var output = plain.Cost(new ModelUsage { OutputTokens = outputTokens });
        decimal?[] inputs =
        [
            plain.Cost(new ModelUsage { InputTokens = inputTokens }), plain.Cost(new ModelUsage { CacheWriteTokens = inputTokens }),
        ];
        return output is null || Array.Exists(inputs, each => each is null) ? null : output + inputs.Max();
    }

    private static long Content(AIContent content) => content switch
    {
        TextContent text => Text(text.Text),
        TextReasoningContent reasoning => Text(reasoning.Text) + Text(reasoning.ProtectedData),
        DataContent data => data.HasTopLevelMediaType("image") ? PerImage : data.Data.Length,
        UriContent uri => uri.HasTopLevelMediaType("image") ? PerImage : Text(uri.Uri.ToString()),
        FunctionCallContent call => PerTool + Text(call.Name) + Text(call.CallId) + Text(call.Arguments is null ? null : System.Text.Json.JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions)),
        FunctionResultContent result => PerTool + Text(result.CallId) + Text(result.Result as string ?? (result.Result is null ? null : System.Text.Json.JsonSerializer.Serialize(result.Result, AIJsonUtilities.DefaultOptions))),
        _ => PerImage,
    };

    /// <remarks>No byte-level vocabulary makes more tokens than a text has bytes.</remarks>
    private static long Text(string? text) => string.IsNullOrEmpty(text)
        ? 0
        : Math.Min((long)Math.Ceiling(TokenEstimate.UpperBound(text) * OtherVocabularies), Encoding.UTF8.GetByteCount(text) + PerMessage);
}
