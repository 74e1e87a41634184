using System.Buffers;
using System.Text;

namespace Parley.Knowledge.Readers;

/// <summary>
/// Rewrites what Markdown files hold besides Markdown (HTML tags, MDX components, comments, admonitions) as Markdown, before it is parsed.
/// Code is left alone. A component with a title becomes the two marks of <see cref="TextNormal"/> around its content.
/// </summary>
internal sealed class MdxPass
{
    private const int MaxNesting = 16;

    // Tags that are tried and are none cost a scan each: a hostile file gets only so many.
    private const long MaxWastedScan = 20_000_000;

    // A target with one of these would end the link too early.
    private static readonly SearchValues<char> BreakingTarget = SearchValues.Create(" ()<>\n");

    private readonly string _text;
    private readonly StringBuilder _out;
    private readonly Stack<Component> _components = new();
    private readonly Stack<string?> _links = new();
    private readonly Dictionary<string, int> _ends = new(StringComparer.OrdinalIgnoreCase);
    private readonly MarkdownLines _lines = new();
    private long _wasted;
    private int _at;

    private sealed record Component(string Name, bool IsBlock, int Dedent)
    {
        internal bool HasTitle { get; set; }

        internal string Language { get; init; } = "";

        /// <summary>An admonition by indentation ends with the first line that is indented less.</summary>
        internal int? EndsBelowIndent { get; init; }
    }

    private MdxPass(string text)
    {
        _text = text;
        _out = new StringBuilder(text.Length + 256);
    }

    internal static string Rewrite(string text) => new MdxPass(text).Run();

    private int Dedent => _components.TryPeek(out var top) ? top.Dedent : 0;

    private string Run()
    {
        while (_at < _text.Length)
        {
            if (!StartLine())
                ReadLine();
        }
        while (_components.Count > 0)
            Close(_components.Pop());
        return _out.ToString();
    }

    /// <summary>Takes whole lines that hold no tags: code, blank lines, imports, admonition marks. False: the line must be read.</summary>
    private bool StartLine()
    {
        var end = _text.IndexOf('\n', _at);
        var next = end < 0 ? _text.Length : end + 1;
        var line = _text.AsSpan(_at, (end < 0 ? _text.Length : end) - _at);
        var kind = _lines.Next(line, isInComponent: _components.Count > 0);
        if (kind != LineKind.Blank && kind != LineKind.Code)
            CloseIndented(MarkdownLines.Indent(line));
        switch (kind)
        {
            case LineKind.Code or LineKind.Blank:
                _out.Append(Dedented(line)).Append('\n');
                _at = next;
                return true;
            case LineKind.Import:
                _at = next;
                return true;
            case LineKind.Directive:
                Directive(line, next);
                _at = next;
                return true;
            default:
                _at += line.Length - Dedented(line).Length;
                return false;
        }
    }

    private void ReadLine()
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            switch (c)
            {
                case '\n':
                    _out.Append('\n');
                    _at++;
                    return;
                case '\\' when _at + 1 < _text.Length && _text[_at + 1] != '\n':
                    _out.Append(c).Append(_text[_at + 1]);
                    _at += 2;
                    break;
                case '`':
                    CodeSpan();
                    break;
                case '<' when Comment("<!--", "-->") || Tag():
                case '{' when Comment("{/*", "*/}") || Expression():
                    break;
                default:
                    _out.Append(c);
                    _at++;
                    break;
            }
            // What was taken may have ended at a line's start: the next line is looked at as a line.
            if (_at > 0 && _at < _text.Length && _text[_at - 1] == '\n')
                return;
        }
    }

    private void CodeSpan()
    {
        var run = _at;
        while (run < _text.Length && _text[run] == '`')
            run++;
        var ticks = run - _at;
        var end = run;
        while (end < _text.Length)
        {
            if (_text[end] == '\n' && end + 1 < _text.Length && _text[end + 1] == '\n')
                break;
            var close = end;
            while (close < _text.Length && _text[close] == '`')
                close++;
            if (close - end == ticks)
            {
                run = close;
                break;
            }
            end = Math.Max(close, end + 1);
        }
        _out.Append(_text, _at, run - _at);
        _at = run;
    }

    private bool Comment(string open, string close)
    {
        if (string.CompareOrdinal(_text, _at, open, 0, open.Length) != 0)
            return false;
        var end = _text.IndexOf(close, _at + open.Length, StringComparison.Ordinal);
        if (end < 0)
            return false;
        _at = end + close.Length;
        return true;
    }

    /// <summary><c>{" "}</c> is its string, a string of several lines is code; every other expression stays visible.</summary>
    private bool Expression()
    {
        if (_at + 2 >= _text.Length || _text[_at + 1] is not ('"' or '\'' or '`') || (_at > 0 && _text[_at - 1] is '$' or '{'))
            return false;
        var end = 0;
        if (JsxTag.Braces(_text.AsSpan(_at, Math.Min(_text.Length - _at, JsxTag.MaxLength)), ref end) is not { } inner || JsxTag.StringIn(inner) is not { } value)
            return false;
        if (value.Contains('\n', StringComparison.Ordinal))
            Fence(value, _components.TryPeek(out var around) ? around.Language : "");
        else
            _out.Append(value);
        _at += end;
        return true;
    }

    private bool Tag()
    {
        if (_wasted > MaxWastedScan)
            return false;
        if (JsxTag.Parse(_text.AsSpan(_at)) is not { } tag)
        {
            _wasted += Math.Min(JsxTag.MaxLength, _text.Length - _at);
            return false;
        }
        var kind = MdxElements.Of(tag, () => EndAhead(tag.Name) >= 0);
        if (kind == MdxElement.Literal)
            return false;
        var isBlock = IsAtLineStart();
        var end = _at + tag.Length;
        var wasSelfClosing = tag.IsSelfClosing;
        switch (kind)
        {
            case MdxElement.Dropped when !tag.IsClosing && !wasSelfClosing && EndAhead(tag.Name) is >= 0 and var close:
                end = AfterTag(close);
                break;
            case MdxElement.Html when !tag.IsClosing && ElementEnd(tag, end) is > 0 and var close:
                Html(_text[_at..close], tag.Name);
                end = close;
                break;
            case MdxElement.Inline:
                Inline(tag);
                break;
            case MdxElement.Block or MdxElement.Component when !tag.IsClosing && tag.Name.Equals("summary", StringComparison.OrdinalIgnoreCase):
                end = Summary(end);
                break;
            case MdxElement.Block or MdxElement.Component:
                Container(tag, end, isBlock || kind == MdxElement.Block);
                break;
        }
        _at = end;
        return true;
    }

    private void Inline(JsxTag tag)
    {
        switch (tag.Name.ToLowerInvariant())
        {
            case "a" when tag.IsClosing:
                _out.Append(_links.TryPop(out var href) && href is not null ? $"]({href})" : "");
                break;
            case "a" when !tag.IsSelfClosing:
                var target = tag.String("href") is { } link && !link.AsSpan().ContainsAny(BreakingTarget) ? link : null;
                _links.Push(target);
                _out.Append(target is null ? "" : "[");
                break;
            case "code" or "tt" or "samp":
                _out.Append('`');
                break;
            case "br":
                _out.Append(_lines.IsTableRow ? " " : "\\\n" + Indent());
                break;
            case "hr":
                Break();
                break;
            case "img":
                Image(tag);
                break;
        }
    }

    private void Image(JsxTag tag)
    {
        if (tag.String("alt") is { } alt)
            _out.Append($"![{TextNormal.OneLine(alt).Replace(']', ')')}]({(tag.String("src") is { } src && !src.AsSpan().ContainsAny(BreakingTarget) ? src : "")})");
    }

    private void Container(JsxTag tag, int end, bool isBlock)
    {
        if (tag.IsClosing)
        {
            CloseNamed(tag.Name);
            return;
        }
        if (isBlock)
            Break();
        var title = tag.String("title", "label", "summary", "header", "heading", "question");
        if (tag.IsSelfClosing)
        {
            Say(title, isBlock);
            SayAttributes(tag, isBlock);
            return;
        }
        var component = new Component(tag.Name, isBlock, Dedent + (isBlock ? ContentIndent(end) : 0)) { Language = tag.String("lang", "language") ?? "" };
        if (title is not null && isBlock)
            OpenTitle(component, title);
        SayAttributes(tag, isBlock);
        _components.Push(component);
    }

    private void SayAttributes(JsxTag tag, bool isBlock)
    {
        if (tag.Attributes.Any(a => a.Name.Equals("alt", StringComparison.OrdinalIgnoreCase)))
        {
            Image(tag);
            if (isBlock)
                Break();
        }
        foreach (var (name, value, isExpression) in tag.Attributes)
        {
            if (string.IsNullOrWhiteSpace(value) || MdxElements.IsSilent(name))
                continue;
            if (isExpression ? value.TrimStart() is ['{' or '[', ..] : value.Contains('\n', StringComparison.Ordinal))
                Fence(value, name.Equals("query", StringComparison.OrdinalIgnoreCase) ? "graphql" : tag.String("language", "lang") ?? "");
            else if (!isExpression && MdxElements.IsSaidByText(name))
                Say(value, isBlock);
        }
    }

    private void Fence(string code, string language)
    {
        Break();
        foreach (var line in DocumentBuilder.Fence(TextNormal.Clean(code), language).Split('\n'))
            _out.Append(Indent()).Append(line).Append('\n');
        _out.Append('\n').Append(Indent());
    }

    private void Say(string? text, bool isBlock)
    {
        if (text is null)
            return;
        _out.Append(TextNormal.OneLine(text));
        if (isBlock)
            Break();
    }

    private void OpenTitle(Component component, string title)
    {
        if (_components.Count >= MaxNesting)
        {
            Say(title, isBlock: true);
            return;
        }
        component.HasTitle = true;
        _out.Append(TextNormal.OpenMark).Append(TextNormal.OneLine(title));
        Break();
    }

    private int Summary(int start)
    {
        var close = EndAhead("summary");
        if (close < 0)
            return start;
        var title = TextNormal.OneLine(HtmlReader.PlainText(_text[start..close]));
        Break();
        if (title.Length > 0)
        {
            if (_components.TryPeek(out var top) && !top.HasTitle && top.Name.Equals("details", StringComparison.OrdinalIgnoreCase))
                OpenTitle(top, title);
            else
                Say(title, isBlock: true);
        }
        return AfterTag(close);
    }

    private void Html(string html, string name)
    {
        Break();
        if (name is ['h' or 'H', >= '1' and <= '6'])
            _out.Append('#', name[1] - '0').Append(' ').Append(TextNormal.OneLine(HtmlReader.PlainText(html)));
        else
            _out.AppendJoin("\n", HtmlReader.ToMarkdown(html).Split('\n').Select((l, i) => i == 0 ? l : Indent() + l));
        Break();
    }

    private void Directive(ReadOnlySpan<char> line, int next)
    {
        var indent = MarkdownLines.Indent(line);
        var (marks, label, title) = MarkdownLines.Directive(line);
        _out.Append('\n');
        if (marks == ":::" && label.Length == 0)
        {
            CloseNamed(":::");
            return;
        }
        var inner = marks == ":::" ? Dedent : Dedent + ContentIndentAt(next, indent);
        _components.Push(new Component(marks, IsBlock: true, inner) { EndsBelowIndent = marks == ":::" ? null : indent + 1 });
        _out.Append(' ', Math.Max(0, indent - Dedent)).Append(title.Length > 0 ? title : label + ":").Append("\n\n");
    }

    private void CloseIndented(int indent)
    {
        while (_components.TryPeek(out var top) && top.EndsBelowIndent is { } least && indent < least)
            Close(_components.Pop());
    }

    private void CloseNamed(string name)
    {
        if (!_components.Any(c => c.Name == name))
            return;
        while (_components.TryPop(out var top))
        {
            Close(top);
            if (top.Name == name)
                return;
        }
    }

    private void Close(Component component)
    {
        if (component.IsBlock)
            Break();
        if (component.HasTitle)
        {
            _out.Append(TextNormal.CloseMark);
            Break();
        }
    }

    /// <summary>A new paragraph, at the indentation of the line being read; within a table row only a space.</summary>
    private void Break()
    {
        if (_lines.IsTableRow)
        {
            _out.Append(' ');
            return;
        }
        if (!IsBlankSinceLineStart())
            _out.Append("\n\n").Append(Indent());
    }

    private string Indent() => new(' ', Math.Max(0, _lines.ContentIndent - Dedent));

    private bool IsBlankSinceLineStart()
    {
        for (var i = _out.Length - 1; i >= 0; i--)
        {
            if (_out[i] == '\n')
                return i == 0 || _out[i - 1] == '\n';
            if (_out[i] != ' ' && !(_lines.MarkerLength > 0 && _out.Length - i <= _lines.MarkerLength + 1 && _out[i] is '-' or '*' or '+' or '.'))
                return false;
        }
        return true;
    }

    private bool IsAtLineStart()
    {
        for (var i = _at - 1; i >= 0 && _text[i] != '\n'; i--)
        {
            if (!char.IsWhiteSpace(_text[i]))
                return false;
        }
        return true;
    }

    private ReadOnlySpan<char> Dedented(ReadOnlySpan<char> line)
    {
        var i = 0;
        while (i < Dedent && i < line.Length && line[i] is ' ' or '\t')
            i++;
        return line[i..];
    }

    private int ContentIndent(int from)
    {
        var rest = _text.AsSpan(from);
        var end = rest.IndexOf('\n');
        return end < 0 || !rest[..end].IsWhiteSpace() ? 0 : ContentIndentAt(from + end + 1, _lines.LineIndent);
    }

    /// <summary>How much deeper than the tag its content is indented.</summary>
    private int ContentIndentAt(int from, int tagIndent)
    {
        while (from < _text.Length)
        {
            var end = _text.IndexOf('\n', from);
            var line = _text.AsSpan(from, (end < 0 ? _text.Length : end) - from);
            if (!line.IsWhiteSpace())
                return Math.Max(0, MarkdownLines.Indent(line) - tagIndent);
            from += line.Length + 1;
        }
        return 0;
    }

    /// <summary>Where the next end tag of this name begins, or −1. Remembered, so that all tags of a name together cost one pass.</summary>
    private int EndAhead(string name)
    {
        if (!_ends.TryGetValue(name, out var end) || (end >= 0 && end <= _at))
            _ends[name] = end = _text.IndexOf("</" + name, _at + 1, StringComparison.OrdinalIgnoreCase);
        return end;
    }

    private int AfterTag(int start)
    {
        var end = _text.IndexOf('>', start);
        return end < 0 ? _text.Length : end + 1;
    }

    /// <summary>The end of an element that may hold others of its name; 0 where it does not end.</summary>
    private int ElementEnd(JsxTag tag, int from)
    {
        if (tag.IsSelfClosing || EndAhead(tag.Name) < 0)
            return 0;
        var depth = 1;
        for (var i = from; depth > 0; i++)
        {
            i = _text.IndexOf('<', i);
            if (i < 0 || i + 1 >= _text.Length)
                return 0;
            var isEnd = _text[i + 1] == '/';
            var name = i + (isEnd ? 2 : 1);
            if (string.Compare(_text, name, tag.Name, 0, tag.Name.Length, StringComparison.OrdinalIgnoreCase) != 0
                || (name + tag.Name.Length < _text.Length && char.IsAsciiLetterOrDigit(_text[name + tag.Name.Length])))
                continue;
            depth += isEnd ? -1 : 1;
            if (depth == 0)
                return AfterTag(i);
        }
        return 0;
    }
}
