using System.Globalization;
using System.Text;

namespace Parley.Knowledge.Readers;

/// <summary>Fragments of headings as GitHub makes them; the same text a second time gets "-1".</summary>
internal sealed class Anchors
{
    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

    internal string Of(string heading)
    {
        var slug = Slug(heading);
        if (!_used.TryGetValue(slug, out var count))
        {
            _used[slug] = 0;
            return slug;
        }
        string unique;
        do
        {
            unique = slug + "-" + (++count).ToString(CultureInfo.InvariantCulture);
        }
        while (_used.ContainsKey(unique));
        _used[slug] = count;
        _used[unique] = 0;
        return unique;
    }

    /// <summary>Lower case; letters, digits, marks, hyphens and underscores stay, spaces become hyphens, the rest goes.</summary>
    internal static string Slug(string heading)
    {
        var slug = new StringBuilder(heading.Length);
        foreach (var rune in heading.Trim().EnumerateRunes())
        {
            if (rune.Value is ' ' or '-')
                slug.Append('-');
            else if (rune.Value == '_' || Rune.IsLetterOrDigit(rune) || IsMark(rune))
                slug.Append(Rune.ToLowerInvariant(rune));
        }
        return slug.ToString();
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.LetterNumber;
}
