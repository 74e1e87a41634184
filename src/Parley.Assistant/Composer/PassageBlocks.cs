using System.Text.RegularExpressions;

namespace Parley.Assistant.Composer;

/// <summary>One block of a passage: a span of its text with the spans of its lines.</summary>
internal sealed record PassageBlock(BlockKind Kind, int Start, int End, IReadOnlyList<(int Start, int End)> Items)
{
    internal int Length => End - Start;
}

/// <summary>
/// Cuts a Markdown passage into paragraphs, lists, tables and code, and leaves out what is no answer: front matter, headings, imports,
/// lone tags and images, rules, navigation and "see also" lists.
/// </summary>
internal static partial class PassageBlocks
{
    internal static List<PassageBlock> Parse(string text)
    {
        var lines = Lines(text);
        var blocks = new List<PassageBlock>();
        var i = SkipFrontMatter(text, lines);
        while (i < lines.Count)
        {
            var line = text.AsSpan(lines[i].Start, lines[i].End - lines[i].Start);
            if (line.IsWhiteSpace() || IsFurniture(line))
                i++;
            else if (Fence(line) is { Length: > 0 } fence)
                i = Code(text, lines, i, fence, blocks);
            else if (IsHeading(line))
                i = IsSeeAlso(line) ? NextHeading(text, lines, i + 1) : i + 1;
            else if (IsTableStart(text, lines, i))
                i = Table(text, lines, i, blocks);
            else if (ListItem().IsMatch(line))
                i = List(text, lines, i, blocks);
            else
                i = Paragraph(text, lines, i, blocks);
        }
        blocks.RemoveAll(b => IsNavigation(text, b));
        return blocks;
    }

    private static List<(int Start, int End)> Lines(string text)
    {
        var lines = new List<(int Start, int End)>();
        for (var start = 0; start <= text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0)
                end = text.Length;
            lines.Add((start, end > start && text[end - 1] == '\r' ? end - 1 : end));
            start = end + 1;
        }
        return lines;
    }

    private static ReadOnlySpan<char> Line(string text, (int Start, int End) line) => text.AsSpan(line.Start, line.End - line.Start);

    private static int SkipFrontMatter(string text, List<(int Start, int End)> lines)
    {
        if (!Line(text, lines[0]).TrimEnd().SequenceEqual("---"))
            return 0;
        for (var i = 1; i < lines.Count; i++)
        {
            if (Line(text, lines[i]).TrimEnd().SequenceEqual("---"))
                return i + 1;
        }
        return 0;
    }

    private static int Code(string text, List<(int Start, int End)> lines, int i, string fence, List<PassageBlock> blocks)
    {
        var first = i++;
        while (i < lines.Count && !Line(text, lines[i]).TrimStart().StartsWith(fence, StringComparison.Ordinal))
            i++;
        var last = Math.Min(i, lines.Count - 1);
        blocks.Add(new PassageBlock(BlockKind.Code, lines[first].Start, lines[last].End, [(lines[first].Start, lines[last].End)]));
        return last + 1;
    }

    private static int Table(string text, List<(int Start, int End)> lines, int i, List<PassageBlock> blocks)
    {
        var first = i;
        while (i < lines.Count && Line(text, lines[i]).Contains('|'))
            i++;
        blocks.Add(new PassageBlock(BlockKind.Table, lines[first].Start, lines[i - 1].End, lines[first..i]));
        return i;
    }

    /// <summary>Items with their continuation lines; a blank line goes on with the list when an item or an indented line follows.</summary>
    private static int List(string text, List<(int Start, int End)> lines, int i, List<PassageBlock> blocks)
    {
        var items = new List<(int Start, int End)>();
        while (i < lines.Count)
        {
            var line = Line(text, lines[i]);
            if (line.IsWhiteSpace())
            {
                var next = i + 1;
                while (next < lines.Count && Line(text, lines[next]).IsWhiteSpace())
                    next++;
                if (next == lines.Count || !(ListItem().IsMatch(Line(text, lines[next])) || char.IsWhiteSpace(text[lines[next].Start])))
                    break;
                i = next;
                continue;
            }
            if (ListItem().IsMatch(line))
                items.Add((lines[i].Start, lines[i].End));
            else if (IsHeading(line) || (Fence(line).Length > 0 && !char.IsWhiteSpace(line[0])))
                break;
            else
                items[^1] = (items[^1].Start, lines[i].End);
            i++;
        }
        blocks.Add(new PassageBlock(BlockKind.List, items[0].Start, items[^1].End, items));
        return i;
    }

    private static int Paragraph(string text, List<(int Start, int End)> lines, int i, List<PassageBlock> blocks)
    {
        var first = i;
        for (; i < lines.Count; i++)
        {
            var line = Line(text, lines[i]);
            if (line.IsWhiteSpace() || IsHeading(line) || Fence(line).Length > 0 || (i > first && (ListItem().IsMatch(line) || IsTableStart(text, lines, i))))
                break;
        }
        var start = lines[first].Start;
        var end = lines[i - 1].End;
        while (start < end && (text[start] == '>' || char.IsWhiteSpace(text[start])))
            start++;
        if (end > start)
            blocks.Add(new PassageBlock(BlockKind.Paragraph, start, end, [(start, end)]));
        return i;
    }

    private static bool IsTableStart(string text, List<(int Start, int End)> lines, int i) =>
        i + 1 < lines.Count && Line(text, lines[i]).Contains('|') && TableRule().IsMatch(Line(text, lines[i + 1]));

    private static int NextHeading(string text, List<(int Start, int End)> lines, int i)
    {
        while (i < lines.Count && !IsHeading(Line(text, lines[i])))
            i++;
        return i;
    }

    private static bool IsHeading(ReadOnlySpan<char> line) => Heading().IsMatch(line);

    private static bool IsSeeAlso(ReadOnlySpan<char> heading) => SeeAlso().IsMatch(heading);

    private static bool IsFurniture(ReadOnlySpan<char> line) => Furniture().IsMatch(line);

    private static string Fence(ReadOnlySpan<char> line)
    {
        line = line.TrimStart();
        return line.StartsWith("```") ? "```" : line.StartsWith("~~~") ? "~~~" : "";
    }

    /// <summary>A list or paragraph that is nothing but links, or one that only points elsewhere.</summary>
    private static bool IsNavigation(string text, PassageBlock block)
    {
        if (block.Kind is not (BlockKind.List or BlockKind.Paragraph))
            return false;
        var content = text.AsSpan(block.Start, block.Length);
        return Pointer().IsMatch(content) || block.Items.All(i => LinkOnly().IsMatch(text.AsSpan(i.Start, i.End - i.Start)));
    }

    [GeneratedRegex(@"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S", RegexOptions.CultureInvariant)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$|^[ \t]*\|[ \t]*:?-{2,}:?[ \t]*\|[ \t]*$", RegexOptions.CultureInvariant)]
    private static partial Regex TableRule();

    [GeneratedRegex(@"^#{1,6}[ \t]+\S", RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^#{1,6}[ \t]+(?:see also|related|further reading|next steps|learn more|additional resources|siehe auch|ver también|voir aussi|veja também|vedi anche|zie ook)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SeeAlso();

    [GeneratedRegex(@"^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|_{3,}|</?[A-Za-z][^>]*/?>(?:[ \t]*</[A-Za-z]+>)?|<[A-Za-z]\w*|/>|import .+ from .+|export (?:default|const) .*|!\[[^\]]*\]\([^)]*\)|<!--.*-->|\[\[?toc\]?\]|:::.*)[ \t]*$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Furniture();

    [GeneratedRegex(@"^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?(?:\*\*)?\[[^\]]*\]\([^)]*\)(?:\*\*)?[ \t.]*$", RegexOptions.CultureInvariant)]
    private static partial Regex LinkOnly();

    [GeneratedRegex(@"^(?:see also|see our|related(?: articles| pages)?:|read more|learn more|was this (?:page|article) helpful|edit this page|last updated|table of contents|on this page|back to top)\b[^\n]{0,160}$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Pointer();
}
