using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Parley.Knowledge.Readers;

/// <summary>The head of a Markdown file between two lines of <c>---</c> (YAML) or <c>+++</c> (TOML, single lines only).</summary>
internal static partial class FrontMatter
{
    private const int MaxLength = 64 * 1024;
    private const int MaxEntries = 50;
    private const int MaxDepth = 30;
    private const int MaxValueLength = 1000;

    internal static bool Starts(string text) => Fence().IsMatch(text);

    /// <summary>Splits a text into its head's scalars and the rest. A head that is no YAML is still taken off and read line by line.</summary>
    internal static (IReadOnlyDictionary<string, string> Values, string Body) Split(string text)
    {
        if (Fence().Match(text) is not { Success: true } match || match.Groups["head"].Length > MaxLength)
            return (new Dictionary<string, string>(), text);
        var head = match.Groups["head"].Value;
        var body = text[match.Length..];
        if (match.Groups["fence"].Value == "+++")
            return (Lines(head), body);
        try
        {
            if (NestsDeeply(head))
                return (Lines(head), body);
            // The representation model makes nodes only: no types of ours, no expansion of aliases.
            var stream = new YamlStream();
            stream.Load(new StringReader(head));
            return stream.Documents is [{ RootNode: YamlMappingNode root }, ..] ? (Scalars(root), body)
                : string.IsNullOrWhiteSpace(head) || IsComment(head) ? (new Dictionary<string, string>(), body)
                // Between two rules stands prose: that is no head.
                : (new Dictionary<string, string>(), text);
        }
        catch (YamlException)
        {
            return (Lines(head), body);
        }
    }

    private static Dictionary<string, string> Scalars(YamlMappingNode root)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, node) in root.Children)
        {
            if (values.Count == MaxEntries)
                break;
            var value = node switch
            {
                YamlScalarNode scalar => scalar.Value,
                YamlSequenceNode items when items.Children.Count <= MaxEntries => string.Join(", ", items.Children.OfType<YamlScalarNode>().Select(i => i.Value)),
                _ => null,
            };
            Add(values, (key as YamlScalarNode)?.Value, value);
        }
        return values;
    }

    private static Dictionary<string, string> Lines(string head)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (Match line in KeyValue().Matches(head))
        {
            if (values.Count < MaxEntries)
                Add(values, line.Groups[1].Value, line.Groups[2].Value.Trim().Trim('"', '\''));
        }
        return values;
    }

    private static void Add(Dictionary<string, string> values, string? key, string? value)
    {
        if (key is { Length: > 0 and <= 100 } && !string.IsNullOrWhiteSpace(value))
            values.TryAdd(key, TextNormal.Truncate(TextNormal.OneLine(TextNormal.Clean(value)), MaxValueLength));
    }

    /// <summary>The YAML parser descends by recursion, and a full stack ends the process.</summary>
    private static bool NestsDeeply(string head)
    {
        var (brackets, dashes) = (0, 0);
        foreach (var c in head)
        {
            brackets += c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            dashes = c is '-' or '?' ? dashes + 1 : c == ' ' ? dashes : 0;
            if (brackets > MaxDepth || dashes > MaxDepth)
                return true;
        }
        return false;
    }

    private static bool IsComment(string head) => head.Split('\n').All(l => string.IsNullOrWhiteSpace(l) || l.TrimStart().StartsWith('#'));

    [GeneratedRegex(@"\A\s*(?<fence>---|\+\+\+)[ \t]*\n(?<head>(?:(?!\k<fence>[ \t]*(?:\n|\z)).*\n)*?)\k<fence>[ \t]*(?:\n|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^([A-Za-z][A-Za-z0-9_-]{0,99})[ \t]*[:=][ \t]*(\S.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex KeyValue();
}
