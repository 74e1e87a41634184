using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers;

internal enum LineKind
{
    Text,
    Blank,
    Code,
    Import,
    Directive,
}

/// <summary>Walks the lines of a Markdown file and tells those that hold code or belong to the site's generator from text.</summary>
internal sealed partial class MarkdownLines
{
    private char _fence;
    private int _fenceLength;
    private bool _afterBlank = true;
    private bool _inIndentedCode;
    private bool _inList;
    private bool _inImport;

    /// <summary>Spaces before the line's first character.</summary>
    internal int LineIndent { get; private set; }

    /// <summary>The width of the list marker that the line begins with; 0: none.</summary>
    internal int MarkerLength { get; private set; }

    /// <summary>Where the line's content begins, behind a list marker.</summary>
    internal int ContentIndent => LineIndent + MarkerLength;

    internal bool IsTableRow { get; private set; }

    internal LineKind Next(ReadOnlySpan<char> line, bool isInComponent)
    {
        var kind = KindOf(line, isInComponent);
        _afterBlank = kind == LineKind.Blank;
        return kind;
    }

    internal static int Indent(ReadOnlySpan<char> line)
    {
        var indent = 0;
        foreach (var c in line)
        {
            if (c is not (' ' or '\t'))
                break;
            indent++;
        }
        return indent;
    }

    /// <summary><c>:::tip Title</c>, <c>!!! note "Title"</c>: its marks, its label ("Tip") and its title.</summary>
    internal static (string Marks, string Label, string Title) Directive(ReadOnlySpan<char> line)
    {
        var match = DirectiveLine().Match(line.ToString());
        var name = match.Groups["name"].Value;
        var title = match.Groups["title"].Value.Trim().Trim('[', ']', '"', '\'');
        return (match.Groups["marks"].Value[..3], name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..].ToLowerInvariant(), title);
    }

    /// <summary>The name under which a line imports a file of text; null where it imports anything else.</summary>
    internal static string? ImportedText(ReadOnlySpan<char> line) => TextImport().Match(line.ToString()) is { Success: true } match ? match.Groups[1].Value : null;

    private LineKind KindOf(ReadOnlySpan<char> line, bool isInComponent)
    {
        var trimmed = line.Trim();
        if (_fence != 0)
        {
            if (trimmed.Length >= _fenceLength && trimmed.IndexOfAnyExcept(_fence) < 0)
                _fence = '\0';
            return LineKind.Code;
        }
        if (trimmed.IsEmpty)
        {
            _inImport = false;
            return LineKind.Blank;
        }
        (LineIndent, MarkerLength, IsTableRow) = (Indent(line), ListMarker(trimmed), trimmed[0] == '|');
        if (OpensFence(MarkerLength > 0 ? trimmed[MarkerLength..].TrimStart() : trimmed))
            return LineKind.Code;
        if (IsIndentedCode(line, isInComponent))
            return LineKind.Code;
        if (LineIndent == 0)
            _inList = MarkerLength > 0 || (_inList && !_afterBlank);
        else
            _inList |= MarkerLength > 0;
        if (_inImport || (_afterBlank && LineIndent == 0 && ImportLine().IsMatch(line)))
        {
            _inImport = true;
            return LineKind.Import;
        }
        return DirectiveLine().IsMatch(line) ? LineKind.Directive : LineKind.Text;
    }

    private bool OpensFence(ReadOnlySpan<char> trimmed)
    {
        if (trimmed.Length < 3 || trimmed[0] is not ('`' or '~'))
            return false;
        var length = trimmed.IndexOfAnyExcept(trimmed[0]) is >= 0 and var end ? end : trimmed.Length;
        // An info string with a backtick means inline code.
        if (length < 3 || (trimmed[0] == '`' && trimmed[length..].Contains('`')))
            return false;
        (_fence, _fenceLength) = (trimmed[0], length);
        return true;
    }

    /// <summary>Four spaces after a blank line, outside lists and components (where authors indent for looks).</summary>
    private bool IsIndentedCode(ReadOnlySpan<char> line, bool isInComponent)
    {
        var isDeep = line.StartsWith("    ", StringComparison.Ordinal) || line.StartsWith("\t", StringComparison.Ordinal);
        _inIndentedCode = isDeep && !_inList && !isInComponent && (_afterBlank || _inIndentedCode);
        return _inIndentedCode;
    }

    private static int ListMarker(ReadOnlySpan<char> trimmed)
    {
        if (trimmed.Length > 1 && trimmed[0] is '-' or '*' or '+' && trimmed[1] == ' ')
            return 2;
        var digits = 0;
        while (digits < trimmed.Length && digits < 9 && char.IsAsciiDigit(trimmed[digits]))
            digits++;
        return digits > 0 && digits + 1 < trimmed.Length && trimmed[digits] is '.' or ')' && trimmed[digits + 1] == ' ' ? digits + 2 : 0;
    }

    [GeneratedRegex("""\A(?:import\s+(?:[\w*{}\s,$]{1,2000}\s+from\s+)?["'][^"'\n]{1,400}["'];?\s*\z|export\s+(?:const|default|function)\b)""", RegexOptions.CultureInvariant)]
    private static partial Regex ImportLine();

    [GeneratedRegex("""\Aimport\s+(\w{1,100})\s+from\s+["'][^"'\n]{1,400}\.mdx?["']""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TextImport();

    [GeneratedRegex("""\A\s*(?:(?<marks>:{3,6})[ \t]*(?<name>[A-Za-z]{0,30})[ \t]*(?<title>\[[^\]]{0,300}\]|[^{\n]{0,300})(?:\{[^}\n]*\})?\s*\z|(?<marks>!!!|\?\?\?)\+?[ \t]+(?<name>[A-Za-z]{1,30})[ \t]*(?<title>"[^"\n]{0,300}")?\s*\z)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DirectiveLine();
}
