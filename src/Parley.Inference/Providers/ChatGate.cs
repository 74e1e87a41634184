using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers;

/// <summary>Leaves out of a request what the model does not take. Pure.</summary>
internal static class ChatGate
{
    internal static (ChatOptions Options, IReadOnlyList<string> Dropped) Apply(ChatOptions? asked, ModelEndpoint at)
    {
        var options = asked?.Clone() ?? new ChatOptions();
        var can = at.Capabilities;
        List<string> dropped = [];
        options.ModelId = at.Model;
        Tools(options, can, dropped);
        Thinking(options, can, dropped);
        // A model that thinks takes no sampling parameters while it does.
        var thinks = can.Thinking == ThinkingSupport.Always || options.Reasoning is { Effort: not ReasoningEffort.None };
        Drop(options.Temperature is not null && (!can.Temperature || thinks), nameof(options.Temperature), () => options.Temperature = null);
        Drop(options.TopP is not null && (!can.TopP || thinks), nameof(options.TopP), () => options.TopP = null);
        Drop(options.TopK is not null && (!can.TopK || thinks), nameof(options.TopK), () => options.TopK = null);
        Drop(options.FrequencyPenalty is not null && (!can.Penalties || thinks), nameof(options.FrequencyPenalty), () => options.FrequencyPenalty = null);
        Drop(options.PresencePenalty is not null && (!can.Penalties || thinks), nameof(options.PresencePenalty), () => options.PresencePenalty = null);
        Drop(options.ResponseFormat is ChatResponseFormatJson && !can.JsonSchema, nameof(options.ResponseFormat), () => options.ResponseFormat = null);
        if (options.MaxOutputTokens > can.MaxOutputTokens)
        {
            options.MaxOutputTokens = can.MaxOutputTokens;
        }
        return (options, dropped);

        void Drop(bool refused, string name, Action leaveOut)
        {
            if (refused)
            {
                dropped.Add(name);
                leaveOut();
            }
        }
    }

    /// <summary>An image cannot be left out without changing the question.</summary>
    internal static void CheckContent(IEnumerable<ChatMessage> messages, ModelEndpoint at)
    {
        if (!at.Capabilities.Images && messages.Any(message => message.Contents.Any(IsImage)))
        {
            throw at.Fault(ModelFault.Invalid, "The model does not read images. Choose one that does for this feature.");
        }
    }

    private static bool IsImage(AIContent content) => content is DataContent data && data.HasTopLevelMediaType("image") || content is UriContent uri && uri.HasTopLevelMediaType("image");

    private static void Tools(ChatOptions options, ModelCapabilities can, List<string> dropped)
    {
        if (options.Tools is not { Count: > 0 })
        {
            (options.Tools, options.ToolMode, options.AllowMultipleToolCalls) = (null, null, null);
            return;
        }
        if (!can.Tools)
        {
            dropped.Add(nameof(options.Tools));
            (options.Tools, options.ToolMode, options.AllowMultipleToolCalls) = (null, null, null);
            return;
        }
        if (options.ToolMode is RequiredChatToolMode && !can.ForcedTools)
        {
            dropped.Add(nameof(options.ToolMode));
            options.ToolMode = ChatToolMode.Auto;
        }
        if (options.AllowMultipleToolCalls is not null && !can.ParallelTools)
        {
            dropped.Add(nameof(options.AllowMultipleToolCalls));
            options.AllowMultipleToolCalls = null;
        }
    }

    private static void Thinking(ChatOptions options, ModelCapabilities can, List<string> dropped)
    {
        if (options.Tools is not null && !can.ThinkingWithTools && (can.Thinking is ThinkingSupport.Effort or ThinkingSupport.Budget))
        {
            if (options.Reasoning is { Effort: not ReasoningEffort.None })
            {
                dropped.Add(nameof(options.Reasoning));
            }
            options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None };
            return;
        }
        if (options.Reasoning is null)
        {
            return;
        }
        var refused = can.Thinking == ThinkingSupport.None ? options.Reasoning.Effort is not ReasoningEffort.None
            : can.Thinking == ThinkingSupport.Always && options.Reasoning.Effort is ReasoningEffort.None;
        if (refused)
        {
            dropped.Add(nameof(options.Reasoning));
        }
        if (refused || can.Thinking == ThinkingSupport.None)
        {
            options.Reasoning = null;
        }
    }
}
