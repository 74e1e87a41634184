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
        return Array.Find(refused, name => call.Body.TryGetProperty(name, out _));
    }

    internal async Task ServeAsync(Call call)
    {
        var prompt = Read(call);
        var answer = answering.To(prompt, call.Fault);
        var input = prompt.Blocks.Sum(block => Words.Tokens(block.Text));
        var usage = new JsonObject
        {
            ["prompt_tokens"] = input, ["completion_tokens"] = answer.Tokens, ["total_tokens"] = input + answer.Tokens,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = cache.Automatic(call.Scope, prompt.Blocks), ["audio_tokens"] = 0 },
            ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = Words.Tokens(answer.Thought ?? ""), ["audio_tokens"] = 0 },
        };
        if (call.Body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True)
        {
            await StreamAsync(call, answer, usage);
            return;
        }
        var message = new JsonObject { ["role"] = "assistant", ["content"] = answer.Text.Length > 0 ? answer.Text : null, ["refusal"] = null };
        if (answer.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. answer.Calls.Select((tool, i) => Tool(i, tool.Name, tool.Arguments, index: false))]);
        }
        await call.JsonAsync(new JsonObject
        {
            ["id"] = "chatcmpl-double", ["object"] = "chat.completion", ["created"] = call.World.Time.GetUtcNow().ToUnixTimeSeconds(), ["model"] = call.Model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = End(answer), ["logprobs"] = null }), ["usage"] = usage,
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
        // The arguments of all calls come a piece of each at a time.
        foreach (var (i, (name, arguments)) in answer.Calls.Index())
        {
            await pieces.PieceAsync(null, Chunk(call, new JsonObject { ["tool_calls"] = new JsonArray(Tool(i, name, arguments[..(arguments.Length / 2)], index: true)) }));
        }
        foreach (var (i, (_, arguments)) in answer.Calls.Index())
        {
            var rest = new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = arguments[(arguments.Length / 2)..] } };
            await pieces.PieceAsync(null, Chunk(call, new JsonObject { ["tool_calls"] = new JsonArray(rest) }));
        }
        await pieces.FrameAsync(null, Chunk(call, [], End(answer)));
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

    private static JsonObject Tool(int i, string name, string arguments, bool index)
    {
        var call = new JsonObject { ["id"] = $"call_{i + 1}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments } };
        if (index)
        {
            call["index"] = i;
        }
        return call;
    }

    private static string End(Answer answer) => answer.End switch { "length" => "length", "tools" => "tool_calls", "filter" => "content_filter", _ => "stop" };

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
