using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers;

/// <summary>BCP 47 in its short form: language, script or region.</summary>
internal static partial class LanguageTag
{
    internal static string? Parse(string? value) =>
        value?.Trim().Replace('_', '-') is { } tag && Tag().IsMatch(tag) ? tag[..tag.IndexOfOrEnd('-')].ToLowerInvariant() + tag[tag.IndexOfOrEnd('-')..] : null;

    private static int IndexOfOrEnd(this string text, char c) => text.IndexOf(c, StringComparison.Ordinal) is >= 0 and var i ? i : text.Length;

    [GeneratedRegex(@"\A[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
