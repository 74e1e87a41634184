using Parley.Knowledge.Readers;

namespace Parley.Knowledge.Sources;

/// <summary>What a source's fields must be.</summary>
internal static class SourceFields
{
    internal const int MaxName = 200;

    internal static Dictionary<string, string[]> Check(string? name, string? audience, string? language, bool nameRequired)
    {
        var invalid = new Dictionary<string, string[]>();
        if (name is null ? nameRequired : string.IsNullOrWhiteSpace(name) || name.Trim().Length > MaxName || name.Any(char.IsControl))
            invalid["name"] = [$"Give 1 to {MaxName} printable characters."];
        if (audience is not (null or "public" or "customers" or "internal"))
            invalid["audience"] = ["Give public, customers or internal."];
        if (language is { Length: > 0 } && LanguageTag.Parse(language) is null)
            invalid["language"] = ["Give a language tag such as en or pt-BR."];
        return invalid;
    }
}
