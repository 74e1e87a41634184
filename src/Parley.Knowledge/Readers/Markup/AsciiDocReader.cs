using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers.Markup;

/// <summary>Rewrites AsciiDoc as Markdown, line by line, and lets the Markdown reader read it. What an include would bring stays visible as the include.</summary>
internal sealed partial class AsciiDocReader
{
    private const int MaxAttributes = 500;

    private readonly string[] _lines;
    private readonly StringBuilder _out = new();
    private readonly AsciiDocInlines _inlines = new();
    private readonly List<string> _markers = [];
    private string _indent = "";
    private string? _attributes;
    private string? _id;
    private bool _afterBlank = true;
    private int _at;

    private AsciiDocReader(string text) => _lines = text.Split('\n');

    internal static ReadDocument Read(string text, string path)
    {
        var reader = new AsciiDocReader(text);
        var document = MarkdownReader.Read(reader.Run(), path);
        return document with { Language = document.Language ?? LanguageTag.Parse(reader._inlines.Value("lang")) };
    }

    /// <summary>A text that begins as AsciiDoc does: a title with one equals sign, then attributes or prose.</summary>
    internal static bool Looks(string text) => Start().IsMatch(text);

    private string Run()
    {
        while (_at < _lines.Length)
        {
            var line = _lines[_at].TrimEnd();
            if (!Block(line))
                Line(line);
        }
        return _out.ToString();
    }

    /// <summary>Takes what stands in lines of its own: delimiters, tables, attributes, comments. False: the line is text.</summary>
    private bool Block(string line)
    {
        if (line is "////" or ['/', '/', '/', '/', ..] && line.All(c => c == '/'))
            Until(line);
        else if (line.StartsWith("//", StringComparison.Ordinal) || Dropped().IsMatch(line))
            _at++;
        else if (IsDelimiter(line, '-') || IsDelimiter(line, '.') || line.StartsWith("```", StringComparison.Ordinal))
            Listing(line);
        else if (line is "|===" or "!===" or ",===" or ":===")
            Table(line);
        else if (IsDelimiter(line, '=') || IsDelimiter(line, '*') || IsDelimiter(line, '_') || IsDelimiter(line, '+') || line == "--")
            Container();
        else if (AttributeEntry().Match(line) is { Success: true } entry && _afterBlank | _at < MaxAttributes)
            Attribute(entry);
        else if (AttributeList().Match(line) is { Success: true } list)
            Attributes(list);
        else
            return false;
        return true;
    }

    private static bool IsDelimiter(string line, char c) => line.Length >= 4 && line[0] == c && line.AsSpan().IndexOfAnyExcept(c) < 0;

    private void Attribute(Match entry)
    {
        _inlines.Define(entry.Groups["name"].Value, entry.Groups["value"].Value.Trim());
        _at++;
    }

    private void Attributes(Match list)
    {
        if (list.Groups["id"].Success)
            _id = list.Groups["id"].Value;
        else
            _attributes = list.Groups["list"].Value;
        _at++;
    }

    /// <summary>The lines to the same delimiter, or to the end.</summary>
    private List<string> Until(string delimiter)
    {
        var inside = new List<string>();
        for (_at++; _at < _lines.Length && _lines[_at].TrimEnd() != delimiter; _at++)
            inside.Add(_lines[_at]);
        _at++;
        return inside;
    }

    private void Listing(string delimiter)
    {
        var language = delimiter[0] == '`' ? delimiter.Trim('`') : SourceLanguage();
        var code = Until(delimiter[0] == '`' ? "```" : delimiter);
        Blank();
        foreach (var line in DocumentBuilder.Fence(string.Join('\n', code), language).Split('\n'))
            Emit(line);
        Blank();
        Reset();
    }

    /// <summary>[source,java] and [,java].</summary>
    private string SourceLanguage()
    {
        var parts = (_attributes ?? "").Split(',', StringSplitOptions.TrimEntries);
        return parts.Length > 1 && (parts[0] is "source" or "" or "listing" || parts[0].StartsWith("source%", StringComparison.Ordinal)) && LanguageName().IsMatch(parts[1]) ? parts[1] : "";
    }

    /// <summary>An example, a sidebar, a quotation: its content is what counts; an admonition says its word first.</summary>
    private void Container()
    {
        Blank();
        if (_attributes is { } a && Admonition(a.Split([',', '.', '#', '%'])[0]) is { } word)
            Emit(word);
        Reset();
        _at++;
    }

    private static string? Admonition(string name) => name is "NOTE" or "TIP" or "IMPORTANT" or "WARNING" or "CAUTION" ? name[0] + name[1..].ToLowerInvariant() + ":" : null;

    private void Table(string delimiter)
    {
        var attributes = _attributes ?? "";
        var rows = AsciiDocTable.Rows(Until(delimiter), attributes, delimiter[0] == ',' ? ',' : delimiter[0] == ':' ? ':' : delimiter[0]);
        Blank();
        if (rows.Count > 0)
        {
            var cells = rows.ConvertAll(r => r.ConvertAll(_inlines.Convert));
            foreach (var unit in TableText.Units(cells[0], cells.Skip(1), cells.Max(r => r.Count)))
                Emit(unit.Text);
        }
        Blank();
        Reset();
    }

    private void Line(string line)
    {
        _at++;
        if (line.Length == 0)
        {
            Blank();
            _indent = "";
            return;
        }
        if (line == "+" && _markers.Count > 0)
        {
            Blank();
            _indent = new string(' ', 3 * _markers.Count);
            return;
        }
        if (Heading().Match(line) is { Success: true } heading && _indent.Length == 0)
        {
            Blank();
            _markers.Clear();
            Emit(new string('#', heading.Groups["level"].Length) + " " + _inlines.Convert(heading.Groups["text"].Value) + (_id is null ? "" : " {#" + _id + "}"));
            Blank();
            Reset();
        }
        else if (Item().Match(line) is { Success: true } item && (_afterBlank || _markers.Count > 0))
        {
            ListItem(item);
        }
        else if (Term().Match(line) is { Success: true } term)
        {
            _markers.Clear();
            Emit("-  " + _inlines.Convert(term.Groups["term"].Value) + "\n");
            _markers.Add("::");
            if (term.Groups["text"].Value.Length > 0)
                Emit("   " + _inlines.Convert(term.Groups["text"].Value));
        }
        else
        {
            Text(line);
        }
        _afterBlank = false;
    }

    private void ListItem(Match item)
    {
        var marker = item.Groups["marker"].Value;
        var known = _markers.IndexOf(marker);
        // Of another kind and behind a blank line it is a list of its own to a reader's eye.
        if (known < 0 && _afterBlank && _markers.Count > 0 && _markers[0][0] != marker[0])
        {
            Blank();
            _markers.Clear();
        }
        if (known >= 0)
            _markers.RemoveRange(known + 1, _markers.Count - known - 1);
        else
            _markers.Add(marker);
        (_indent, var counts) = ("", marker[0] is '.' or '<' || char.IsAsciiDigit(marker[0]));
        Emit(new string(' ', 3 * (_markers.Count - 1)) + (counts ? "1. " : "-  ") + _inlines.Convert(CheckBox().Replace(item.Groups["text"].Value, "")));
    }

    private void Text(string line)
    {
        if (BlockTitle().Match(line) is { Success: true } title && _afterBlank)
        {
            Emit(_inlines.Convert(title.Groups["text"].Value) + ":");
            Blank();
            return;
        }
        if (_afterBlank && _indent.Length == 0 && line[0] != ' ')
            _markers.Clear();
        var word = _afterBlank ? AdmonitionLine().Match(line) : Match.Empty;
        if (word.Success)
            line = Admonition(word.Groups["name"].Value) + " " + line[word.Length..];
        else if (_afterBlank && _attributes is { } a && Admonition(a.Split(',')[0]) is { } spoken)
            line = spoken + " " + line;
        // A line that begins with a space is literal text.
        var isLiteral = _afterBlank && line[0] == ' ' && _markers.Count == 0;
        Emit(isLiteral ? "    " + line.Trim() : (_markers.Count > 0 && _indent.Length == 0 ? new string(' ', 3 * _markers.Count) : "") + _inlines.Convert(line.TrimStart()));
        Reset();
    }

    private void Emit(string text)
    {
        foreach (var line in text.Split('\n'))
            _out.Append(_indent).Append(line).Append('\n');
    }

    private void Blank()
    {
        if (_out.Length > 1 && (_out[^1] != '\n' || _out[^2] != '\n'))
            _out.Append('\n');
        _afterBlank = true;
    }

    private void Reset() => (_attributes, _id) = (null, null);

    [GeneratedRegex(@"\A= \S[^\n]{0,200}\n(?:[^\n]{0,200}\n)?(?::[\w!-]{1,60}:|\n)", RegexOptions.CultureInvariant)]
    private static partial Regex Start();

    [GeneratedRegex(@"\A(?:ifdef|ifndef|ifeval|endif|toc|video|audio)::|\A(?:<<<|'''|---)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dropped();

    [GeneratedRegex(@"\A:(?<name>!?[\w-]{1,80}!?):(?:\s+(?<value>.*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex AttributeEntry();

    [GeneratedRegex(@"\A(?:\[\[(?<id>[\w:.-]{1,200})[^\]]*\]\]|\[#(?<id>[\w:.-]{1,200})[^\]]*\]|\[(?<list>[^\]\[]{0,1000})\])\z", RegexOptions.CultureInvariant)]
    private static partial Regex AttributeList();

    [GeneratedRegex(@"\A[A-Za-z0-9+#._-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageName();

    [GeneratedRegex(@"\A(?<level>={1,6}|#{1,6})\s+(?<text>\S.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\A\s*(?<marker>\*{1,6}|-|\.{1,6}|<(?:\d{1,3}|\.)>|\d{1,4}\.)\s+(?<text>\S.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Item();

    [GeneratedRegex(@"\A\[[ x*]\]\s+", RegexOptions.CultureInvariant)]
    private static partial Regex CheckBox();

    [GeneratedRegex(@"\A(?<term>\S.{0,300}?)(?::{2,4}|;;)(?:\s+(?<text>.*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Term();

    [GeneratedRegex(@"\A\.(?<text>[^\s.].*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex BlockTitle();

    [GeneratedRegex(@"\A(?<name>NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+", RegexOptions.CultureInvariant)]
    private static partial Regex AdmonitionLine();
}
