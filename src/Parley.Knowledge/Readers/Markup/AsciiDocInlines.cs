using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers.Markup;

/// <summary>Links, references, macros and attributes inside a line of AsciiDoc, as Markdown. Code spans stay as they are.</summary>
internal sealed partial class AsciiDocInlines
{
    private const int MaxValues = 500;

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    internal void Define(string name, string value)
    {
        if (_values.Count < MaxValues && !name.Contains('!', StringComparison.Ordinal))
            _values[name] = value;
    }

    internal string? Value(string name) => _values.GetValueOrDefault(name);

    internal string Convert(string line)
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (Match code in CodeSpan().Matches(line))
        {
            text.Append(Plain(line[at..code.Index])).Append('`').Append(code.Groups["code"].Value.Trim('+')).Append('`');
            at = code.Index + code.Length;
        }
        text.Append(Plain(line[at..]));
        return text.ToString();
    }

    private string Plain(string text)
    {
        text = Reference().Replace(text, m => _values.TryGetValue(m.Groups[1].Value, out var value) && value.Length < 1000 ? value : m.Value);
        text = Macro().Replace(text, m => (m.Groups["name"].Value, m.Groups["target"].Value, m.Groups["text"].Value) switch
        {
            ("include", var target, _) => $"`include::{target}[]`",
            ("image", _, var alt) => $"![{alt.Split(',')[0].Trim('"')}]()",
            ("footnote", _, var note) => $" ({note})",
            ("menu", var target, var item) => item.Length > 0 ? $"{target} > {item}" : target,
            ("xref", var target, var label) => label.Length > 0 ? label : target.Split('#')[^1],
            (_, _, var inner) => inner,
        });
        text = Link().Replace(text, m => m.Groups["text"].Value.TrimEnd('^').Split(",window=")[0] is { Length: > 0 } label ? $"[{label}]({m.Groups["url"].Value})" : m.Groups["url"].Value);
        text = CrossReference().Replace(text, m => m.Groups["text"].Success ? m.Groups["text"].Value : m.Groups["id"].Value);
        text = Anchor().Replace(text, "");
        text = Role().Replace(text, "$1");
        return text.EndsWith(" +", StringComparison.Ordinal) ? text[..^2] + "\\" : text;
    }

    [GeneratedRegex("`(?<code>[^`]{1,500})`", RegexOptions.CultureInvariant)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\{([\w-]{1,80})\}", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\b(?<name>include|image|icon|kbd|btn|menu|xref|footnote|pass|indexterm|stem):{1,2}(?<target>[^\s\[\]]{0,400})\[(?<text>[^\]]{0,1000})\]", RegexOptions.CultureInvariant)]
    private static partial Regex Macro();

    [GeneratedRegex(@"(?:link:(?<url>[^\s\[\]]{1,1000})|(?<url>(?:https?|mailto):[^\s\[\]<>]{1,1000}))\[(?<text>[^\]]{0,500})\]", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"<<(?<id>[^,<>]{1,200})(?:,\s*(?<text>[^<>]{1,300}))?>>", RegexOptions.CultureInvariant)]
    private static partial Regex CrossReference();

    [GeneratedRegex(@"\[\[[^\]]{1,200}\]\]", RegexOptions.CultureInvariant)]
    private static partial Regex Anchor();

    [GeneratedRegex(@"\[[.#][^\]]{1,100}\]#([^#]{1,300})#", RegexOptions.CultureInvariant)]
    private static partial Regex Role();
}
