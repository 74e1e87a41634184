using System.Buffers;
using System.Text;

namespace Parley.Knowledge.Readers;

/// <summary>The Markdown that <see cref="MdxPass"/> writes: keeps paragraphs apart and content at the indentation of its line.</summary>
internal sealed class MdxWriter(MarkdownLines lines, int capacity)
{
    // A target with one of these would end the link too early.
    private static readonly SearchValues<char> BreakingTarget = SearchValues.Create(" ()<>\n");

    private readonly StringBuilder _out = new(capacity);

    /// <summary>Indentation that the components around take off their content.</summary>
    internal int Dedent { get; set; }

    internal MdxWriter Append(char c)
    {
        _out.Append(c);
        return this;
    }

    internal MdxWriter Append(ReadOnlySpan<char> text)
    {
        _out.Append(text);
        return this;
    }

    internal MdxWriter Spaces(int count)
    {
        _out.Append(' ', Math.Max(0, count));
        return this;
    }

    public override string ToString() => _out.ToString();

    /// <summary>The target of a link, or null where Markdown could not hold it.</summary>
    internal static string? Target(string? href) => href is not null && !href.AsSpan().ContainsAny(BreakingTarget) ? href : null;

    internal void Image(JsxTag tag)
    {
        if (tag.String("alt") is { } alt)
            _out.Append($"![{TextNormal.OneLine(alt).Replace(']', ')')}]({Target(tag.String("src")) ?? ""})");
    }

    /// <summary>A line break inside a paragraph or a cell.</summary>
    internal void LineBreak() => _out.Append(lines.IsTableRow ? " " : "\\\n" + Indent());

    /// <summary>A code block.</summary>
    internal void Fence(string code, string language)
    {
        Break();
        foreach (var line in DocumentBuilder.Fence(TextNormal.Clean(code), language).Split('\n'))
            _out.Append(Indent()).Append(line).Append('\n');
        _out.Append('\n').Append(Indent());
    }

    /// <summary>One line of text.</summary>
    internal void Say(string? text, bool isBlock)
    {
        if (text is null)
            return;
        _out.Append(TextNormal.OneLine(text));
        if (isBlock)
            Break();
    }

    /// <summary>Several lines of Markdown, as a block of their own.</summary>
    internal void Block(string markdown)
    {
        Break();
        _out.AppendJoin("\n", markdown.Split('\n').Select((l, i) => i == 0 ? l : Indent() + l));
        Break();
    }

    /// <summary>A new paragraph, at the indentation of the line being read; within a table row only a space.</summary>
    internal void Break()
    {
        if (lines.IsTableRow)
        {
            _out.Append(' ');
            return;
        }
        if (!IsBlankSinceLineStart())
            _out.Append("\n\n").Append(Indent());
    }

    private string Indent() => new(' ', Math.Max(0, lines.ContentIndent - Dedent));

    private bool IsBlankSinceLineStart()
    {
        for (var i = _out.Length - 1; i >= 0; i--)
        {
            if (_out[i] == '\n')
                return i == 0 || _out[i - 1] == '\n';
            if (_out[i] != ' ' && !(lines.MarkerLength > 0 && _out.Length - i <= lines.MarkerLength + 1 && _out[i] is '-' or '*' or '+' or '.'))
                return false;
        }
        return true;
    }
}
