using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Assistant.Generation;

/// <summary>Reads and takes out the marks by which a model names passages: [2], [1][3], [1, 3], 【2】. Pure.</summary>
internal static partial class CitationMarks
{
    /// <summary>What is said without its marks, and the numbers in the order in which they stand. Code in a line keeps its brackets; so does a link.</summary>
    internal static (string Text, IReadOnlyList<int> Numbers) Take(string text)
    {
        var (clean, numbers, from) = (new StringBuilder(text.Length), new List<int>(), 0);
        foreach (Match match in MarkOrCode().Matches(text))
        {
            if (!match.Groups["mark"].Success)
            {
                continue;
            }
            numbers.AddRange(Number().Matches(match.Groups["mark"].Value).Select(n => int.Parse(n.Value, CultureInfo.InvariantCulture)));
            clean.Append(text, from, match.Index - from);
            from = match.Index + match.Length;
        }
        return numbers.Count == 0 ? (text, []) : (clean.Append(text, from, text.Length - from).ToString().Trim(), [.. numbers.Distinct()]);
    }

    /// <summary>How many characters of marks, with the space between them, a text begins with.</summary>
    internal static int Leading(ReadOnlySpan<char> text)
    {
        var length = 0;
        foreach (var match in LeadingMarks().EnumerateMatches(text))
        {
            length = match.Length;
        }
        return length;
    }

    /// <summary>It may become a mark with what comes next.</summary>
    internal static bool MayBegin(ReadOnlySpan<char> text) => BeginsMark().IsMatch(text);

    // items[1] and a[0][1] are names, unless the mark ends what is said; in scripts without spaces it stands directly behind the words anyway.
    [GeneratedRegex(@"(?<code>`+)[^`]*\k<code>|[ \t]*(?<mark>(?:(?<![A-Za-z0-9_\])])|\G|(?<=[A-Za-z]{2})(?=(?:\[[1-9]\d?\])+[.!?:;,)]?\s*\z))\[[1-9]\d?(?:\s*[,;]\s*[1-9]\d?)*\](?!\()|【[1-9]\d?[^】\n]{0,20}】)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex MarkOrCode();

    [GeneratedRegex(@"(?<![†:\d])[1-9]\d?(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\A(?:\s*(?:\[[1-9]\d?(?:\s*[,;]\s*[1-9]\d?)*\](?!\()|【[1-9]\d?[^】\n]{0,20}】))+[.。]?", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingMarks();

    [GeneratedRegex(@"\A\s*(?:\[[\d,;\s]*\]?|【[^】\n]{0,24}】?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex BeginsMark();
}
