using System.Text;
using Markdig.Extensions.TaskLists;
using Markdig.Syntax.Inlines;

namespace Parley.Knowledge.Readers;

/// <summary>Renders a line of Markdown without emphasis: words, code, and links whose target works from anywhere.</summary>
internal sealed class MarkdownInlines(Uri? baseUrl)
{
    private readonly StringBuilder _text = new();

    internal string Markdown(ContainerInline? inline) => Render(inline, plain: false);

    /// <summary>Words only, in one line.</summary>
    internal string Plain(ContainerInline? inline) => TextNormal.OneLine(Render(inline, plain: true));

    private string Render(ContainerInline? inline, bool plain)
    {
        _text.Clear();
        if (inline is not null)
            Append(inline, plain);
        return _text.ToString().Trim();
    }

    private void Append(ContainerInline container, bool plain)
    {
        for (var inline = container.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            switch (inline)
            {
                case LiteralInline literal:
                    _text.Append(literal.Content.AsSpan());
                    break;
                case CodeInline code:
                    AppendCode(code, plain);
                    break;
                case LineBreakInline br:
                    AppendBreak(br, plain);
                    break;
                case LinkInline link:
                    AppendLink(link, plain);
                    break;
                case AutolinkInline auto:
                    _text.Append(auto.Url);
                    break;
                case HtmlEntityInline entity:
                    _text.Append(TextNormal.Clean(entity.Transcoded.ToString()));
                    break;
                case TaskList task:
                    _text.Append(task.Checked ? "[x]" : "[ ]");
                    break;
                case ContainerInline inner:
                    Append(inner, plain);
                    break;
            }
        }
    }

    private void AppendCode(CodeInline code, bool plain)
    {
        if (plain)
        {
            _text.Append(code.ContentSpan);
            return;
        }
        var content = code.ContentSpan;
        var ticks = content.Contains('`') ? "``" : "`";
        var pad = content is ['`', ..] or [.., '`'] ? " " : "";
        _text.Append(ticks).Append(pad).Append(content).Append(pad).Append(ticks);
    }

    /// <summary>A line that the author wrapped goes on; only a hard break is one. Scripts without spaces get none.</summary>
    private void AppendBreak(LineBreakInline br, bool plain)
    {
        if (br.IsHard && !plain)
            _text.Append('\n');
        else if (_text.Length > 0 && !(IsWide(_text[^1]) && br.NextSibling is LiteralInline { Content.Length: > 0 } next && IsWide(next.Content.AsSpan()[0])))
            _text.Append(' ');
    }

    private void AppendLink(LinkInline link, bool plain)
    {
        var start = _text.Length;
        Append(link, plain);
        if (plain)
            return;
        var label = _text.ToString(start, _text.Length - start).Trim();
        _text.Length = start;
        var target = DocumentUrl.Resolve(link.Url, baseUrl);
        if (link.IsImage)
        {
            if (label.Length > 0)
                _text.Append("![").Append(label.Replace(']', ')')).Append("](").Append(target).Append(')');
        }
        else if (target is null || label.Length == 0 || link.IsAutoLink)
        {
            _text.Append(label);
        }
        else
        {
            _text.Append('[').Append(label).Append("](").Append(target).Append(')');
        }
    }

    private static bool IsWide(char c) => c is >= '\u2E80' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' or >= '\uFF00' and <= '\uFFEF' or >= '\u0E00' and <= '\u0E7F';
}
