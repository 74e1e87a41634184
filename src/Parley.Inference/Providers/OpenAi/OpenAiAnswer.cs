using System.ClientModel.Primitives;
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
    internal static ChatFinishReason Finish(Reason reason, bool calls) => reason switch
    {
        Reason.Stop when calls => ChatFinishReason.ToolCalls,
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
    internal static FunctionCallContent Call(string id, string name, string arguments, BinaryData? extra)
    {
        var call = FunctionCallContent.CreateFromParsedArguments(
            arguments.Length > 0 ? arguments : "{}", id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json));
        if (extra is not null)
        {
            call.AdditionalProperties = new() { [Extra] = extra.ToString() };
        }
        return call;
    }

    /// <summary>
    /// What a server wants to have back with a call, for example Gemini's thought signatures, without which it refuses the tool's result:
    /// https://ai.google.dev/gemini-api/docs/thought-signatures
    /// </summary>
    internal const string Extra = "extra_content";

#pragma warning disable SCME0001 // The only way to what the SDK does not know.
    internal static BinaryData? ExtraOf(ref JsonPatch patch) => patch.Contains(Path) ? BinaryData.FromBytes(patch.GetJson(Path).ToMemory()) : null;

    internal static void Return(ChatToolCall call, string extra) => call.Patch.Set(Path, BinaryData.FromString(extra));
#pragma warning restore SCME0001

    private static ReadOnlySpan<byte> Path => "$.extra_content"u8;

    /// <summary>Calls whose pieces come interleaved.</summary>
    /// <remarks>
    /// Servers in front of Gemini give all calls of one answer the same index, or none, and end the answer with "stop": a new id begins a new call.
    /// </remarks>
    internal sealed class Calls
    {
        private readonly List<Pieces> _open = [];

        internal bool Any => _open.Count > 0;

        internal void Add(IReadOnlyList<StreamingChatToolCallUpdate> updates)
        {
            foreach (var update in updates)
            {
                var pieces = _open.LastOrDefault(open => open.Index == update.Index);
                if (pieces is null || (update.ToolCallId is { Length: > 0 } id && pieces.Id is { Length: > 0 } && pieces.Id != id))
                {
                    _open.Add(pieces = new Pieces(update.Index));
                }
                pieces.Id ??= update.ToolCallId is { Length: > 0 } named ? named : null;
                pieces.Name ??= update.FunctionName is { Length: > 0 } name ? name : null;
                if (update.FunctionArgumentsUpdate is { } more && !more.ToMemory().IsEmpty)
                {
                    pieces.Arguments.Append(more.ToString());
                }
#pragma warning disable SCME0001 // The only way to what the SDK does not know.
                pieces.Extra ??= ExtraOf(ref update.Patch);
#pragma warning restore SCME0001
            }
        }

        internal List<FunctionCallContent> Take()
        {
            List<FunctionCallContent> calls =
                [.. _open.OrderBy(p => p.Index).Select(p => Call(p.Id ?? "", p.Name ?? throw new FormatException("A call has no name."), p.Arguments.ToString(), p.Extra))];
            _open.Clear();
            return calls;
        }

        private sealed class Pieces(int index)
        {
            internal int Index => index;

            internal StringBuilder Arguments { get; } = new();

            internal string? Id { get; set; }

            internal string? Name { get; set; }

            internal BinaryData? Extra { get; set; }
        }
    }
}
