using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers.Markup;

/// <summary>Rewrites reStructuredText as Markdown and lets the Markdown reader read it. What an include would bring stays visible as the include.</summary>
internal sealed partial class RstReader
{
    private const int MaxDepth = 20;
    private const string Adornments = "=-`:.'\"~^_*+#<>";

    private readonly StringBuilder _out = new();
    private readonly List<(char Mark, bool Over)> _levels = [];
    private readonly RstInlines _inlines;
    private string? _anchor;

    private RstReader(RstInlines inlines) => _inlines = inlines;

    internal static ReadDocument Read(string text, string path)
    {
        var lines = text.Replace("\t", "        ", StringComparison.Ordinal).Split('\n');
        var reader = new RstReader(RstInlines.Of(lines));
        reader.Blocks([.. lines.Select(l => l.TrimEnd())], "", 0);
        return MarkdownReader.Read(reader._out.ToString(), path);
    }

    /// <summary>Directives and roles are of no other language.</summary>
    internal static bool Looks(string text) => Sign().IsMatch(text.AsSpan(0, Math.Min(text.Length, 64 * 1024)));

    private void Blocks(string[] lines, string indent, int depth)
    {
        for (var i = 0; i < lines.Length;)
        {
            var line = lines[i];
            if (line.Length == 0)
            {
                Blank();
                i++;
            }
            else if (Section(lines, ref i, indent) || Table(lines, ref i, indent) || Explicit(lines, ref i, indent, depth))
            {
                Blank();
            }
            else if (line[0] == ' ')
            {
                // Deeper text without a reason of its own is a quotation.
                Blocks(Inner(lines, ref i, 0), indent, Deeper(depth));
            }
            else if (line.StartsWith(">>> ", StringComparison.Ordinal))
            {
                Code(Take(lines, ref i, l => l.Length > 0), "python", indent);
            }
            else
            {
                Paragraph(lines, ref i, indent, depth);
            }
        }
    }

    private bool Section(string[] lines, ref int i, string indent)
    {
        var over = IsAdornment(lines[i]) && i + 2 < lines.Length && lines[i + 2] == lines[i] && lines[i + 1].Trim().Length > 0;
        var under = !over && i + 1 < lines.Length && lines[i].Length > 0 && lines[i][0] != ' ' && IsAdornment(lines[i + 1]) && lines[i + 1].Length >= Math.Min(lines[i].Length, 4) && !IsAdornment(lines[i]);
        if (!over && !under)
        {
            // A line of marks alone is a rule.
            if (!IsAdornment(lines[i]) || lines[i].Length < 4 || lines[i].Contains(' ', StringComparison.Ordinal))
                return false;
            i++;
            return true;
        }
        var (title, style) = over ? (lines[i + 1].Trim(), (lines[i][0], true)) : (lines[i], (lines[i + 1][0], false));
        var level = _levels.IndexOf(style);
        if (level < 0)
        {
            level = _levels.Count;
            _levels.Add(style);
        }
        Blank();
        Emit(indent, new string('#', Math.Min(6, level + 1)) + " " + _inlines.Convert(title) + (_anchor is null ? "" : " {#" + _anchor + "}"));
        _anchor = null;
        i += over ? 3 : 2;
        return true;
    }

    private static bool IsAdornment(string line) => line.Length >= 2 && Adornments.Contains(line[0], StringComparison.Ordinal) && line.AsSpan().IndexOfAnyExcept(line[0]) < 0;

    private bool Table(string[] lines, ref int i, string indent)
    {
        var isGrid = GridLine().IsMatch(lines[i]);
        if (!isGrid && !SimpleLine().IsMatch(lines[i]))
            return false;
        var rows = isGrid
            ? RstTable.Grid(Take(lines, ref i, l => l.Length > 0 && l[0] is '+' or '|'))
            : RstTable.Simple(lines, ref i);
        Table(rows, indent);
        return true;
    }

    private void Table(List<List<string>> rows, string indent)
    {
        if (rows.Count == 0)
            return;
        Blank();
        var cells = rows.ConvertAll(r => r.ConvertAll(_inlines.Convert));
        foreach (var unit in TableText.Units(cells[0], cells.Skip(1), cells.Max(r => r.Count)))
            Emit(indent, unit.Text);
    }

    /// <summary>What begins with two dots: directives, targets, notes, comments.</summary>
    private bool Explicit(string[] lines, ref int i, string indent, int depth)
    {
        var line = lines[i];
        if (!line.StartsWith("..", StringComparison.Ordinal) || (line.Length > 2 && line[2] != ' '))
            return false;
        var text = line.Length > 2 ? line[2..].Trim() : "";
        i++;
        if (Target().Match(text) is { Success: true } target)
        {
            _anchor = target.Groups["url"].Value.Length == 0 ? Anchors.Slug(target.Groups["name"].Value) : _anchor;
            return true;
        }
        var inner = Inner(lines, ref i, 1);
        if (Directive().Match(text) is { Success: true } directive && !text.StartsWith('|'))
            Say(directive.Groups["name"].Value.ToLowerInvariant(), directive.Groups["argument"].Value.Trim(), inner, indent, Deeper(depth));
        else if (Note().Match(text) is { Success: true } note)
            Emit(indent, _inlines.Convert($"[{note.Groups["label"].Value}] {note.Groups["text"].Value} {string.Join(' ', inner.Select(l => l.Trim()))}".TrimEnd()));
        return true;
    }

    private void Say(string name, string argument, string[] inner, string indent, int depth)
    {
        var options = inner.TakeWhile(l => Option().IsMatch(l)).ToList();
        string[] body = [.. inner.Skip(options.Count).SkipWhile(l => l.Length == 0)];
        var alt = options.Select(o => Option().Match(o)).FirstOrDefault(m => m.Groups["name"].Value == "alt")?.Groups["value"].Value;
        switch (name)
        {
            case "code-block" or "code" or "sourcecode" or "parsed-literal" or "highlight" or "prompt" or "productionlist" or "math":
                Code(body, name == "math" ? "" : argument, indent);
                break;
            case "include" or "literalinclude":
                Emit(indent, $"`.. {name}:: {argument}`");
                break;
            case "image" or "figure":
                if (alt is not null)
                    Emit(indent, $"![{alt}]()\n");
                Blocks(body, indent, depth);
                break;
            case "csv-table":
                Table(CsvReader.Records(string.Join('\n', body), ','), indent);
                break;
            case "list-table":
                Table(RstTable.List(body), indent);
                break;
            case "toctree" or "contents" or "index" or "raw" or "meta" or "role" or "default-role" or "only" or "ifconfig" or "sectnum" or "tabularcolumns" or "module" or "currentmodule":
                if (name is "only" or "ifconfig")
                    Blocks(body, indent, depth);
                break;
            default:
                var word = RstInlines.Admonition(name) ?? "";
                Emit(indent, _inlines.Convert($"{word} {argument}".Trim()) + "\n");
                Blocks(body, indent, depth);
                break;
        }
    }

    private void Paragraph(string[] lines, ref int i, string indent, int depth)
    {
        if (Bullet().Match(lines[i]) is { Success: true } bullet)
        {
            Item(lines, ref i, bullet, indent, depth);
            return;
        }
        if (Field().Match(lines[i]) is { Success: true } field)
        {
            i++;
            var value = string.Join(' ', new[] { field.Groups["value"].Value }.Concat(Inner(lines, ref i, 1).Select(l => l.Trim()))).Trim();
            // Fields at the beginning belong to the tools, not to the reader.
            if (_out.ToString().Trim().Length > 0)
                Emit(indent, "- " + _inlines.Convert(field.Groups["name"].Value + ": " + value));
            return;
        }
        var text = Take(lines, ref i, l => l.Length > 0 && l[0] != ' ');
        var isTerm = text.Length == 1 && i < lines.Length && lines[i].Length > 0;
        if (isTerm)
        {
            Emit(indent, "- " + _inlines.Convert(text[0]) + "\n");
            Blocks(Inner(lines, ref i, 0), indent + "  ", Deeper(depth));
            return;
        }
        var announcesCode = text[^1].EndsWith("::", StringComparison.Ordinal);
        if (announcesCode)
            text[^1] = text[^1] == "::" ? "" : text[^1][..^1];
        Emit(indent, string.Join('\n', text.Select(l => _inlines.Convert(l.StartsWith("| ", StringComparison.Ordinal) ? l[2..] + "\\" : l))));
        Blank();
        if (announcesCode)
            Code(Inner(lines, ref i, 0), "", indent);
    }

    private void Item(string[] lines, ref int i, Match bullet, string indent, int depth)
    {
        var width = bullet.Length;
        var marker = bullet.Groups["counts"].Success ? "1. " : "-  ";
        string[] first = [lines[i++][width..]];
        string[] body = [.. first, .. Inner(lines, ref i, 1, width)];
        var part = new RstReader(_inlines);
        part.Blocks(body, "", Deeper(depth));
        var text = part._out.ToString().Trim('\n').Split('\n');
        Emit(indent, marker + text[0]);
        foreach (var line in text.Skip(1))
            _out.Append(line.Length == 0 ? "" : indent + "   " + line).Append('\n');
    }

    private void Code(string[] lines, string language, string indent)
    {
        var code = string.Join('\n', lines).Trim('\n');
        if (string.IsNullOrWhiteSpace(code))
            return;
        Blank();
        foreach (var line in DocumentBuilder.Fence(code, LanguageName().IsMatch(language) ? language : "").Split('\n'))
            _out.Append(indent).Append(line).Append('\n');
        Blank();
    }

    /// <summary>The indented lines that follow, less their indentation; blank lines between them belong to them.</summary>
    private static string[] Inner(string[] lines, ref int i, int least, int width = 0)
    {
        var start = i;
        while (i < lines.Length && (lines[i].Length == 0 || Indent(lines[i]) >= Math.Max(1, Math.Max(least, width))))
            i++;
        var inside = lines[start..i];
        // A comment or directive without content does not take what stands far below it.
        var end = inside.Length;
        while (end > 0 && inside[end - 1].Length == 0)
            end--;
        i = start + end;
        var indent = width > 0 ? width : inside[..end].Where(l => l.Length > 0).Select(Indent).DefaultIfEmpty(0).Min();
        return [.. inside[..end].Select(l => l.Length >= indent ? l[indent..] : "")];
    }

    private static string[] Take(string[] lines, ref int i, Func<string, bool> belongs)
    {
        var start = i++;
        while (i < lines.Length && belongs(lines[i]))
            i++;
        return lines[start..i];
    }

    private static int Indent(string line) => line.AsSpan().IndexOfAnyExcept(' ') is var n && n < 0 ? 0 : n;

    private static int Deeper(int depth) => depth < MaxDepth ? depth + 1 : throw new ReaderLimitException($"The file nests its blocks more than {MaxDepth} deep.");

    private void Emit(string indent, string text)
    {
        foreach (var line in text.Split('\n'))
            _out.Append(line.Length == 0 ? "" : indent + line).Append('\n');
    }

    private void Blank()
    {
        if (_out.Length > 1 && (_out[^1] != '\n' || _out[^2] != '\n'))
            _out.Append('\n');
    }

    [GeneratedRegex(@"^\.\. (?:code-block|note|warning|toctree|image|figure|contents|_[\w -]{1,80})::?|:(?:ref|doc|class|func|meth|option):`", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Sign();

    [GeneratedRegex(@"\A\+(?:[-=]+\+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex GridLine();

    [GeneratedRegex(@"\A={2,}(?: +={2,})+\z", RegexOptions.CultureInvariant)]
    private static partial Regex SimpleLine();

    [GeneratedRegex(@"\A_(?<name>`[^`]{1,200}`|[^:]{1,200}):(?:\s+(?<url>\S.*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Target();

    [GeneratedRegex(@"\A(?:\|[^|]{1,100}\|\s+)?(?<name>[A-Za-z][\w:.+-]{0,60})::(?:\s+(?<argument>.*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();

    [GeneratedRegex(@"\A\[(?<label>[#*\w-]{1,60})\]\s+(?<text>.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Note();

    [GeneratedRegex(@"\A:(?<name>[\w -]{1,60}):(?:\s+(?<value>.*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Option();

    [GeneratedRegex(@"\A:(?<name>[^:`]{1,100}):(?:\s+(?<value>.*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Field();

    [GeneratedRegex(@"\A(?:[-*+•]|(?<counts>(?:\(?(?:\d{1,4}|#|[a-zA-Z])[.)])))\s+(?=\S)", RegexOptions.CultureInvariant)]
    private static partial Regex Bullet();

    [GeneratedRegex(@"\A[A-Za-z0-9+#._-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageName();
}
