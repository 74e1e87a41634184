using System.Text;
using Parley.Inference;

namespace Parley.Knowledge.Chunking;

/// <summary>Packs pieces into runs below a cap, ending each where it hurts least and making them about equally long.</summary>
internal static class Packer
{
    /// <summary>A run shorter than this share of its fair length is only taken where nothing else can be.</summary>
    private const double LeastFill = .55;

    private const int LeadInCost = 3;

    internal static List<Range> Pack(IReadOnlyList<Atom> atoms, int cap)
    {
        var runs = new List<Range>();
        var rest = atoms.Sum(a => a.Tokens);
        for (var start = 0; start < atoms.Count;)
        {
            var end = Next(atoms, start, cap, rest);
            runs.Add(start..end);
            for (; start < end; start++)
                rest -= atoms[start].Tokens;
        }
        return runs;
    }

    /// <summary>The text of a run. The head of a cut table is repeated, the indentation of a cut list item goes.</summary>
    internal static string Join(IReadOnlyList<Atom> atoms, Range run)
    {
        var (start, length) = run.GetOffsetAndLength(atoms.Count);
        var text = new StringBuilder();
        if (atoms[start].Head is { } head)
            text.Append(head).Append('\n');
        for (var i = start; i < start + length; i++)
        {
            if (i > start)
                text.Append(atoms[i].Separator);
            text.Append(atoms[i].Text);
        }
        return Outdented(text.ToString()).TrimEnd();
    }

    private static int Next(IReadOnlyList<Atom> atoms, int start, int cap, int rest)
    {
        var fair = rest / Math.Max(1d, Math.Ceiling(rest / (double)cap));
        var (best, bestCost, tokens) = (start + 1, double.MaxValue, 0);
        for (var end = start + 1; end <= atoms.Count; end++)
        {
            tokens += atoms[end - 1].Tokens + 1;
            if (end > start + 1 && Exceeds(atoms, start, end, cap, tokens))
                break;
            if (end == atoms.Count)
                return end;
            var cost = Cost(atoms, end, tokens / fair);
            if (cost <= bestCost)
                (best, bestCost) = (end, cost);
        }
        return best;
    }

    private static double Cost(IReadOnlyList<Atom> atoms, int end, double fill)
    {
        var cost = atoms[end].BreakCost + (atoms[end - 1].LeadsIn ? LeadInCost : 0);
        return fill < LeastFill ? 10 + cost - fill : cost + Math.Abs(1 - fill);
    }

    /// <summary>The sum of parts is near the count of the whole: only where it is close is the whole counted.</summary>
    private static bool Exceeds(IReadOnlyList<Atom> atoms, int start, int end, int cap, int sum)
    {
        if (sum < cap * .8 && atoms[start].Head is null)
            return false;
        return sum > cap * 1.5 || TokenEstimate.Count(Join(atoms, start..end)) > cap;
    }

    private static string Outdented(string text)
    {
        var indent = text.AsSpan().IndexOfAnyExcept(' ');
        if (indent <= 0)
            return text;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var spaces = Math.Max(0, lines[i].AsSpan().IndexOfAnyExcept(' '));
            lines[i] = lines[i][Math.Min(indent, spaces)..];
        }
        return string.Join('\n', lines);
    }
}
