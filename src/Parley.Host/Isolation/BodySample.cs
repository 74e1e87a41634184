using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Parley.Host.Isolation;

/// <summary>Makes a request body from its type: a plausible value for each property by its type and name, and a slot for each id.</summary>
internal sealed class BodySample(JsonSerializerOptions json, string pattern, List<Slot> slots, List<string> unknown)
{
    private const int MaxDepth = 5;

    /// <summary>Replaced at each use: by the own canary, by an address and by a text that are used once.</summary>
    internal const string CanaryMark = "§canary§", EmailMark = "§email§", UniqueMark = "§unique§";

    internal JsonNode? Of(Type type) => Value(type, "", "", 0);

    private JsonNode? Value(Type given, string name, string path, int depth)
    {
        var type = Nullable.GetUnderlyingType(given) ?? given;
        if (type == typeof(Guid))
        {
            AddSlot(Kinds.OfId(name, pattern), known: false, path, many: false);
            return null;
        }
        if (type == typeof(string))
        {
            var (kind, known) = Kinds.OfText(name);
            AddSlot(kind, known, path, many: false);
            return kind is null ? Text(name) : null;
        }
        return type == typeof(bool) ? JsonValue.Create(true)
            : type.IsEnum ? JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(0), type, json)
            : type == typeof(DateTimeOffset) || type == typeof(DateTime) ? null
            : type.IsPrimitive || type == typeof(decimal) ? JsonValue.Create(1)
            : depth >= MaxDepth ? null
            : Complex(type, name, path, depth);
    }

    private JsonNode? Complex(Type type, string name, string path, int depth)
    {
        var info = json.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Object)
        {
            var result = new JsonObject();
            // What is only computed is not read from a request.
            foreach (var property in info.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null))
            {
                result[property.Name] = Value(property.PropertyType, property.Name, path.Length == 0 ? property.Name : $"{path}.{property.Name}", depth + 1);
            }
            return result;
        }
        if (info.Kind == JsonTypeInfoKind.Dictionary)
        {
            return new JsonObject();
        }
        if (info.Kind != JsonTypeInfoKind.Enumerable || info.ElementType is not { } element)
        {
            return null;
        }
        if ((Nullable.GetUnderlyingType(element) ?? element) == typeof(Guid))
        {
            AddSlot(Kinds.OfId(name, pattern), known: false, path, many: true);
            return new JsonArray();
        }
        return element == typeof(string) ? new JsonArray(Text(name)) : new JsonArray();
    }

    private void AddSlot(string? kind, bool known, string path, bool many)
    {
        if (kind is not null)
        {
            slots.Add(new Slot(SlotPlace.Body, path, kind, many));
        }
        else if (!known)
        {
            unknown.Add(path);
        }
    }

    /// <summary>What a field of that name usually takes.</summary>
    private static JsonValue Text(string name) => JsonValue.Create(name switch
    {
        "email" => EmailMark,
        "clientId" or "externalId" => UniqueMark,
        "role" => "viewer",
        "scopes" => "members:read",
        "locale" or "language" => "en",
        "audience" or "audiences" => "public",
        "position" => "start",
        "mode" => "partial",
        "kind" => "upload",
        "visibility" => "note",
        "color" => "#123456",
        "allowedOrigins" => "https://example.com",
        "url" => "https://example.com/",
        _ => CanaryMark,
    });
}
