using System.Globalization;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers.Markup;

/// <summary>The cells of an AsciiDoc table: they flow, and the number of columns makes rows of them.</summary>
internal static partial class AsciiDocTable
{
    private const int MaxColumns = 100;

    internal static List<List<string>> Rows(List<string> lines, string attributes, char separator)
    {
        var (cells, first) = (new List<string>(), 0);
        foreach (var line in lines)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var parts = separator is ',' or ':' ? line.Split(separator).ToList() : Parts(line, separator);
            var isContinued = separator is '|' or '!' && parts[0].Trim().Length > 0;
            // What stands before the first bar goes on with the cell above.
            if (isContinued && cells.Count > 0)
                cells[^1] += "\n" + parts[0].Trim();
            cells.AddRange(parts.Skip(separator is '|' or '!' ? 1 : 0).Select(p => p.Trim()));
            if (first == 0)
                first = cells.Count;
        }
        var columns = Math.Clamp(Columns(attributes) ?? first, 1, MaxColumns);
        return [.. cells.Chunk(columns).Select(row => row.ToList())];
    }

    /// <summary>Bars part cells; a span or style before one ("2+|", "a|") belongs to the bar.</summary>
    private static List<string> Parts(string line, char separator)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != separator || (i > 0 && line[i - 1] == '\\'))
                continue;
            parts.Add(Specifier().Replace(line[start..i], ""));
            start = i + 1;
        }
        parts.Add(line[start..]);
        return parts;
    }

    /// <summary>cols="1,2,3" or cols="3*".</summary>
    private static int? Columns(string attributes)
    {
        if (Cols().Match(attributes) is not { Success: true } match)
            return null;
        var columns = 0;
        foreach (var part in match.Groups["cols"].Value.Split(',', ';'))
        {
            var star = part.IndexOf('*', StringComparison.Ordinal);
            columns += star > 0 && int.TryParse(part.AsSpan(0, star), CultureInfo.InvariantCulture, out var times) ? Math.Min(times, MaxColumns) : 1;
        }
        return columns;
    }

    [GeneratedRegex(@"(?:(?<=\s)|\A)(?:\d{1,3}(?:\.\d{1,3})?[+*])?[<^>]?(?:\.[<^>])?[adehlmsv]?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Specifier();

    [GeneratedRegex(@"cols\s*=\s*""?(?<cols>[^""\]]{1,300})", RegexOptions.CultureInvariant)]
    private static partial Regex Cols();
}
