using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>A decorator of the pipeline. All of them stream; an answer that is wanted whole is put together at the top and asked for whole at the bottom.</summary>
internal abstract class CallLayer(IChatClient inner) : DelegatingChatClient(inner)
{
    public sealed override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ModelCall.Of(options).InOnePiece = true;
        return GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
    }

    public sealed override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(ModelCall.Of(options), messages as IReadOnlyList<ChatMessage> ?? [.. messages], options!, cancellationToken);

    protected abstract IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct);

    protected IAsyncEnumerable<ChatResponseUpdate> InnerAsync(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct) => InnerClient.GetStreamingResponseAsync(messages, options, ct);
}
