using System.Globalization;
using System.Text;
using Parley.Knowledge.Analysis;
using Parley.Quality.Evaluation;

namespace Parley.Quality;

/// <summary>Does an answer hold what the question's author accepts?</summary>
internal static class AnswerMatch
{
    internal static bool Contains(string answer, IReadOnlyList<string> accepted)
    {
        var text = Normal(answer);
        return accepted.Any(a => Normal(a) is { Length: > 0 } wanted && (IsSpaceless(wanted) ? text.Replace(" ", "", StringComparison.Ordinal).Contains(wanted.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal)
            : (" " + text + " ").Contains(" " + wanted + " ", StringComparison.Ordinal)));
    }

    /// <summary>A longer text is somebody's answer to compare with, not one that could stand in a quotation.</summary>
    private const int LongestText = 30;

    internal static bool IsHit(DatasetQuestion question, string answer, IEnumerable<string> cited)
    {
        var texts = question.Answers.Where(a => TextAnalyzer.CountWords(a) <= LongestText).ToList();
        return texts.Count > 0 ? Contains(answer, texts) : cited.Any(question.Relevant.Contains);
    }

    /// <summary>Harmonic mean of precision and recall of the words, against the accepted text that fits best; spaceless scripts by character.</summary>
    internal static double? F1(IReadOnlyList<string> accepted, string answer)
    {
        if (accepted.Count == 0)
            return null;
        var said = Tokens(answer);
        return accepted.Max(a => F1(Tokens(a), said));
    }

    private static double F1(List<string> wanted, List<string> said)
    {
        var left = said.CountBy(w => w).ToDictionary();
        var shared = 0;
        foreach (var word in wanted)
        {
            if (left.GetValueOrDefault(word) is var n and > 0)
            {
                left[word] = n - 1;
                shared++;
            }
        }
        return shared == 0 ? 0 : 2d * shared / (wanted.Count + said.Count);
    }

    private static List<string> Tokens(string text) =>
        [.. Normal(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(w => IsSpaceless(w) ? w.Select(c => c.ToString()) : [w])];

    /// <summary>Lower case, letters and digits; everything else is one space. Marks above letters stay: they tell words apart.</summary>
    internal static string Normal(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
                normal.Append(Rune.ToLowerInvariant(rune));
            else if (normal.Length > 0 && normal[^1] != ' ')
                normal.Append(' ');
        }
        return normal.ToString().TrimEnd();
    }

    /// <summary>Scripts that write no spaces between words.</summary>
    private static bool IsSpaceless(string text) =>
        text.Any(c => c is >= '\u0E00' and <= '\u0E7F' or >= '\u3040' and <= '\u30FF' or >= '\u3400' and <= '\u9FFF');
}
