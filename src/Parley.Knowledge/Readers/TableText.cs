namespace Parley.Knowledge.Readers;

/// <summary>Renders a table as Markdown: its head is the first unit, each row another.</summary>
internal static class TableText
{
    internal static List<BlockUnit> Units(IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows, int columns)
    {
        if (columns == 0)
            return [];
        var rule = "|" + string.Concat(Enumerable.Repeat(" --- |", columns));
        var units = new List<BlockUnit> { new(Row(head, columns) + "\n" + rule, Verbatim: true) };
        units.AddRange(rows.Select(r => new BlockUnit(Row(r, columns), Verbatim: true)));
        return units;
    }

    private static string Row(IEnumerable<string> cells, int columns)
    {
        var texts = cells.Select(c => TextNormal.OneLine(c).Replace("\\|", "|", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal)).ToList();
        while (texts.Count < columns)
            texts.Add("");
        return "| " + string.Join(" | ", texts) + " |";
    }
}
