namespace Parley.Knowledge.Readers;

/// <summary>
/// The components and admonitions that are open: MDX tags, <c>:::</c> and <c>!!!</c>. One with a title becomes the two marks of
/// <see cref="TextNormal"/> around its content.
/// </summary>
internal sealed class MdxComponents(MdxSource source, MdxWriter writer, MarkdownLines lines)
{
    private const int MaxNesting = 16;

    private const int MaxImports = 1000;

    private readonly Stack<Component> _open = new();
    private readonly HashSet<string> _imported = new(StringComparer.Ordinal);

    private sealed record Component(string Name, bool IsBlock, int Dedent)
    {
        internal bool HasTitle { get; set; }

        internal string Language { get; init; } = "";

        /// <summary>An admonition by indentation ends with the first line that is indented less.</summary>
        internal int? EndsBelowIndent { get; init; }
    }

    /// <summary>No component is open.</summary>
    internal bool IsEmpty => _open.Count == 0;

    /// <summary>What the component around says its code is written in.</summary>
    internal string Language => _open.TryPeek(out var around) ? around.Language : "";

    /// <summary>Opens or closes a component; its content begins at <paramref name="end"/>.</summary>
    internal void Tag(JsxTag tag, int end, bool isBlock)
    {
        if (tag.IsClosing)
        {
            CloseNamed(tag.Name);
            return;
        }
        if (isBlock)
            writer.Break();
        var title = tag.String("title", "label", "summary", "header", "heading", "question");
        if (tag.IsSelfClosing)
        {
            if (IsInclude(tag))
                writer.Say($"`<{tag.Name} />`", isBlock);
            writer.Say(title, isBlock);
            SayAttributes(tag, isBlock);
            return;
        }
        var component = new Component(tag.Name, isBlock, writer.Dedent + (isBlock ? source.ContentIndent(end, lines.LineIndent) : 0)) { Language = tag.String("lang", "language") ?? "" };
        if (title is not null && isBlock)
            OpenTitle(component, title);
        SayAttributes(tag, isBlock);
        Push(component);
    }

    /// <summary>What stands in another file and is not here stays visible as what it is.</summary>
    private bool IsInclude(JsxTag tag) => _imported.Contains(tag.Name)
        || (tag.String("file", "src", "path") is { } file && (file.EndsWith(".md", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".mdx", StringComparison.OrdinalIgnoreCase)));

    /// <summary>A line that imports: what comes from a file of text is an include.</summary>
    internal void Import(ReadOnlySpan<char> line)
    {
        if (_imported.Count < MaxImports && MarkdownLines.ImportedText(line) is { } name)
            _imported.Add(name);
    }

    private void SayAttributes(JsxTag tag, bool isBlock)
    {
        if (tag.Attributes.Any(a => a.Name.Equals("alt", StringComparison.OrdinalIgnoreCase)))
        {
            writer.Image(tag);
            if (isBlock)
                writer.Break();
        }
        foreach (var (name, value, isExpression) in tag.Attributes)
        {
            if (string.IsNullOrWhiteSpace(value) || MdxElements.IsSilent(name))
                continue;
            if (isExpression ? value.TrimStart() is ['{' or '[', ..] : value.Contains('\n', StringComparison.Ordinal))
                writer.Fence(value, name.Equals("query", StringComparison.OrdinalIgnoreCase) ? "graphql" : tag.String("language", "lang") ?? "");
            else if (!isExpression && MdxElements.IsSaidByText(name))
                writer.Say(value, isBlock);
        }
    }

    private void OpenTitle(Component component, string title)
    {
        if (_open.Count >= MaxNesting)
        {
            writer.Say(title, isBlock: true);
            return;
        }
        component.HasTitle = true;
        writer.Append(TextNormal.OpenMark).Append(TextNormal.OneLine(title));
        writer.Break();
    }

    /// <summary>Takes a summary whose content begins there; returns where it ends.</summary>
    internal int Summary(int start)
    {
        var close = source.EndAhead("summary");
        if (close < 0)
            return start;
        var title = TextNormal.OneLine(HtmlReader.PlainText(source.Text[start..close]));
        writer.Break();
        if (title.Length > 0)
        {
            if (_open.TryPeek(out var top) && !top.HasTitle && top.Name.Equals("details", StringComparison.OrdinalIgnoreCase))
                OpenTitle(top, title);
            else
                writer.Say(title, isBlock: true);
        }
        return source.AfterTag(close);
    }

    /// <summary>A line of marks; the next line begins at <paramref name="next"/>.</summary>
    internal void Directive(ReadOnlySpan<char> line, int next)
    {
        var indent = MarkdownLines.Indent(line);
        var (marks, label, title) = MarkdownLines.Directive(line);
        writer.Append('\n');
        if (marks == ":::" && label.Length == 0)
        {
            CloseNamed(":::");
            return;
        }
        var inner = marks == ":::" ? writer.Dedent : writer.Dedent + source.ContentIndentAt(next, indent);
        Push(new Component(marks, IsBlock: true, inner) { EndsBelowIndent = marks == ":::" ? null : indent + 1 });
        writer.Spaces(indent - writer.Dedent).Append(title.Length > 0 ? title : label + ":").Append("\n\n");
    }

    /// <summary>A line is indented so far: admonitions that it does not belong to end.</summary>
    internal void CloseIndented(int indent)
    {
        while (_open.TryPeek(out var top) && top.EndsBelowIndent is { } least && indent < least)
            Close(Pop());
    }

    private void CloseNamed(string name)
    {
        if (!_open.Any(c => c.Name == name))
            return;
        while (_open.Count > 0)
        {
            var top = Pop();
            Close(top);
            if (top.Name == name)
                return;
        }
    }

    private void Close(Component component)
    {
        if (component.IsBlock)
            writer.Break();
        if (component.HasTitle)
        {
            writer.Append(TextNormal.CloseMark);
            writer.Break();
        }
    }

    internal void CloseAll()
    {
        while (_open.Count > 0)
            Close(Pop());
    }

    private void Push(Component component)
    {
        _open.Push(component);
        writer.Dedent = component.Dedent;
    }

    private Component Pop()
    {
        var top = _open.Pop();
        writer.Dedent = _open.TryPeek(out var around) ? around.Dedent : 0;
        return top;
    }
}
