namespace Parley.Knowledge.Readers;

/// <summary>The text that <see cref="MdxPass"/> reads, and where in it things end.</summary>
internal sealed class MdxSource(string text)
{
    private readonly Dictionary<string, int> _ends = new(StringComparer.OrdinalIgnoreCase);

    internal string Text => text;

    /// <summary>What is read next.</summary>
    internal int At { get; set; }

    internal bool IsAtEnd => At >= text.Length;

    internal bool IsAtLineStart()
    {
        for (var i = At - 1; i >= 0 && text[i] != '\n'; i--)
        {
            if (!char.IsWhiteSpace(text[i]))
                return false;
        }
        return true;
    }

    /// <summary>How much deeper than its tag the content behind it is indented, where the tag ends its line.</summary>
    internal int ContentIndent(int from, int tagIndent)
    {
        var rest = text.AsSpan(from);
        var end = rest.IndexOf('\n');
        return end < 0 || !rest[..end].IsWhiteSpace() ? 0 : ContentIndentAt(from + end + 1, tagIndent);
    }

    /// <summary>How much deeper than the tag its content is indented.</summary>
    internal int ContentIndentAt(int from, int tagIndent)
    {
        while (from < text.Length)
        {
            var end = text.IndexOf('\n', from);
            var line = text.AsSpan(from, (end < 0 ? text.Length : end) - from);
            if (!line.IsWhiteSpace())
                return Math.Max(0, MarkdownLines.Indent(line) - tagIndent);
            from += line.Length + 1;
        }
        return 0;
    }

    /// <summary>Where the next end tag of this name begins, or −1. Remembered, so that all tags of a name together cost one pass.</summary>
    internal int EndAhead(string name)
    {
        if (!_ends.TryGetValue(name, out var end) || (end >= 0 && end <= At))
            _ends[name] = end = text.IndexOf("</" + name, At + 1, StringComparison.OrdinalIgnoreCase);
        return end;
    }

    /// <summary>Behind the tag that begins there.</summary>
    internal int AfterTag(int start)
    {
        var end = text.IndexOf('>', start);
        return end < 0 ? text.Length : end + 1;
    }

    /// <summary>The end of an element that may hold others of its name; 0 where it does not end.</summary>
    internal int ElementEnd(JsxTag tag, int from)
    {
        if (tag.IsSelfClosing || EndAhead(tag.Name) < 0)
            return 0;
        var depth = 1;
        for (var i = from; depth > 0; i++)
        {
            i = text.IndexOf('<', i);
            if (i < 0 || i + 1 >= text.Length)
                return 0;
            var isEnd = text[i + 1] == '/';
            var name = i + (isEnd ? 2 : 1);
            if (string.Compare(text, name, tag.Name, 0, tag.Name.Length, StringComparison.OrdinalIgnoreCase) != 0
                || (name + tag.Name.Length < text.Length && char.IsAsciiLetterOrDigit(text[name + tag.Name.Length])))
                continue;
            depth += isEnd ? -1 : 1;
            if (depth == 0)
                return AfterTag(i);
        }
        return 0;
    }
}
