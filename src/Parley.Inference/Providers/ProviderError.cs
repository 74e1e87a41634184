using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Parley.Inference.Providers;

/// <summary>
/// What may be kept of a provider's error: short names from fixed places, never its sentences. <see cref="SaysTooLong"/> and
/// <see cref="SaysNoCredit"/> are read off the sentences, because some providers say it nowhere else.
/// </summary>
internal sealed partial record ProviderError(IReadOnlyList<string> Names, bool SaysTooLong, bool SaysNoCredit)
{
    private static readonly string[] NameFields = ["type", "code", "param", "error_type", "status"];

    internal bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>For a message: <c> (invalid_request_error, temperature)</c>, or nothing.</summary>
    internal string Suffix => Names.Count > 0 ? $" ({string.Join(", ", Names)})" : "";

    internal static ProviderError Read(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        List<string> names = [];
        try
        {
            using var json = JsonDocument.Parse(body);
            // Google wraps its errors in a list.
            var root = json.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : json.RootElement;
            Collect(root, names);
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var inner))
            {
                Collect(inner, names);
            }
        }
        catch (JsonException)
        {
            // A page of a proxy, or nothing.
        }
        return new ProviderError([.. names.Where(name => name != "error").Distinct()], TooLong().IsMatch(text), NoCredit().IsMatch(text));
    }

    private static void Collect(JsonElement from, List<string> names)
    {
        if (from.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        foreach (var field in NameFields)
        {
            if (from.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } name && Name().IsMatch(name))
            {
                names.Add(name);
            }
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.\[\]]{1,63}$")]
    private static partial Regex Name();

    [GeneratedRegex(@"prompt is too long|context_length_exceeded|maximum context length|context (window|length)|too many (input )?tokens|input is too long|must have less than \d+ tokens|exceed\w* .{0,40}tokens?", RegexOptions.IgnoreCase)]
    private static partial Regex TooLong();

    [GeneratedRegex(@"insufficient_quota|credit balance|billing|payment", RegexOptions.IgnoreCase)]
    private static partial Regex NoCredit();
}
