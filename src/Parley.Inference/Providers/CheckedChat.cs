using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers;

/// <summary>Around every provider's bare chat client: leaves out what the model does not take, keeps the clocks, and accepts only an answer that says something and ends.</summary>
internal sealed class CheckedChat(ProviderChat provider, ModelEndpoint at) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        ChatGate.CheckContent(conversation, at);
        var (gated, dropped) = ChatGate.Apply(options, at);
        using var watch = CallWatch.Whole(at, cancellationToken);
        ChatResponse response;
        try
        {
            response = await provider.Client.GetResponseAsync(conversation, gated, watch.Token);
        }
        catch (Exception e) when (!CallWatch.IsOurs(e))
        {
            throw watch.Translate(e, output: false);
        }
        var said = response.Messages.SelectMany(message => message.Contents).Any(IsAnswer);
        CheckEnd(response.FinishReason ?? ChatFinishReason.Stop, said, output: false, nothing: false);
        response.AdditionalProperties = DroppedParameters.Write(response.AdditionalProperties, dropped);
        return response;
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!at.Capabilities.Streaming)
        {
            var whole = await GetResponseAsync(messages, options, cancellationToken);
            foreach (var (i, update) in whole.ToChatResponseUpdates().Index())
            {
                update.AdditionalProperties = i == 0 ? DroppedParameters.Write(update.AdditionalProperties, DroppedParameters.Of(whole)) : update.AdditionalProperties;
                yield return update;
            }
            yield break;
        }
        var conversation = messages.ToList();
        ChatGate.CheckContent(conversation, at);
        var (gated, dropped) = ChatGate.Apply(options, at);
        using var watch = CallWatch.Stream(at, cancellationToken);
        await using var updates = provider.Client.GetStreamingResponseAsync(conversation, gated, watch.Token).GetAsyncEnumerator(watch.Token);
        ChatFinishReason? finish = null;
        var (first, output) = (true, false);
        while (await NextAsync(updates, watch, output))
        {
            var update = updates.Current;
            var says = update.Contents.Any(IsAnswer);
            watch.Came(says || update.Contents.Any(IsThought) || provider.IsOutput(update));
            finish ??= update.FinishReason;
            output |= says;
            if (first)
            {
                update.AdditionalProperties = DroppedParameters.Write(update.AdditionalProperties, dropped);
                first = false;
            }
            yield return update;
            watch.Waiting();
        }
        CheckEnd(finish, output, output, nothing: first);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : provider.Client.GetService(serviceType, serviceKey);

    public void Dispose() => provider.Client.Dispose();

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CallWatch watch, bool output)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e) when (!CallWatch.IsOurs(e))
        {
            throw watch.Translate(e, output);
        }
    }

    private void CheckEnd(ChatFinishReason? finish, bool said, bool output, bool nothing)
    {
        var fault = nothing ? at.Fault(ModelFault.Malformed, "The stream held no event. Check that the base URL is of this provider's API.")
            : finish is null ? at.Fault(ModelFault.Cut, "The stream ended without saying that the answer is complete.")
            : finish == ChatFinishReason.ContentFilter ? at.Fault(ModelFault.Refused, "The model or its filter declined to answer.")
            : said ? null
            : finish == ChatFinishReason.Length ? at.Fault(ModelFault.Empty, "The limit of output tokens was used up before the answer began. Raise it, or ask for less thinking.")
            : at.Fault(ModelFault.Empty, "The answer is empty.");
        if (fault is not null)
        {
            throw fault.After(output);
        }
    }

    private static bool IsAnswer(AIContent content) => content is TextContent { Text.Length: > 0 } or FunctionCallContent or DataContent;

    private static bool IsThought(AIContent content) => content is TextReasoningContent reasoning && (reasoning.Text.Length > 0 || reasoning.ProtectedData is { Length: > 0 });
}
