using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary>How commands call the instance's API: what it refuses becomes the command's one line.</summary>
internal static class ApiCalls
{
    /// <exception cref="CommandException">The instance refused.</exception>
    internal static async Task<JsonObject> SendAsync(this HttpClient http, HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Web) };
        using var response = await http.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        var json = text.Length > 0 && response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" ? JsonNode.Parse(text) as JsonObject : null;
        if (response.IsSuccessStatusCode)
            return json ?? [];
        var fields = (json?["errors"] as JsonObject)?.SelectMany(f => (f.Value as JsonArray ?? []).Select(m => $"{f.Key}: {m}")).ToList() ?? [];
        throw new CommandException(fields.Count > 0 ? string.Join(" ", fields) : json.Text("title") ?? $"The instance answered {(int)response.StatusCode}.");
    }

    /// <summary>All items of a list, page by page.</summary>
    /// <param name="http">The instance.</param>
    /// <param name="path">The list.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="cursor">What the list calls the position after which to go on.</param>
    internal static async Task<List<JsonObject>> AllAsync(this HttpClient http, string path, CancellationToken ct, string cursor = "cursor")
    {
        var items = new List<JsonObject>();
        string? next = null;
        do
        {
            var part = await http.SendAsync(HttpMethod.Get, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{(next is null ? "" : $"&{cursor}={Uri.EscapeDataString(next)}")}", null, ct);
            items.AddRange((part["items"] as JsonArray ?? []).OfType<JsonObject>());
            next = part.Text("next");
        }
        while (next is not null);
        return items;
    }

    internal static string? Text(this JsonObject? json, string name) => json?[name]?.ToString();

    internal static int Number(this JsonObject json, string name) => json[name]?.GetValue<int>() ?? 0;

    /// <summary>A moment as a person reads it; a dash where there is none.</summary>
    internal static string Time(this JsonObject? json, string name) => json?[name] is { } at ? at.GetValue<DateTimeOffset>().ToString("yyyy-MM-dd HH:mm", null) : "-";

    /// <summary>One JSON document, or the lines.</summary>
    internal static async Task<int> PrintAsync(this CommandContext context, string name, IReadOnlyCollection<JsonObject> items, Func<JsonObject, string> line, string nothing)
    {
        if (context.Json)
        {
            await context.Out.WriteLineAsync(new JsonObject { [name] = new JsonArray([.. items.Select(i => i.DeepClone())]) }.ToJsonString());
            return 0;
        }
        foreach (var item in items)
            await context.Out.WriteLineAsync(line(item));
        if (items.Count == 0)
            await context.Out.WriteLineAsync(nothing);
        return 0;
    }

    /// <summary>The thing as one JSON document, or a line about it.</summary>
    internal static async Task<int> PrintAsync(this CommandContext context, JsonObject item, string line)
    {
        await context.Out.WriteLineAsync(context.Json ? item.ToJsonString() : line);
        return 0;
    }
}
