using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Testkit.Models;

/// <summary>Anthropic's Messages API: POST /v1/messages, streamed or not.</summary>
/// <remarks>https://platform.claude.com/docs/en/api/messages · https://platform.claude.com/docs/en/build-with-claude/streaming · https://platform.claude.com/docs/en/api/errors</remarks>
internal sealed class AnthropicWire(Answering answering, PromptCache cache)
{
    /// <remarks>https://platform.claude.com/docs/en/api/versioning</remarks>
    private const string Version = "2026-10-21";

    internal static JsonNode Error(int status, string message) => new JsonObject
    {
        ["type"] = "error",
        ["error"] = new JsonObject
        {
            ["type"] = status switch
            {
                401 => "authentication_error", 403 => "permission_error", 404 => "not_found_error", 413 => "request_too_large", 429 => "rate_limit_error",
                529 => "overloaded_error", >= 500 => "api_error", _ => "invalid_request_error",
            },
            ["message"] = message,
        },
        ["request_id"] = "req_double",
    };

    /// <summary>A parameter that is refused; null: none. Sampling parameters are gone since version 2026-10-21 of the API.</summary>
    internal static string? Refuses(Call call)
    {
        string[] refused = ["temperature", "top_p", "top_k", .. call.Model.Contains("plain", StringComparison.Ordinal) ? ["tools", "thinking"] : Array.Empty<string>()];
        return call.Http.Request.Headers["anthropic-version"] != Version ? "anthropic-version"
            : call.Body.TryGetProperty("max_tokens", out _) ? Array.Find(refused, name => call.Body.TryGetProperty(name, out _)) : "max_tokens";
    }

    /// <summary>A whole answer, billed.</summary>
    internal JsonObject Whole(Call call)
    {
        var (answer, usage) = Ask(call);
        usage["output_tokens"] = answer.Tokens;
        return Message(call, [.. Blocks(answer).Select(block => block.Whole)], End(answer), usage);
    }

    internal async Task ServeAsync(Call call)
    {
        if (!call.Body.TryGetProperty("stream", out var stream) || !stream.GetBoolean())
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
        var total = prompt.Blocks.Sum(block => Words.Tokens(block.Text));
        var (read, written) = cache.Marked(call.Scope, prompt.Blocks);
        call.World.Bill(call.BillKey, new Billed { Input = total - read - written, CachedRead = read, CacheWrite = written, Output = answer.Tokens });
        return (answer, new JsonObject
        {
            ["input_tokens"] = total - read - written, ["cache_creation_input_tokens"] = written, ["cache_read_input_tokens"] = read, ["output_tokens"] = 1,
        });
    }

    private static async Task StreamAsync(Call call, Answer answer, JsonObject usage)
    {
        var pieces = new Pieces(call, () => $"event: error\ndata: {Error(529, "Overloaded").ToJsonString()}\n\n");
        await pieces.OpenAsync();
        await pieces.FrameAsync("message_start", new JsonObject { ["type"] = "message_start", ["message"] = Message(call, [], null, usage) });
        await pieces.FrameAsync("ping", new JsonObject { ["type"] = "ping" });
        foreach (var (index, block) in Blocks(answer).Index())
        {
            await pieces.FrameAsync("content_block_start", new JsonObject { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = block.Empty });
            foreach (var delta in block.Deltas)
            {
                await pieces.PieceAsync("content_block_delta", new JsonObject { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta });
            }
            await pieces.FrameAsync("content_block_stop", new JsonObject { ["type"] = "content_block_stop", ["index"] = index });
        }
        await pieces.FrameAsync("message_delta", new JsonObject
        {
            ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = End(answer), ["stop_sequence"] = null }, ["usage"] = new JsonObject { ["output_tokens"] = answer.Tokens },
        });
        await pieces.FrameAsync("message_stop", new JsonObject { ["type"] = "message_stop" });
    }

    private static JsonObject Message(Call call, JsonArray content, string? end, JsonObject usage) => new()
    {
        ["id"] = "msg_double", ["type"] = "message", ["role"] = "assistant", ["model"] = call.Model, ["content"] = content,
        ["stop_reason"] = end, ["stop_sequence"] = null, ["usage"] = usage,
    };

    private static string End(Answer answer) => answer.End switch { "length" => "max_tokens", "tools" => "tool_use", "filter" => "refusal", _ => "end_turn" };

    private static IEnumerable<(JsonNode Whole, JsonNode Empty, IEnumerable<JsonNode> Deltas)> Blocks(Answer answer)
    {
        if (answer.Thought is { } thought)
        {
            yield return (new JsonObject { ["type"] = "thinking", ["thinking"] = thought, ["signature"] = "c2lnbmVk" },
                new JsonObject { ["type"] = "thinking", ["thinking"] = "", ["signature"] = "" },
                [
                    .. InPieces.Of(thought).Select(piece => (JsonNode)new JsonObject { ["type"] = "thinking_delta", ["thinking"] = piece }),
                    new JsonObject { ["type"] = "signature_delta", ["signature"] = "c2lnbmVk" },
                ]);
        }
        if (answer.Text.Length > 0)
        {
            yield return (new JsonObject { ["type"] = "text", ["text"] = answer.Text }, new JsonObject { ["type"] = "text", ["text"] = "" },
                InPieces.Of(answer.Text).Select(piece => (JsonNode)new JsonObject { ["type"] = "text_delta", ["text"] = piece }));
        }
        foreach (var (index, (name, arguments)) in answer.Calls.Index())
        {
            var id = $"toolu_{index + 1}";
            var half = arguments.Length / 2;
            yield return (new JsonObject { ["type"] = "tool_use", ["id"] = id, ["name"] = name, ["input"] = JsonNode.Parse(arguments) },
                new JsonObject { ["type"] = "tool_use", ["id"] = id, ["name"] = name, ["input"] = new JsonObject() },
                new[] { arguments[..half], arguments[half..] }.Select(piece => (JsonNode)new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = piece }));
        }
    }

    private static Prompt Read(Call call)
    {
        var body = call.Body;
        List<(string, bool)> blocks = [];
        List<Tool> tools = [];
        foreach (var tool in Items(body, "tools"))
        {
            tools.Add(new Tool(tool.GetProperty("name").GetString()!));
            blocks.Add(Block("tool", tool));
        }
        foreach (var system in Items(body, "system"))
        {
            blocks.Add(Block("system", system));
        }
        List<Turn> turns = [.. Items(body, "system").Select(block => new Turn("system", Text(block)))];
        foreach (var message in body.GetProperty("messages").EnumerateArray())
        {
            var role = message.GetProperty("role").GetString()!;
            var contents = Items(message, "content").ToList();
            blocks.AddRange(contents.Select(content => Block(role, content)));
            turns.Add(new Turn(role, string.Join("\n", contents.Select(Text).Where(text => text.Length > 0)))
            {
                Images = [.. contents.Where(content => Kind(content) == "image").Select(content => ImageOf(content.GetProperty("source")))],
                Results = [.. contents.Where(content => Kind(content) == "tool_result").Select(content => string.Join(" ", Items(content, "content").Select(Text)))],
            });
        }
        var choice = body.TryGetProperty("tool_choice", out var chosen) ? chosen : default;
        var kind = choice.ValueKind == JsonValueKind.Object ? choice.GetProperty("type").GetString()! : "auto";
        return new Prompt
        {
            Model = call.Model, Turns = turns, Tools = tools, Blocks = blocks,
            ToolChoice = kind == "tool" ? choice.GetProperty("name").GetString()! : kind,
            MayCallSeveral = choice.ValueKind != JsonValueKind.Object || !choice.TryGetProperty("disable_parallel_tool_use", out var off) || off.ValueKind != JsonValueKind.True,
            Thinks = body.TryGetProperty("thinking", out var thinking) && thinking.GetProperty("type").GetString() != "disabled",
            MaxTokens = body.GetProperty("max_tokens").GetInt32(),
            Schema = body.TryGetProperty("output_config", out var output) && output.TryGetProperty("format", out var format) && format.TryGetProperty("schema", out var schema) ? schema : null,
        };
    }

    /// <summary>A list of blocks, or the text that stands for one.</summary>
    private static IEnumerable<JsonElement> Items(JsonElement from, string name) =>
        !from.TryGetProperty(name, out var value) ? [] : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];

    private static string Kind(JsonElement block) => block.ValueKind == JsonValueKind.Object && block.TryGetProperty("type", out var type) ? type.GetString()! : "text";

    private static string Text(JsonElement block) => block.ValueKind == JsonValueKind.String ? block.GetString()! : Kind(block) == "text" ? block.GetProperty("text").GetString()! : "";

    private static (string Text, bool Marked) Block(string role, JsonElement block)
    {
        if (block.ValueKind == JsonValueKind.String)
        {
            return ($"{role}: {block.GetString()}", false);
        }
        var copy = JsonObject.Create(block)!;
        var marked = copy.Remove("cache_control");
        return ($"{role}: {(copy["text"]?.GetValue<string>() ?? copy.ToJsonString())}", marked);
    }

    private static Image ImageOf(JsonElement source) => source.TryGetProperty("data", out var data)
        ? new Image(source.GetProperty("media_type").GetString()!, data.GetBytesFromBase64().Length)
        : new Image("image", 0);
}
