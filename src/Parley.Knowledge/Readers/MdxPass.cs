namespace Parley.Knowledge.Readers;

/// <summary>
/// Rewrites what Markdown files hold besides Markdown (HTML tags, MDX components, comments, admonitions) as Markdown, before it is parsed.
/// Code is left alone.
/// </summary>
internal sealed class MdxPass
{
    // Tags that are tried and are none cost a scan each: a hostile file gets only so many.
    private const long MaxWastedScan = 20_000_000;

    private readonly MdxSource _source;
    private readonly MdxWriter _out;
    private readonly MdxComponents _components;
    private readonly Stack<string?> _links = new();
    private readonly MarkdownLines _lines = new();
    private long _wasted;

    private MdxPass(string text)
    {
        _source = new MdxSource(text);
        _out = new MdxWriter(_lines, text.Length + 256);
        _components = new MdxComponents(_source, _out, _lines);
    }

    private string Text => _source.Text;

    private int At
    {
        get => _source.At;
        set => _source.At = value;
    }

    internal static string Rewrite(string text) => new MdxPass(text).Run();

    private string Run()
    {
        while (!_source.IsAtEnd)
        {
            if (!StartLine())
                ReadLine();
        }
        _components.CloseAll();
        return _out.ToString();
    }

    /// <summary>Takes whole lines that hold no tags: code, blank lines, imports, admonition marks. False: the line must be read.</summary>
    private bool StartLine()
    {
        var end = Text.IndexOf('\n', At);
        var next = end < 0 ? Text.Length : end + 1;
        var line = Text.AsSpan(At, (end < 0 ? Text.Length : end) - At);
        var kind = _lines.Next(line, isInComponent: !_components.IsEmpty);
        if (kind != LineKind.Blank && kind != LineKind.Code)
            _components.CloseIndented(MarkdownLines.Indent(line));
        switch (kind)
        {
            case LineKind.Code or LineKind.Blank:
                _out.Append(Dedented(line)).Append('\n');
                At = next;
                return true;
            case LineKind.Import:
                _components.Import(line);
                At = next;
                return true;
            case LineKind.Directive:
                _components.Directive(line, next);
                At = next;
                return true;
            default:
                At += line.Length - Dedented(line).Length;
                return false;
        }
    }

    private void ReadLine()
    {
        while (At < Text.Length)
        {
            var c = Text[At];
            switch (c)
            {
                case '\n':
                    _out.Append('\n');
                    At++;
                    return;
                case '\\' when At + 1 < Text.Length && Text[At + 1] != '\n':
                    _out.Append(c).Append(Text[At + 1]);
                    At += 2;
                    break;
                case '`':
                    CodeSpan();
                    break;
                case '<' when Comment("<!--", "-->") || Tag():
                case '{' when Comment("{/*", "*/}") || Expression():
                    break;
                default:
                    _out.Append(c);
                    At++;
                    break;
            }
            // What was taken may have ended at a line's start: the next line is looked at as a line.
            if (At > 0 && At < Text.Length && Text[At - 1] == '\n')
                return;
        }
    }

    private void CodeSpan()
    {
        var run = At;
        while (run < Text.Length && Text[run] == '`')
            run++;
        var ticks = run - At;
        var end = run;
        while (end < Text.Length)
        {
            if (Text[end] == '\n' && end + 1 < Text.Length && Text[end + 1] == '\n')
                break;
            var close = end;
            while (close < Text.Length && Text[close] == '`')
                close++;
            if (close - end == ticks)
            {
                run = close;
                break;
            }
            end = Math.Max(close, end + 1);
        }
        _out.Append(Text.AsSpan(At, run - At));
        At = run;
    }

    private bool Comment(string open, string close)
    {
        if (string.CompareOrdinal(Text, At, open, 0, open.Length) != 0)
            return false;
        var end = Text.IndexOf(close, At + open.Length, StringComparison.Ordinal);
        if (end < 0)
            return false;
        At = end + close.Length;
        return true;
    }

    /// <summary><c>{" "}</c> is its string, a string of several lines is code; every other expression stays visible.</summary>
    private bool Expression()
    {
        if (At + 2 >= Text.Length || Text[At + 1] is not ('"' or '\'' or '`') || (At > 0 && Text[At - 1] is '$' or '{'))
            return false;
        var end = 0;
        if (JsxTag.Braces(Text.AsSpan(At, Math.Min(Text.Length - At, JsxTag.MaxLength)), ref end) is not { } inner || JsxTag.StringIn(inner) is not { } value)
            return false;
        if (value.Contains('\n', StringComparison.Ordinal))
            _out.Fence(value, _components.Language);
        else
            _out.Append(value);
        At += end;
        return true;
    }

    private bool Tag()
    {
        if (_wasted > MaxWastedScan)
            return false;
        if (JsxTag.Parse(Text.AsSpan(At)) is not { } tag)
        {
            _wasted += Math.Min(JsxTag.MaxLength, Text.Length - At);
            return false;
        }
        var kind = MdxElements.Of(tag, () => _source.EndAhead(tag.Name) >= 0);
        if (kind == MdxElement.Literal)
            return false;
        var isBlock = _source.IsAtLineStart();
        var end = At + tag.Length;
        var wasSelfClosing = tag.IsSelfClosing;
        switch (kind)
        {
            case MdxElement.Dropped when !tag.IsClosing && !wasSelfClosing && _source.EndAhead(tag.Name) is >= 0 and var close:
                end = _source.AfterTag(close);
                break;
            case MdxElement.Html when !tag.IsClosing && _source.ElementEnd(tag, end) is > 0 and var close:
                Html(Text[At..close], tag.Name);
                end = close;
                break;
            case MdxElement.Inline:
                Inline(tag);
                break;
            case MdxElement.Block or MdxElement.Component when !tag.IsClosing && tag.Name.Equals("summary", StringComparison.OrdinalIgnoreCase):
                end = _components.Summary(end);
                break;
            case MdxElement.Block or MdxElement.Component:
                _components.Tag(tag, end, isBlock || kind == MdxElement.Block);
                break;
        }
        At = end;
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
                var target = MdxWriter.Target(tag.String("href"));
                _links.Push(target);
                _out.Append(target is null ? "" : "[");
                break;
            case "code" or "tt" or "samp":
                _out.Append('`');
                break;
            case "br":
                _out.LineBreak();
                break;
            case "hr":
                _out.Break();
                break;
            case "img":
                _out.Image(tag);
                break;
        }
    }

    private void Html(string html, string name) => _out.Block(name is ['h' or 'H', var level and >= '1' and <= '6']
        ? new string('#', level - '0') + " " + TextNormal.OneLine(HtmlReader.PlainText(html))
        : HtmlReader.ToMarkdown(html));

    private ReadOnlySpan<char> Dedented(ReadOnlySpan<char> line)
    {
        var i = 0;
        while (i < _out.Dedent && i < line.Length && line[i] is ' ' or '\t')
            i++;
        return line[i..];
    }
}
