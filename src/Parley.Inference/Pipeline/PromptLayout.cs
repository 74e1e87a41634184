using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>Puts what is the same in every prompt (the system's messages) first and marks its end for providers that cache up to a mark. A caller's own marks are left alone.</summary>
internal sealed class PromptLayout(IChatClient inner) : CallLayer(inner)
{
    protected override IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct) =>
        InnerAsync(Lay(messages), options, ct);

    internal static IReadOnlyList<ChatMessage> Lay(IReadOnlyList<ChatMessage> messages)
    {
        List<ChatMessage> laid = [.. messages.Where(message => message.Role == ChatRole.System), .. messages.Where(message => message.Role != ChatRole.System)];
        var end = laid.FindLastIndex(message => message.Role == ChatRole.System);
        if (end < 0 || laid.Any(message => message.Contents.Any(PromptMarks.IsCacheMark)) || laid[end].Contents is not [.., TextContent last])
        {
            return laid;
        }
        // The caller's message may be shared by calls at once: a copy is marked.
        laid[end] = laid[end].Clone();
        laid[end].Contents = [.. laid[end].Contents.SkipLast(1), new TextContent(last.Text).CacheUpToHere()];
        return laid;
    }
}
