using System.Text.RegularExpressions;

namespace Parley.Knowledge.Analysis;

/// <summary>Takes addresses and tags out of a text before it is indexed, so that they are not searched as words.</summary>
internal static partial class MarkdownText
{
    /// <summary>Links become their text, images their alternative text, tags a space.</summary>
    internal static string WithoutMarkup(string text)
    {
        if (text.Contains("](", StringComparison.Ordinal))
            text = Link().Replace(text, "$1 ");
        return text.Contains('<', StringComparison.Ordinal) ? Tag().Replace(text, " ") : text;
    }

    /// <summary>The texts of all Markdown headings (ATX form).</summary>
    internal static IEnumerable<string> Headings(string text)
    {
        if (!text.Contains('#', StringComparison.Ordinal))
            yield break;
        foreach (Match match in Heading().Matches(text))
            yield return match.Groups[1].Value;
    }

    [GeneratedRegex(@"!?\[([^\]]*)\]\(([^)]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex("<[^>]{1,300}>", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^#{1,6}[ \t]+(.*)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Heading();
}
