using System.Runtime.CompilerServices;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Anthropic;

/// <summary>Turns <see cref="PromptMarks.CacheUpToHere{T}"/> into cache_control.</summary>
/// <remarks>
/// A prompt is cached in the order tools, system, messages, up to each mark, for five minutes from its last use; a mark on the system prompt covers
/// the tools. At most four marks: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
/// </remarks>
internal sealed class MarkedPrompts(IChatClient inner, ModelEndpoint at) : DelegatingChatClient(inner)
{
    private const int MaxMarks = 4;

    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Marked(messages), options, cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(Marked(messages), options, cancellationToken))
        {
            yield return update;
        }
    }

    private List<ChatMessage> Marked(IEnumerable<ChatMessage> messages)
    {
        var all = messages.ToList();
        var marks = all.SelectMany(message => message.Contents).Count(PromptMarks.IsCacheMark);
        if (marks == 0 || at.Capabilities.CachedPrompt != PromptCaching.Marked)
        {
            return all;
        }
        if (marks > MaxMarks)
        {
            throw at.Fault(ModelFault.Invalid, $"A prompt has {marks} cache marks; {MaxMarks} are allowed.");
        }
        return [.. all.Select(Marked)];
    }

    /// <summary>The caller's message stays as it is.</summary>
    private static ChatMessage Marked(ChatMessage message)
    {
        if (!message.Contents.Any(PromptMarks.IsCacheMark))
        {
            return message;
        }
        var copy = message.Clone();
        copy.Contents = [.. message.Contents.Select(Marked)];
        return copy;
    }

    private static AIContent Marked(AIContent content) => !PromptMarks.IsCacheMark(content) ? content : content switch
    {
        TextContent text => new TextContent(text.Text).WithCacheControl(Ttl.Ttl5m),
        DataContent data => new DataContent(data.Data, data.MediaType).WithCacheControl(Ttl.Ttl5m),
        UriContent uri => new UriContent(uri.Uri, uri.MediaType).WithCacheControl(Ttl.Ttl5m),
        FunctionResultContent result => new FunctionResultContent(result.CallId, result.Result).WithCacheControl(Ttl.Ttl5m),
        FunctionCallContent call => new FunctionCallContent(call.CallId, call.Name, call.Arguments).WithCacheControl(Ttl.Ttl5m),
        _ => content,
    };
}
