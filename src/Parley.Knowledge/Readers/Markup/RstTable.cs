namespace Parley.Knowledge.Readers.Markup;

/// <summary>Rows and cells of the tables of reStructuredText.</summary>
internal static class RstTable
{
    /// <summary><c>+---+---+</c>: rows are what stands between two of these lines; a cell of several lines is one cell.</summary>
    internal static List<List<string>> Grid(string[] lines)
    {
        var rows = new List<List<string>>();
        List<string>? row = null;
        foreach (var line in lines)
        {
            if (line[0] == '+')
            {
                if (row is not null)
                    rows.Add(row);
                row = null;
                continue;
            }
            var cells = line.Trim('|').Split('|').Select(c => c.Trim()).ToList();
            row = row is null ? cells : [.. Enumerable.Range(0, Math.Max(row.Count, cells.Count)).Select(i => $"{row.ElementAtOrDefault(i)} {cells.ElementAtOrDefault(i)}".Trim())];
        }
        if (row is not null)
            rows.Add(row);
        return rows;
    }

    /// <summary><c>==== ====</c>: columns stand where the first line has its marks. A row without a first cell goes on with the one above.</summary>
    internal static List<List<string>> Simple(string[] lines, ref int i)
    {
        var columns = Columns(lines[i++]);
        var rows = new List<List<string>>();
        for (var rules = 1; i < lines.Length && rules < 3; i++)
        {
            var line = lines[i];
            if (line.Length > 0 && line.AsSpan().IndexOfAnyExcept("= ") < 0)
            {
                // A head has a rule of its own; without one the second rule is the last.
                rules++;
                if (i + 1 >= lines.Length || lines[i + 1].Length == 0)
                    rules = 3;
                continue;
            }
            if (line.Length == 0 || line.AsSpan().IndexOfAnyExcept("- ") < 0)
                continue;
            var cells = columns.ConvertAll(c => Cell(line, c.Start, c == columns[^1] ? line.Length : c.End));
            if (cells[0].Length == 0 && rows.Count > 0)
                rows[^1] = [.. rows[^1].Zip(cells, (above, below) => $"{above} {below}".Trim())];
            else
                rows.Add(cells);
        }
        return rows;
    }

    /// <summary>A list of lists: <c>* - first</c>, then <c>  - second</c>.</summary>
    internal static List<List<string>> List(string[] lines)
    {
        var rows = new List<List<string>>();
        foreach (var line in lines)
        {
            var text = line.Trim();
            if (line.StartsWith("* -", StringComparison.Ordinal))
                rows.Add([text[3..].Trim()]);
            else if (rows.Count > 0 && text.StartsWith('-'))
                rows[^1].Add(text[1..].Trim());
            else if (rows.Count > 0 && text.Length > 0)
                rows[^1][^1] = $"{rows[^1][^1]} {text}".Trim();
        }
        return rows;
    }

    private static List<(int Start, int End)> Columns(string rule)
    {
        var columns = new List<(int, int)>();
        for (var at = 0; at < rule.Length;)
        {
            if (rule[at] == ' ')
            {
                at++;
                continue;
            }
            var start = at;
            while (at < rule.Length && rule[at] != ' ')
                at++;
            columns.Add((start, at));
        }
        return columns;
    }

    private static string Cell(string line, int start, int end) => start >= line.Length ? "" : line[start..Math.Min(end, line.Length)].Trim();
}
