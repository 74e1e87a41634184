using System.Text.RegularExpressions;

namespace Parley.Testkit.Models;

/// <summary>The double's only understanding of language, and its count of tokens.</summary>
internal static partial class Words
{
    private static readonly HashSet<string> Filler = new(
        "a an and are as at be by can do does for from how i in is it its my of on or our that the this to was we what when where which who why will with you your".Split(' '), StringComparer.Ordinal);

    /// <summary>Four characters are a token; every text has one at least.</summary>
    internal static int Tokens(string text) => text.Length == 0 ? 0 : (text.Length + 3) / 4;

    internal static HashSet<string> Of(string text) =>
        [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value).Where(word => !Filler.Contains(word)).Select(word => word.Length > 4 && word.EndsWith('s') ? word[..^1] : word)];

    /// <summary>The share of the first text's words that are in the second, with a little for brevity so that ties are rare.</summary>
    internal static double Overlap(string of, string with)
    {
        var (asked, said) = (Of(of), Of(with));
        return asked.Count == 0 ? 0 : ((double)asked.Count(said.Contains) / asked.Count) + (.01 / (1 + said.Count));
    }

    internal static IEnumerable<string> Sentences(string text) => Sentence().Matches(text).Select(match => match.Value.Trim()).Where(sentence => sentence.Length > 0);

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"[^.!?\n]+[.!?]?")]
    private static partial Regex Sentence();
}
