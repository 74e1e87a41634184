using System.Globalization;
using System.Text;
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

    internal static bool IsHit(DatasetQuestion question, string answer, IEnumerable<string> cited) =>
        question.Answers.Count > 0 ? Contains(answer, question.Answers) : cited.Any(question.Relevant.Contains);

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
