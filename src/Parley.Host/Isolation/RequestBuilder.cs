using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Parley.Host.Isolation;

/// <summary>Puts values into the places of an endpoint.</summary>
internal static partial class RequestBuilder
{
    private const int PageSize = 1;

    internal static Call Build(EndpointCase endpoint, IReadOnlyDictionary<Slot, string> values, JsonNode? body, Party mine, Recipe recipe)
    {
        var path = Parameter().Replace(endpoint.Pattern, match =>
            values.FirstOrDefault(v => v.Key.Place == SlotPlace.Path && v.Key.Name.Equals(match.Groups["name"].Value, StringComparison.OrdinalIgnoreCase)).Value
            ?? recipe.Texts.GetValueOrDefault(match.Groups["name"].Value, "1"));
        var query = values.Where(v => v.Key.Place == SlotPlace.Query).Select(v => $"{v.Key.Name}={Uri.EscapeDataString(v.Value)}").ToList();
        if (values.Keys.Any(slot => slot.Kind == Kinds.Cursor))
        {
            query.Add(string.Create(CultureInfo.InvariantCulture, $"limit={PageSize}"));
        }
        if (recipe.Query is { } more)
        {
            query.Add(more);
        }
        var headers = ProofClient.OneTimeKey();
        foreach (var (slot, value) in values.Where(v => v.Key.Place == SlotPlace.Header))
        {
            headers[slot.Name] = value;
        }
        return new Call(endpoint.Method, query.Count == 0 ? path : $"{path}?{string.Join('&', query)}")
        {
            Body = Fill(body, values, mine), FileText = endpoint.TakesFiles || recipe.TakesFiles ? mine.Canary : null, Headers = headers,
            ReadFor = recipe.Streams ? TimeSpan.FromSeconds(2.5) : null,
        };
    }

    /// <summary>The path without its query and ids; where a list's cursor is asked for.</summary>
    internal static string PathOf(EndpointCase endpoint, IReadOnlyDictionary<Slot, string> values, Party mine) =>
        Build(endpoint, values.Where(v => v.Key.Place == SlotPlace.Path).ToDictionary(), null, mine, Recipe.None).Path;

    private static JsonNode? Fill(JsonNode? template, IReadOnlyDictionary<Slot, string> values, Party mine)
    {
        if (template is null)
        {
            return null;
        }
        var body = JsonNode.Parse(template.ToJsonString()
            .Replace(Escaped(BodySample.CanaryMark), mine.Canary, StringComparison.Ordinal)
            .Replace(Escaped(BodySample.UniqueMark), Guid.CreateVersion7().ToString("N"), StringComparison.Ordinal)
            .Replace(Escaped(BodySample.EmailMark), mine.NewEmail(), StringComparison.Ordinal))!;
        foreach (var (slot, value) in values.Where(v => v.Key.Place == SlotPlace.Body))
        {
            Set(body, slot.Name.Split('.'), slot.Many ? new JsonArray(value) : JsonValue.Create(value));
        }
        return body;
    }

    private static void Set(JsonNode body, string[] path, JsonNode value)
    {
        foreach (var step in path[..^1])
        {
            if (body[step] is not { } next)
            {
                return; // The recipe left this part out.
            }
            body = next;
        }
        body[path[^1]] = value;
    }

    private static string Escaped(string mark) => JsonValue.Create(mark)!.ToJsonString()[1..^1];

    [GeneratedRegex(@"\{\*{0,2}(?<name>\w+)[^}]*\}")]
    private static partial Regex Parameter();
}
