using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Parley.Inference.Providers.OpenAi;

/// <summary>The SDK's chat client as an <see cref="IChatClient"/>; the SDK has none of its own.</summary>
internal sealed class OpenAiChat(ChatClient client, ModelEndpoint at, bool compatible) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCompletion completion = await client.CompleteChatAsync(OpenAiRequest.Messages(messages, options), OpenAiRequest.Options(options, compatible), cancellationToken);
        List<AIContent> contents = [.. completion.Content.Where(part => part.Text is { Length: > 0 }).Select(part => new TextContent(part.Text))];
#pragma warning disable SCME0001 // The only way to what the SDK does not know.
        contents.AddRange(completion.ToolCalls.Select(call => OpenAiAnswer.Call(call.Id, call.FunctionName, call.FunctionArguments.ToString(), OpenAiAnswer.ExtraOf(ref call.Patch))));
#pragma warning restore SCME0001
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents) { MessageId = completion.Id })
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            FinishReason = completion.Refusal is { Length: > 0 } ? ChatFinishReason.ContentFilter : OpenAiAnswer.Finish(completion.FinishReason, completion.ToolCalls.Count > 0),
            Usage = OpenAiAnswer.Usage(completion.Usage),
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var calls = new OpenAiAnswer.Calls();
        ChatFinishReason? finish = null;
        var refused = false;
        await foreach (var piece in client.CompleteChatStreamingAsync(OpenAiRequest.Messages(messages, options), OpenAiRequest.Options(options, compatible), cancellationToken))
        {
            List<AIContent> contents = [.. piece.ContentUpdate.Where(part => part.Text is { Length: > 0 }).Select(part => new TextContent(part.Text))];
            calls.Add(piece.ToolCallUpdates);
            refused |= piece.RefusalUpdate is { Length: > 0 };
            if (piece.FinishReason is { } reason)
            {
                finish = refused ? ChatFinishReason.ContentFilter : OpenAiAnswer.Finish(reason, calls.Any);
                contents.AddRange(calls.Take());
            }
            if (OpenAiAnswer.Usage(piece.Usage) is { } usage)
            {
                contents.Add(new UsageContent(usage));
            }
            yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
            {
                ResponseId = piece.CompletionId, MessageId = piece.CompletionId, ModelId = piece.Model, FinishReason = finish, RawRepresentation = piece,
            };
        }
    }

    /// <summary>A call's arguments come in pieces and are handed on when they are complete.</summary>
    internal static bool IsOutput(ChatResponseUpdate update) => update.RawRepresentation is StreamingChatCompletionUpdate { ToolCallUpdates.Count: > 0 };

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(at.Account.Provider, at.BaseUrl, at.Model)
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
