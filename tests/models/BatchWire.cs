using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Parley.Testkit.Models;

/// <summary>Batches as Anthropic and OpenAI have them, with OpenAI's files.</summary>
/// <remarks>
/// https://platform.claude.com/docs/en/api/messages/batches · https://developers.openai.com/api/reference/resources/batches · https://developers.openai.com/api/reference/resources/files
/// </remarks>
internal sealed class BatchWire(BatchDesk desk, ModelsDouble world, Action<string, HttpContext, JsonElement> remember, Func<HttpContext, string?, Fault?> nextFault)
{
    private const string Anthropic = "/anthropic/v1/messages/batches", OpenAi = "/openai/v1/batches", Files = "/openai/v1/files";

    internal void Map(WebApplication app, AnthropicWire anthropic, OpenAiWire openAi)
    {
        (JsonObject?, string?) AskAnthropic(HttpContext http, string key, JsonElement body) => Ask(http, key, body, anthropic.Whole, AnthropicWire.Refuses);
        (JsonObject?, string?) AskOpenAi(HttpContext http, string key, JsonElement body) => Ask(http, key, body, openAi.Whole, OpenAiWire.Refuses);
        var claude = new Side((status, message) => AnthropicWire.Error(status, message), AskAnthropic);
        var gpt = new Side((status, message) => OpenAiWire.Error(status, message), AskOpenAi);
        Route(app, "POST", Anthropic, "create", claude, CreateAnthropicAsync);
        Route(app, "GET", Anthropic, "list", claude, seen => JsonAsync(seen, Page(desk.Batches.Values.Where(batch => batch.Key == seen.Key).OrderByDescending(batch => batch.Id, StringComparer.Ordinal), batch => Standing(batch, seen))));
        Route(app, "GET", Anthropic + "/{id}", "poll", claude, seen => OfAsync(seen, batch => JsonAsync(seen, Standing(batch, seen))));
        Route(app, "POST", Anthropic + "/{id}/cancel", "cancel", claude, seen => OfAsync(seen, batch => { batch.CancelAsked = true; return JsonAsync(seen, Standing(batch, seen)); }));
        Route(app, "DELETE", Anthropic + "/{id}", "delete", claude, seen => OfAsync(seen, batch => DeleteAsync(seen, batch)));
        Route(app, "GET", Anthropic + "/{id}/results", "results", claude, seen => OfAsync(seen, batch => LinesAsync(seen, batch, Lines(batch, AnthropicLine))));
        Route(app, "POST", OpenAi, "create", gpt, CreateOpenAiAsync);
        Route(app, "GET", OpenAi, "list", gpt, seen => JsonAsync(seen, Page(desk.Batches.Values.Where(batch => batch.Key == seen.Key).OrderByDescending(batch => batch.Id, StringComparer.Ordinal), batch => Status(batch, seen))));
        Route(app, "GET", OpenAi + "/{id}", "poll", gpt, seen => OfAsync(seen, batch => JsonAsync(seen, Status(batch, seen))));
        Route(app, "POST", OpenAi + "/{id}/cancel", "cancel", gpt, seen => OfAsync(seen, batch => { batch.CancelAsked = true; return JsonAsync(seen, Status(batch, seen)); }));
        Route(app, "POST", Files, "upload", gpt, UploadAsync);
        Route(app, "GET", Files, "files", gpt, seen => JsonAsync(seen, Page(desk.Files.Values.Where(file => file.Key == seen.Key), FileNode)));
        Route(app, "GET", Files + "/{id}/content", "results", gpt, ContentAsync);
        Route(app, "DELETE", Files + "/{id}", "delete", gpt, seen =>
            desk.Files.TryRemove(Id(seen), out _) ? JsonAsync(seen, new JsonObject { ["id"] = Id(seen), ["object"] = "file", ["deleted"] = true }) : FailAsync(seen, 404, "No such file."));
    }

    private (JsonObject? Answer, string? Error) Ask(HttpContext http, string key, JsonElement body, Func<Call, JsonObject> whole, Func<Call, string?> refuses)
    {
        var named = body.GetProperty("model").GetString()!.Split('!', 2);
        var fault = named.Length > 1 ? Fault.Parse(named[1]) : null;
        var call = new Call(http, body, key, named[0], fault, world, batch: true);
        return call.Model.StartsWith("missing", StringComparison.Ordinal) ? (null, "not_found_error") : refuses(call) is not null ? (null, "invalid_request_error") : (whole(call), null);
    }

    private void Route(WebApplication app, string method, string path, string what, Side side, Func<Seen, Task> serve) => app.MapMethods(path, [method], async (HttpContext http) =>
    {
        var fault = nextFault(http, null);
        var seen = new Seen(http, ModelsDouble.KeyOf(http), fault, side, await BodyAsync(http));
        remember(http.Request.Path, http, seen.Body);
        if (fault is not null && Fault.Statuses.TryGetValue(fault.Name, out var status))
        {
            await FailAsync(seen, status, "It fails as told.");
        }
        else if (seen.Key.Length == 0)
        {
            await FailAsync(seen, 401, "No key.");
        }
        else if (desk.FailsFirst(seen.Key, what, fault) is { } first)
        {
            await FailAsync(seen, first, "The first one fails as told.");
        }
        else
        {
            await serve(seen);
        }
    });

    private static async Task<JsonElement> BodyAsync(HttpContext http)
    {
        if (http.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            return JsonDocument.Parse("{}").RootElement;
        }
        return (await JsonDocument.ParseAsync(http.Request.Body)).RootElement;
    }

    private async Task CreateAnthropicAsync(Seen seen)
    {
        var requests = seen.Body.GetProperty("requests").EnumerateArray().Select(each => (each.GetProperty("custom_id").GetString()!, each.GetProperty("params"))).ToList();
        await CreatedAsync(seen, new DoubleBatch(desk.NextId("msgbatch"), seen.Key, requests, seen.Fault, world.Time.GetUtcNow()), batch => Standing(batch, seen));
    }

    private async Task CreateOpenAiAsync(Seen seen)
    {
        var input = seen.Body.GetProperty("input_file_id").GetString()!;
        if (!desk.Files.TryGetValue(input, out var file) || file.Key != seen.Key || seen.Body.GetProperty("endpoint").GetString() != "/v1/chat/completions" || seen.Body.GetProperty("completion_window").GetString() != "24h")
        {
            await FailAsync(seen, 400, "No such file, endpoint or window.");
            return;
        }
        var requests = file.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (line.GetProperty("custom_id").GetString()!, line.GetProperty("body"))).ToList();
        var metadata = seen.Body.TryGetProperty("metadata", out var given) ? JsonNode.Parse(given.GetRawText()) : null;
        await CreatedAsync(seen, new DoubleBatch(desk.NextId("batch"), seen.Key, requests, seen.Fault, world.Time.GetUtcNow()) { InputFile = input, Metadata = metadata }, batch => Status(batch, seen));
    }

    private async Task CreatedAsync(Seen seen, DoubleBatch batch, Func<DoubleBatch, JsonNode> shown)
    {
        if (batch.Requests.Select(each => each.CustomId).Distinct().Count() != batch.Requests.Count)
        {
            await FailAsync(seen, 400, "custom_id must be unique.");
            return;
        }
        desk.Add(batch);
        await (batch.Setting("lost") > 0 && desk.MadeBy(seen.Key) == 1 ? FailAsync(seen, 500, "It was made all the same.") : JsonAsync(seen, shown(batch)));
    }

    private static JsonObject Standing(DoubleBatch batch, Seen seen)
    {
        var ended = seen.Http.Request.Method == "GET" && batch.Look(body => seen.Side.Ask(seen.Http, seen.Key, body));
        int Count(string kind) => batch.Results?.Count(result => result.Kind == kind) ?? 0;
        return new JsonObject
        {
            ["id"] = batch.Id, ["type"] = "message_batch", ["processing_status"] = ended ? "ended" : batch.CancelAsked ? "canceling" : "in_progress",
            ["request_counts"] = new JsonObject
            {
                ["processing"] = ended ? 0 : batch.Requests.Count, ["succeeded"] = Count("succeeded"), ["errored"] = Count("errored"), ["canceled"] = Count("canceled"), ["expired"] = Count("expired"),
            },
            ["created_at"] = batch.CreatedAt.ToString("O"), ["expires_at"] = batch.CreatedAt.AddHours(24).ToString("O"), ["ended_at"] = null,
            ["results_url"] = ended ? $"https://api.example/v1/messages/batches/{batch.Id}/results" : null,
        };
    }

    private JsonObject Status(DoubleBatch batch, Seen seen)
    {
        var ended = seen.Http.Request.Method == "GET" && batch.Look(body => seen.Side.Ask(seen.Http, seen.Key, body));
        if (ended && batch.OutputFile is null && batch.ErrorFile is null && batch.Results!.Count > 0)
        {
            var lines = Lines(batch, OpenAiLine).ToLookup(line => line.Good, line => line.Text);
            batch.OutputFile = lines[true].Any() ? desk.AddFile(batch.Key, "output.jsonl", string.Join('\n', lines[true])).Id : "";
            batch.ErrorFile = lines[false].Any() ? desk.AddFile(batch.Key, "errors.jsonl", string.Join('\n', lines[false])).Id : "";
        }
        var status = !ended ? batch.CancelAsked ? "cancelling" : batch.Looks <= 1 ? "validating" : "in_progress" : batch.Setting("failed") > 0 ? "failed" : batch.Results!.Any(each => each.Kind == "canceled") ? "cancelled"
            : batch.Results!.Any(each => each.Kind == "expired") ? "expired" : "completed";
        return new JsonObject
        {
            ["id"] = batch.Id, ["object"] = "batch", ["endpoint"] = "/v1/chat/completions", ["completion_window"] = "24h", ["status"] = status, ["input_file_id"] = batch.InputFile,
            ["output_file_id"] = batch.OutputFile is { Length: > 0 } output ? output : null, ["error_file_id"] = batch.ErrorFile is { Length: > 0 } errors ? errors : null, ["created_at"] = batch.CreatedAt.ToUnixTimeSeconds(),
            ["errors"] = status == "failed" ? new JsonObject { ["object"] = "list", ["data"] = new JsonArray(new JsonObject { ["code"] = "invalid_json_line", ["line"] = 1, ["message"] = "Not JSON." }) } : null,
            ["metadata"] = batch.Metadata?.DeepClone(),
        };
    }

    private static (bool Good, string Text) AnthropicLine(DoubleResult result)
    {
        var how = new JsonObject { ["type"] = result.Kind };
        if (result.Kind == "succeeded")
        {
            how["message"] = result.Answer!.DeepClone();
        }
        else if (result.Kind == "errored")
        {
            how["error"] = new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = result.Error, ["message"] = "It failed." } };
        }
        return (true, new JsonObject { ["custom_id"] = result.CustomId, ["result"] = how }.ToJsonString());
    }

    private static (bool Good, string Text) OpenAiLine(DoubleResult result)
    {
        var status = result.Error switch { null => 200, "invalid_request_error" => 400, "not_found_error" => 404, _ => 500 };
        var expired = result.Kind == "expired";
        return (result.Kind == "succeeded", new JsonObject
        {
            ["id"] = "batch_req_1", ["custom_id"] = result.CustomId,
            ["response"] = expired ? null : new JsonObject { ["status_code"] = status, ["request_id"] = "req_double", ["body"] = result.Answer?.DeepClone() ?? OpenAiWire.Error(status, "It failed.") },
            ["error"] = expired ? new JsonObject { ["code"] = "batch_expired", ["message"] = "This request could not be executed before the completion window expired." } : null,
        }.ToJsonString());
    }

    /// <summary>Anthropic says of those that were called off that they were; OpenAI says nothing of them.</summary>
    private static IEnumerable<(bool Good, string Text)> Lines(DoubleBatch batch, Func<DoubleResult, (bool Good, string Text)> write)
    {
        List<(bool, string)> lines = [];
        foreach (var result in batch.Results!.Where(each => !each.Missing && !(each.Kind == "canceled" && batch.InputFile is not null)))
        {
            var (good, text) = write(result);
            lines.Add((good, result.Garbled ? text[..(text.Length / 2)] : text));
            if (batch.Setting("duplicates") > 0)
            {
                lines.Add((good, text));
            }
        }
        if (batch.Setting("unknown") > 0)
        {
            lines.Insert(0, write(new DoubleResult(Guid.CreateVersion7().ToString("N"), "errored") { Error = "api_error" }));
            lines.Insert(0, write(new DoubleResult("somebody-elses", "errored") { Error = "api_error" }));
        }
        if (batch.Setting("shuffled") > 0)
        {
            lines.Reverse();
        }
        return lines;
    }

    private static Task LinesAsync(Seen seen, DoubleBatch batch, IEnumerable<(bool Good, string Text)> lines) => batch.Results is null ? FailAsync(seen, 400, "It has not ended.") : TextAsync(seen, batch, string.Join('\n', lines.Select(line => line.Text)));

    private Task ContentAsync(Seen seen)
    {
        if (!desk.Files.TryGetValue(Id(seen), out var file) || file.Key != seen.Key)
        {
            return FailAsync(seen, 404, "No such file.");
        }
        var batch = desk.Batches.Values.First(each => each.OutputFile == file.Id || each.ErrorFile == file.Id || each.InputFile == file.Id);
        return TextAsync(seen, batch, file.Text);
    }

    private static async Task TextAsync(Seen seen, DoubleBatch batch, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        seen.Http.Response.ContentType = "application/x-jsonl";
        seen.Http.Response.ContentLength = bytes.Length;
        var cut = batch.Reads++ < batch.Setting("cut");
        // A connection that closes before the length it has promised.
        await seen.Http.Response.Body.WriteAsync(cut ? bytes.AsMemory(0, bytes.Length * 2 / 3) : bytes, seen.Http.RequestAborted);
    }

    private async Task UploadAsync(Seen seen)
    {
        var form = await seen.Http.Request.ReadFormAsync();
        if (form["purpose"] != "batch" || form.Files is not [var sent])
        {
            await FailAsync(seen, 400, "purpose and file are wanted.");
            return;
        }
        using var reader = new StreamReader(sent.OpenReadStream());
        await JsonAsync(seen, FileNode(desk.AddFile(seen.Key, sent.FileName, await reader.ReadToEndAsync())));
    }

    private Task DeleteAsync(Seen seen, DoubleBatch batch)
    {
        if (batch.Results is null)
        {
            return FailAsync(seen, 400, "It has not ended.");
        }
        desk.Batches.TryRemove(batch.Id, out _);
        return JsonAsync(seen, new JsonObject { ["id"] = batch.Id, ["type"] = "message_batch_deleted" });
    }

    private Task OfAsync(Seen seen, Func<DoubleBatch, Task> serve) => desk.Batches.TryGetValue(Id(seen), out var batch) && batch.Key == seen.Key ? serve(batch) : FailAsync(seen, 404, "No such batch.");

    private static string Id(Seen seen) => (string)seen.Http.Request.RouteValues["id"]!;

    private static JsonObject FileNode(DoubleFile file) => new() { ["id"] = file.Id, ["object"] = "file", ["bytes"] = file.Text.Length, ["filename"] = file.Name, ["purpose"] = "batch" };

    private static JsonObject Page<T>(IEnumerable<T> items, Func<T, JsonObject> show) => new() { ["object"] = "list", ["data"] = new JsonArray([.. items.Select(each => (JsonNode)show(each))]), ["has_more"] = false };

    private static Task JsonAsync(Seen seen, JsonNode answer, int status = 200)
    {
        seen.Http.Response.StatusCode = status;
        seen.Http.Response.ContentType = "application/json";
        return seen.Http.Response.WriteAsync(answer.ToJsonString(), seen.Http.RequestAborted);
    }

    private static Task FailAsync(Seen seen, int status, string message)
    {
        if (seen.Fault?.Number("retry-after") is { } seconds)
        {
            seen.Http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        return JsonAsync(seen, seen.Side.Error(status, message), status);
    }

    /// <summary>A provider's words and models.</summary>
    private sealed record Side(Func<int, string, JsonNode> Error, Func<HttpContext, string, JsonElement, (JsonObject? Answer, string? Error)> Ask);

    /// <summary>One request.</summary>
    private sealed record Seen(HttpContext Http, string Key, Fault? Fault, Side Side, JsonElement Body);
}
