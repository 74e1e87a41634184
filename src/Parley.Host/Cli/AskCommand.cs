using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley ask "QUESTION"</c>: a playground turn from the command line; it makes no conversation.</summary>
internal static class AskCommand
{
    private static readonly Argument<string> Question = new("QUESTION") { Description = "What a customer would ask" };
    private static readonly Option<string> Models = new("--models") { Description = "on: models that the tenant has chosen may answer (they are paid); off: only the documents' own sentences", DefaultValueFactory = _ => "on" };
    private static readonly string[] Fields = ["outcome", "answer", "confidence", "citations", "language", "tier", "cost", "timingsMs", "traceId"];
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Command Create() => CommandFrame.CreateClient("ask", "Ask the assistant a question as a customer would; makes no conversation", [Question, Models], RunAsync);

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        using var response = await context.Http.PostAsJsonAsync("v1/assistant/ask", new { question = parsed.GetValue(Question), models = UsesModels(parsed.GetValue(Models)) }, ct);
        var answer = await ReadAsync(response, ct);
        if (context.Json)
        {
            var contract = new JsonObject(Fields.Select(field => KeyValuePair.Create(field, answer[field]?.DeepClone())));
            await context.Out.WriteLineAsync(contract.ToJsonString(Indented));
            return 0;
        }
        await context.Out.WriteLineAsync((string?)answer["answer"]);
        await context.Out.WriteLineAsync($"\n{(string?)answer["outcome"]}, confidence {(double?)answer["confidence"] ?? 0:0.00}, {(string?)answer["tier"] ?? "nothing looked up"}, ${(decimal?)answer["cost"] ?? 0:0.#########}");
        var number = 0;
        foreach (var citation in answer["citations"] as JsonArray ?? [])
            await context.Out.WriteLineAsync($"[{++number}] {(string?)citation!["title"]}  {(string?)citation["url"]}".TrimEnd());
        if ((string?)answer["fallback"] is { } fallback)
            await context.Out.WriteLineAsync($"No model's answer: {fallback}");
        foreach (var attempt in answer["attempts"] as JsonArray ?? [])
            await context.Out.WriteLineAsync(Line(attempt!));
        return 0;
    }

    private static bool UsesModels(string? wanted) => wanted switch
    {
        "on" => true,
        "off" => false,
        _ => throw new CommandException($"--models is on or off, not '{wanted}'."),
    };

    private static string Line(JsonNode attempt)
    {
        var (model, confidence, cost) = ((string?)attempt["model"] ?? "nobody", (double?)attempt["confidence"], (decimal?)attempt["cost"]);
        return $"  {(string?)attempt["tier"]} {model}: {(string?)attempt["verdict"]} ({(string?)attempt["because"]})"
            + (confidence is null ? "" : $", confidence {confidence:0.00}") + $", {(long?)attempt["inputTokens"] ?? 0} tokens in ({(long?)attempt["cachedTokens"] ?? 0} cached), {(long?)attempt["outputTokens"] ?? 0} out"
            + (cost is null ? "" : $", ${cost:0.#########}") + $", {(double?)attempt["latencyMs"] ?? 0:0} ms";
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        JsonObject? body = null;
        try { body = await response.Content.ReadFromJsonAsync<JsonObject>(ct); }
        catch (JsonException) { } // a proxy's page
        if (response.IsSuccessStatusCode && body is not null) return body;
        var fields = body?["errors"] as JsonObject;
        throw new CommandException(fields is { Count: > 0 }
            ? string.Join(" ", fields.SelectMany(f => f.Value as JsonArray ?? []).Select(text => (string?)text))
            : (string?)body?["title"] ?? $"The instance answered {(int)response.StatusCode}.");
    }
}
