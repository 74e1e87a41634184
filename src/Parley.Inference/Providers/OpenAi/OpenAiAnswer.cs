using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Parley.Inference.Contracts;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using Reason = OpenAI.Chat.ChatFinishReason;

namespace Parley.Inference.Providers.OpenAi;

/// <summary>Reads the SDK's answers.</summary>
internal static class OpenAiAnswer
{
    internal static ChatFinishReason Finish(Reason reason) => reason switch
    {
        Reason.Length => ChatFinishReason.Length,
        Reason.ContentFilter => ChatFinishReason.ContentFilter,
        Reason.ToolCalls or Reason.FunctionCall => ChatFinishReason.ToolCalls,
        _ => ChatFinishReason.Stop,
    };

    /// <remarks>
    /// prompt_tokens contain those read from and written to the cache: https://developers.openai.com/api/docs/guides/prompt-caching. The SDK has no
    /// property for cache_write_tokens yet; it keeps what it does not know.
    /// </remarks>
    internal static UsageDetails? Usage(ChatTokenUsage? usage)
    {
        if (usage is null)
        {
            return null;
        }
        var details = new UsageDetails
        {
            InputTokenCount = usage.InputTokenCount,
            OutputTokenCount = usage.OutputTokenCount,
            TotalTokenCount = usage.TotalTokenCount,
            CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
            ReasoningTokenCount = usage.OutputTokenDetails?.ReasoningTokenCount,
        };
#pragma warning disable SCME0001 // The only way to what the SDK does not know.
        if (usage.InputTokenDetails is { } input && input.Patch.TryGetValue("$.cache_write_tokens"u8, out int written) && written > 0)
#pragma warning restore SCME0001
        {
            details.AdditionalCounts = new() { [ModelUsage.CacheWriteCount] = written };
        }
        return details;
    }

    /// <summary>Arguments that are no JSON object are kept as the call's error: the model can be told.</summary>
    internal static FunctionCallContent Call(string id, string name, string arguments) =>
        FunctionCallContent.CreateFromParsedArguments(arguments.Length > 0 ? arguments : "{}", id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json));

    /// <summary>Calls whose pieces come interleaved.</summary>
    internal sealed class Calls
    {
        private readonly SortedDictionary<int, Pieces> _open = [];

        internal void Add(IReadOnlyList<StreamingChatToolCallUpdate> updates)
        {
            foreach (var update in updates)
            {
                if (!_open.TryGetValue(update.Index, out var pieces))
                {
                    _open[update.Index] = pieces = new Pieces();
                }
                pieces.Id ??= update.ToolCallId is { Length: > 0 } id ? id : null;
                pieces.Name ??= update.FunctionName is { Length: > 0 } name ? name : null;
                if (update.FunctionArgumentsUpdate is { } more && !more.ToMemory().IsEmpty)
                {
                    pieces.Arguments.Append(more.ToString());
                }
            }
        }

        internal List<FunctionCallContent> Take()
        {
            List<FunctionCallContent> calls = [.. _open.Values.Select(p => Call(p.Id ?? "", p.Name ?? throw new FormatException("A call has no name."), p.Arguments.ToString()))];
            _open.Clear();
            return calls;
        }

        private sealed class Pieces
        {
            internal StringBuilder Arguments { get; } = new();

            internal string? Id { get; set; }

            internal string? Name { get; set; }
        }
    }
}
