using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Knowledge.Readers.Markup;

/// <summary>Links, roles, literals and substitutions inside a line of reStructuredText, as Markdown.</summary>
internal sealed partial class RstInlines
{
    private const int MaxTargets = 5000;

    private readonly Dictionary<string, string> _targets = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _substitutions = new(StringComparer.Ordinal);

    /// <summary>What the file defines anywhere counts everywhere in it.</summary>
    internal static RstInlines Of(string[] lines)
    {
        var inlines = new RstInlines();
        foreach (var line in lines)
        {
            if (inlines._targets.Count + inlines._substitutions.Count >= MaxTargets)
                break;
            if (LinkTarget().Match(line) is { Success: true } target)
                inlines._targets.TryAdd(target.Groups["name"].Value.Trim('`'), target.Groups["url"].Value);
            else if (Substitution().Match(line) is { Success: true } substitution)
                inlines._substitutions.TryAdd(substitution.Groups["name"].Value, substitution.Groups["text"].Value.Trim());
        }
        return inlines;
    }

    internal static string? Admonition(string name) => name switch
    {
        "note" or "tip" or "hint" or "important" or "warning" or "caution" or "danger" or "error" or "attention" or "seealso" => name == "seealso" ? "See also:" : char.ToUpperInvariant(name[0]) + name[1..] + ":",
        "versionadded" => "New in version",
        "versionchanged" => "Changed in version",
        "deprecated" => "Deprecated since version",
        _ => null,
    };

    internal string Convert(string line)
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (Match literal in Literal().Matches(line))
        {
            text.Append(Plain(line[at..literal.Index])).Append('`').Append(literal.Groups[1].Value).Append('`');
            at = literal.Index + literal.Length;
        }
        return text.Append(Plain(line[at..])).ToString();
    }

    private string Plain(string text)
    {
        text = Role().Replace(text, m => m.Groups["label"].Success ? m.Groups["label"].Value.TrimEnd()
            : m.Groups["role"].Value.Split(':')[^1] is "ref" or "doc" or "term" or "numref" or "guilabel" or "menuselection" or "sub" or "sup" or "abbr" ? m.Groups["text"].Value : $"`{m.Groups["text"].Value.TrimStart('~', '!')}`");
        text = EmbeddedLink().Replace(text, m => m.Groups["url"].Value.EndsWith('_') ? m.Groups["text"].Value : $"[{m.Groups["text"].Value.TrimEnd()}]({m.Groups["url"].Value})");
        text = NamedLink().Replace(text, m => Linked(m.Groups[1].Value, m.Value));
        text = WordLink().Replace(text, m => Linked(m.Groups[1].Value, m.Value));
        return SubstitutionUse().Replace(text, m => _substitutions.TryGetValue(m.Groups[1].Value, out var value) ? value : m.Groups[1].Value);
    }

    private string Linked(string label, string otherwise) => _targets.TryGetValue(label, out var url) ? $"[{label}]({url})" : otherwise is ['`', ..] ? label : otherwise;

    [GeneratedRegex("``(.{1,500}?)``", RegexOptions.CultureInvariant)]
    private static partial Regex Literal();

    [GeneratedRegex(@":(?<role>[\w:+-]{1,60}):`(?:(?<label>[^`<]{1,300})<[^`>]{1,500}>|(?<text>[^`]{1,500}))`", RegexOptions.CultureInvariant)]
    private static partial Regex Role();

    [GeneratedRegex(@"`(?<text>[^`<]{1,300})<(?<url>[^`>]{1,1000})>`__?", RegexOptions.CultureInvariant)]
    private static partial Regex EmbeddedLink();

    [GeneratedRegex(@"`([^`]{1,300})`__?", RegexOptions.CultureInvariant)]
    private static partial Regex NamedLink();

    [GeneratedRegex(@"(?<![\w`])(\w[\w.-]{0,80}?\w)_(?!\w)", RegexOptions.CultureInvariant)]
    private static partial Regex WordLink();

    [GeneratedRegex(@"\|(\S[^|]{0,100})\|_{0,2}", RegexOptions.CultureInvariant)]
    private static partial Regex SubstitutionUse();

    [GeneratedRegex(@"\A\.\. _(?<name>`[^`]{1,200}`|[^:]{1,200}):\s+(?<url>https?:\S{1,1000})\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"\A\.\. \|(?<name>[^|]{1,100})\|\s+replace::\s+(?<text>.{1,500})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Substitution();
}
