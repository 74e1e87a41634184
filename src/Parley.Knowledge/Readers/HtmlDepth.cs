using System.Collections.Frozen;

namespace Parley.Knowledge.Readers;

/// <summary>Estimates how deep a page nests before it is parsed: the parser's time grows with the square of the depth.</summary>
internal static class HtmlDepth
{
    private static readonly FrozenSet<string> NotNesting = (
        "area base br col embed hr img input link meta source track wbr p li dt dd option optgroup tr td th thead tbody tfoot colgroup caption rp rt html head body").Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    internal static bool Exceeds(string html, int limit)
    {
        var names = NotNesting.GetAlternateLookup<ReadOnlySpan<char>>();
        var depth = 0;
        for (var i = html.IndexOf('<', StringComparison.Ordinal); i >= 0 && i + 1 < html.Length; i = html.IndexOf('<', i + 1))
        {
            var closing = html[i + 1] == '/';
            var start = i + (closing ? 2 : 1);
            var end = start;
            while (end < html.Length && char.IsAsciiLetterOrDigit(html[end]))
                end++;
            if (end == start || names.Contains(html.AsSpan(start, end - start)))
                continue;
            depth = Math.Max(0, depth + (closing ? -1 : 1));
            if (depth > limit)
                return true;
        }
        return false;
    }
}
