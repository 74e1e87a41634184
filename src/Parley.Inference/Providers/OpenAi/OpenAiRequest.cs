using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = OpenAI.Chat.ChatMessage;
using ChatResponseFormat = OpenAI.Chat.ChatResponseFormat;

namespace Parley.Inference.Providers.OpenAi;

/// <summary>Writes the SDK's requests.</summary>
internal static class OpenAiRequest
{
    internal static IEnumerable<ChatMessage> Messages(IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options)
    {
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            yield return new SystemChatMessage(instructions);
        }
        foreach (var message in messages)
        {
            foreach (var written in Message(message))
            {
                yield return written;
            }
        }
    }

    internal static ChatCompletionOptions Options(ChatOptions? options, bool compatible)
    {
        var written = new ChatCompletionOptions
        {
            Temperature = options?.Temperature,
            TopP = options?.TopP,
            FrequencyPenalty = options?.FrequencyPenalty,
            PresencePenalty = options?.PresencePenalty,
            ResponseFormat = Format(options?.ResponseFormat),
        };
#pragma warning disable SCME0001, OPENAI001 // What the SDK has no settled property for.
        if (options?.MaxOutputTokens is { } limit)
        {
            if (compatible)
            {
                written.Patch.Set("$.max_tokens"u8, limit);
            }
            else
            {
                written.MaxOutputTokenCount = limit;
            }
        }
        if (compatible && options?.TopK is { } topK)
        {
            written.Patch.Set("$.top_k"u8, topK);
        }
        written.ReasoningEffortLevel = Effort(options?.Reasoning?.Effort);
        if (options?.Seed is { } seed)
        {
            written.Seed = seed;
        }
#pragma warning restore SCME0001, OPENAI001
        foreach (var stop in options?.StopSequences ?? [])
        {
            written.StopSequences.Add(stop);
        }
        Tools(options, written);
        return written;
    }

    private static void Tools(ChatOptions? options, ChatCompletionOptions written)
    {
        foreach (var tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            written.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText())));
        }
        if (written.Tools.Count == 0)
        {
            return;
        }
        written.AllowParallelToolCalls = options!.AllowMultipleToolCalls;
        written.ToolChoice = options.ToolMode switch
        {
            NoneChatToolMode => ChatToolChoice.CreateNoneChoice(),
            RequiredChatToolMode { RequiredFunctionName: { } name } => ChatToolChoice.CreateFunctionChoice(name),
            RequiredChatToolMode => ChatToolChoice.CreateRequiredChoice(),
            _ => null,
        };
    }

#pragma warning disable OPENAI001 // The effort has no settled type.
    private static ChatReasoningEffortLevel? Effort(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.None => ChatReasoningEffortLevel.None,
        ReasoningEffort.Low => ChatReasoningEffortLevel.Low,
        ReasoningEffort.Medium => ChatReasoningEffortLevel.Medium,
        ReasoningEffort.High => ChatReasoningEffortLevel.High,
        ReasoningEffort.ExtraHigh => ChatReasoningEffortLevel.ExtraHigh,
        _ => (ChatReasoningEffortLevel?)null, // without the type it would be a string that is null
    };
#pragma warning restore OPENAI001

    private static ChatResponseFormat? Format(Microsoft.Extensions.AI.ChatResponseFormat? format) => format switch
    {
        ChatResponseFormatJson { Schema: { } schema } json => ChatResponseFormat.CreateJsonSchemaFormat(json.SchemaName ?? "answer", BinaryData.FromString(schema.GetRawText()), json.SchemaDescription),
        ChatResponseFormatJson => ChatResponseFormat.CreateJsonObjectFormat(),
        _ => null,
    };

    private static IEnumerable<ChatMessage> Message(Microsoft.Extensions.AI.ChatMessage message)
    {
        if (message.Role == ChatRole.System)
        {
            yield return new SystemChatMessage(message.Text);
        }
        else if (message.Role == ChatRole.Assistant)
        {
            if (Said(message) is { } said)
            {
                yield return said;
            }
        }
        else
        {
            // Results answer the calls before them; what the user says comes after.
            foreach (var result in message.Contents.OfType<FunctionResultContent>())
            {
                yield return new ToolChatMessage(result.CallId, result.Exception is null ? AsText(result.Result) : $"Error: {AsText(result.Result)}");
            }
            List<ChatMessageContentPart> parts = [.. message.Contents.Select(Part).OfType<ChatMessageContentPart>()];
            if (parts.Count > 0)
            {
                yield return new UserChatMessage(parts);
            }
        }
    }

    private static AssistantChatMessage? Said(Microsoft.Extensions.AI.ChatMessage message)
    {
        List<ChatToolCall> calls = [.. message.Contents.OfType<FunctionCallContent>().Select(Call)];
        if (calls.Count == 0)
        {
            return message.Text.Length > 0 ? new AssistantChatMessage(message.Text) : null;
        }
        var said = new AssistantChatMessage(calls);
        if (message.Text.Length > 0)
        {
            said.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
        }
        return said;
    }

    private static ChatToolCall Call(FunctionCallContent call)
    {
        var written = ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, BinaryData.FromString(JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>())));
        if (call.AdditionalProperties is { } properties && properties.TryGetValue(OpenAiAnswer.Extra, out var extra) && extra is string json)
        {
            OpenAiAnswer.Return(written, json);
        }
        return written;
    }

    private static ChatMessageContentPart? Part(AIContent content) => content switch
    {
        TextContent { Text.Length: > 0 } text => ChatMessageContentPart.CreateTextPart(text.Text),
        DataContent data when data.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(data.Data), data.MediaType),
        UriContent uri when uri.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(uri.Uri),
        _ => null,
    };

    private static string AsText(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        IEnumerable<AIContent> contents => string.Concat(contents.OfType<TextContent>().Select(content => content.Text)),
        _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions),
    };
}
