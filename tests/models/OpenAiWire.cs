using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Testkit.Models;

/// <summary>OpenAI's chat completions: POST /v1/chat/completions, streamed or not.</summary>
/// <remarks>https://developers.openai.com/api/reference/resources/chat · https://developers.openai.com/api/docs/guides/error-codes</remarks>
internal sealed class OpenAiWire(Answering answering, PromptCache cache)
{
    internal static JsonNode Error(int status, string message, string? param = null, string? code = null) => new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["message"] = message,
            ["type"] = code == "insufficient_quota" ? code : status switch { 401 => "authentication_error", 429 => "rate_limit_error", >= 500 => "server_error", _ => "invalid_request_error" },
            ["param"] = param,
            ["code"] = code ?? status switch { 401 => "invalid_api_key", 404 => "model_not_found", 429 => "rate_limit_exceeded", _ => null },
        },
    };

    /// <summary>A parameter that the named model does not take; null: none.</summary>
    internal static string? Refuses(Call call)
    {
        var model = call.Model;
        string[] refused =
        [
            .. model.Contains("fixed", StringComparison.Ordinal) ? ["temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty"] : Array.Empty<string>(),
            .. model.Contains("plain", StringComparison.Ordinal) ? ["tools", "reasoning_effort", "response_format"] : Array.Empty<string>(),
            .. model.Contains("gpt", StringComparison.Ordinal) ? ["max_tokens"] : new[] { "max_completion_tokens" },
        ];
        return LacksSignature(call) ? "messages without extra_content" : Array.Find(refused, name => call.Body.TryGetProperty(name, out _));
    }

    /// <summary>A whole answer, billed.</summary>
    internal JsonObject Whole(Call call)
    {
        var (answer, usage) = Ask(call);
        var message = new JsonObject { ["role"] = "assistant", ["content"] = answer.Text.Length > 0 ? answer.Text : null, ["refusal"] = null };
        if (answer.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. answer.Calls.Select((tool, i) => Tool(call, i, tool.Name, tool.Arguments, index: false))]);
        }
        return new JsonObject
        {
            ["id"] = "chatcmpl-double", ["object"] = "chat.completion", ["created"] = call.World.Time.GetUtcNow().ToUnixTimeSeconds(), ["model"] = call.Model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = End(call, answer), ["logprobs"] = null }), ["usage"] = usage,
        };
    }

    internal async Task ServeAsync(Call call)
    {
        if (!call.Body.TryGetProperty("stream", out var stream) || stream.ValueKind != JsonValueKind.True)
        {
            await call.JsonAsync(Whole(call));
            return;
        }
        var (answer, usage) = Ask(call);
        await StreamAsync(call, answer, usage);
    }

    private (Answer Answer, JsonObject Usage) Ask(Call call)
    {
        var prompt = Read(call);
        var answer = answering.To(prompt, call.Fault);
        var input = prompt.Blocks.Sum(block => Words.Tokens(block.Text));
        var read = cache.Automatic(call.Scope, prompt.Blocks);
        // Writing is billed since GPT-5.6; models of other makers do not say it.
        var written = call.Model.Contains("gpt", StringComparison.Ordinal) && input >= 1024 ? Math.Max(0, (input / 128 * 128) - read) : 0;
        call.World.Bill(call.BillKey, new Billed { Input = input - read - written, CachedRead = read, CacheWrite = written, Output = answer.Tokens });
        return (answer, new JsonObject
        {
            ["prompt_tokens"] = input, ["completion_tokens"] = answer.Tokens, ["total_tokens"] = input + answer.Tokens,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = read, ["cache_write_tokens"] = written, ["audio_tokens"] = 0 },
            ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = Words.Tokens(answer.Thought ?? ""), ["audio_tokens"] = 0 },
        });
    }

    private static async Task StreamAsync(Call call, Answer answer, JsonObject usage)
    {
        var pieces = new Pieces(call, () => $"data: {Error(500, "The server had an error").ToJsonString()}\n\n");
        await pieces.OpenAsync();
        await pieces.FrameAsync(null, Chunk(call, new JsonObject { ["role"] = "assistant", ["content"] = "" }));
        foreach (var piece in InPieces.Of(answer.Text))
        {
            await pieces.PieceAsync(null, Chunk(call, new JsonObject { ["content"] = piece }));
        }
        // The arguments of all calls come a piece of each at a time, except where each call comes whole.
        foreach (var (i, (name, arguments)) in answer.Calls.Index())
        {
            await pieces.PieceAsync(null, Chunk(call, new JsonObject { ["tool_calls"] = new JsonArray(Tool(call, i, name, IsGemini(call) ? arguments : arguments[..(arguments.Length / 2)], index: true)) }));
        }
        foreach (var (i, (_, arguments)) in IsGemini(call) ? [] : answer.Calls.Index())
        {
            var rest = new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = arguments[(arguments.Length / 2)..] } };
            await pieces.PieceAsync(null, Chunk(call, new JsonObject { ["tool_calls"] = new JsonArray(rest) }));
        }
        await pieces.FrameAsync(null, Chunk(call, [], End(call, answer)));
        if (call.Body.TryGetProperty("stream_options", out var options) && options.TryGetProperty("include_usage", out var include) && include.ValueKind == JsonValueKind.True)
        {
            var last = Chunk(call, []);
            last["choices"] = new JsonArray();
            last["usage"] = usage;
            await pieces.FrameAsync(null, last);
        }
        await pieces.LastAsync("data: [DONE]\n\n");
    }

    private static JsonObject Chunk(Call call, JsonObject delta, string? end = null) => new()
    {
        ["id"] = "chatcmpl-double", ["object"] = "chat.completion.chunk", ["created"] = call.World.Time.GetUtcNow().ToUnixTimeSeconds(), ["model"] = call.Model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = end, ["logprobs"] = null }),
    };

    private static JsonObject Tool(Call call, int i, string name, string arguments, bool index)
    {
        var tool = new JsonObject { ["id"] = $"call_{i + 1}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments } };
        if (index)
        {
            tool["index"] = IsGemini(call) ? 0 : i;
        }
        if (IsGemini(call))
        {
            tool["extra_content"] = new JsonObject { ["google"] = new JsonObject { ["thought_signature"] = $"signature {i + 1}" } };
        }
        return tool;
    }

    /// <summary>
    /// Google's compatible endpoint is not quite like OpenAI's: calls of one answer share an index, it ends with "stop", and each call has a signature that must
    /// come back with its result.
    /// </summary>
    /// <remarks>https://ai.google.dev/gemini-api/docs/openai · https://ai.google.dev/gemini-api/docs/thought-signatures</remarks>
    private static bool IsGemini(Call call) => call.Model.Contains("gemini", StringComparison.Ordinal);

    private static bool LacksSignature(Call call) => IsGemini(call) && call.Body.GetProperty("messages").EnumerateArray()
        .Any(message => message.TryGetProperty("tool_calls", out var tools) && tools.EnumerateArray().Any(tool => !tool.TryGetProperty("extra_content", out _)));

    private static string End(Call call, Answer answer) =>
        answer.End switch { "length" => "length", "tools" => IsGemini(call) ? "stop" : "tool_calls", "filter" => "content_filter", _ => "stop" };

    private static Prompt Read(Call call)
    {
        var body = call.Body;
        List<JsonElement> tools = [.. body.TryGetProperty("tools", out var given) ? given.EnumerateArray() : []];
        List<Turn> turns = [];
        List<(string, bool)> blocks = [.. tools.Select(tool => (tool.GetRawText(), false))];
        foreach (var message in body.GetProperty("messages").EnumerateArray())
        {
            blocks.Add((message.GetRawText(), false));
            var role = message.GetProperty("role").GetString()!;
            List<JsonElement> parts = !message.TryGetProperty("content", out var content) ? [] : content.ValueKind == JsonValueKind.Array ? [.. content.EnumerateArray()] : [content];
            var text = string.Join("\n", parts.Select(Text).Where(part => part.Length > 0));
            turns.Add(role == "tool"
                ? new Turn(role, "") { Results = [.. turns is [.., { Role: "tool" } before] ? before.Results : [], text] }
                : new Turn(role is "developer" ? "system" : role, text) { Images = [.. parts.Where(IsImage).Select(ImageOf)] });
        }
        var choice = body.TryGetProperty("tool_choice", out var chosen) ? chosen : default;
        return new Prompt
        {
            Model = call.Model, Turns = turns, Blocks = blocks, Tools = [.. tools.Select(tool => new Tool(tool.GetProperty("function").GetProperty("name").GetString()!))],
            ToolChoice = choice.ValueKind == JsonValueKind.Object ? choice.GetProperty("function").GetProperty("name").GetString()!
                : choice.ValueKind == JsonValueKind.String ? choice.GetString() switch { "required" => "any", var other => other! } : "auto",
            MayCallSeveral = !body.TryGetProperty("parallel_tool_calls", out var several) || several.ValueKind != JsonValueKind.False,
            Thinks = body.TryGetProperty("reasoning_effort", out var effort) && effort.GetString() != "none",
            MaxTokens = body.TryGetProperty("max_completion_tokens", out var max) || body.TryGetProperty("max_tokens", out max) ? max.GetInt32() : int.MaxValue,
            Schema = body.TryGetProperty("response_format", out var format) && format.TryGetProperty("json_schema", out var schema) ? schema.GetProperty("schema") : null,
        };
    }

    private static string Text(JsonElement part) =>
        part.ValueKind == JsonValueKind.String ? part.GetString()! : part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) ? text.GetString()! : "";

    private static bool IsImage(JsonElement part) => part.ValueKind == JsonValueKind.Object && part.GetProperty("type").GetString() == "image_url";

    private static Image ImageOf(JsonElement part)
    {
        var url = part.GetProperty("image_url").GetProperty("url").GetString()!;
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        return url.StartsWith("data:", StringComparison.Ordinal) ? new Image(url[5..url.IndexOf(';', StringComparison.Ordinal)], Convert.FromBase64String(url[(comma + 1)..]).Length) : new Image("image", 0);
    }
}
