using System.Collections.Frozen;
using System.Globalization;

namespace Parley.Knowledge.Chunking;

/// <summary>Finds where sentences end, in any script and without a model. Code, links and numbers keep their full stops.</summary>
internal static class Sentences
{
    private const int MaxAbbreviation = 6;

    private static readonly FrozenSet<string> Abbreviations = (
        "e.g i.e etc vs cf al fig no nr vol ch sec approx incl resp mr mrs ms dr prof st jr sr inc ltd co corp dept est jan feb mar apr jun jul aug sep sept oct nov dec "
        + "z.b d.h u.a bzw ca ggf usw evtl inkl p.ej pág sr sra dr dra ud uds p.ex m mme mlle т.е т.д т.п др г ул стр рис").Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The sentences of a text in order. Together with the white space between them they are the text.</summary>
    public static IReadOnlyList<Range> Split(string text)
    {
        var sentences = new List<Range>();
        var start = SkipSpace(text, 0);
        for (var i = start; i < text.Length;)
        {
            var end = EndAt(text, i, start);
            if (end < 0)
            {
                i = AfterAtom(text, i);
                continue;
            }
            Add(sentences, text, start, end);
            start = i = SkipSpace(text, end);
        }
        Add(sentences, text, start, text.Length);
        return sentences;
    }

    private static void Add(List<Range> sentences, string text, int start, int end)
    {
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        if (end > start)
            sentences.Add(start..end);
    }

    /// <summary>The end of a sentence whose last mark stands at <paramref name="i"/>; −1: none ends here.</summary>
    private static int EndAt(string text, int i, int start)
    {
        var c = text[i];
        if (c == '\n')
            return i + 1 < text.Length && (text[i + 1] == '\n' || IsListMark(text, i + 1)) ? i : -1;
        if (c is '。' or '！' or '？' or '｡')
            return AfterClosers(text, i + 1);
        if (c is not ('.' or '!' or '?' or '…' or '؟' or '۔' or '।' or '॥' or '։'))
            return -1;
        var end = i + 1;
        while (end < text.Length && text[end] is '.' or '!' or '?' or '…')
            end++;
        end = AfterClosers(text, end);
        if (end < text.Length && !char.IsWhiteSpace(text[end]))
            return -1;
        return c == '.' && end == i + 1 && GoesOn(text, i, start) ? -1 : end;
    }

    /// <summary>A full stop inside a sentence: an abbreviation, an initial, the number of a list, or a small letter after it.</summary>
    private static bool GoesOn(string text, int stop, int start)
    {
        var word = stop;
        while (word > start && !char.IsWhiteSpace(text[word - 1]) && text[word - 1] is not ('(' or '[' or '"' or '“'))
            word--;
        var before = text.AsSpan(word, stop - word);
        if (before.Length is > 0 and <= MaxAbbreviation && Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(before))
            return !IsLastOfMany(before);
        if (before.Length == 1 && char.IsUpper(before[0]) && word > start)
            return true;
        if (word == start && before.Length is > 0 and <= 3 && before.IndexOfAnyExceptInRange('0', '9') < 0)
            return true;
        var next = SkipSpace(text, stop + 1);
        return next < text.Length && char.IsLower(text[next]) && before.Length > 0 && !char.IsDigit(before[^1]) && !IsName(text, next);

        static bool IsLastOfMany(ReadOnlySpan<char> abbreviation) => abbreviation is "etc" or "usw";
    }

    /// <summary>A sentence may begin with a name in small letters: railway.json, npm's, iPhone.</summary>
    private static bool IsName(string text, int at)
    {
        var end = at;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
            end++;
        return text.AsSpan(at, end - at).TrimEnd(".,;:!?").ContainsAny("._/-") || text.AsSpan(at + 1, end - at - 1).IndexOfAnyInRange('A', 'Z') >= 0;
    }

    private static bool IsListMark(string text, int at)
    {
        at = SkipBlanks(text, at);
        var digits = at;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        var mark = digits > at ? digits : at;
        return mark + 1 < text.Length && text[mark + 1] == ' ' && (digits > at ? text[mark] is '.' or ')' : text[mark] is '-' or '*' or '+' or '•');
    }

    private static int AfterClosers(string text, int i)
    {
        while (i < text.Length && (text[i] is '"' or '\'' or ')' or ']' or '」' or '』' or '）' or '”' or '’' or '»'
            || char.GetUnicodeCategory(text[i]) == UnicodeCategory.ClosePunctuation))
            i++;
        return i;
    }

    /// <summary>Moves on by one character, or over a code span or a link's target, whose marks end nothing.</summary>
    private static int AfterAtom(string text, int i)
    {
        if (text[i] == '`')
        {
            var ticks = i;
            while (ticks < text.Length && text[ticks] == '`')
                ticks++;
            var close = text.IndexOf(text[i..ticks], ticks, StringComparison.Ordinal);
            return close < 0 ? ticks : close + (ticks - i);
        }
        if (text[i] == '(' && i > 0 && text[i - 1] == ']')
        {
            var close = text.IndexOf(')', i);
            return close < 0 ? i + 1 : close + 1;
        }
        return i + 1;
    }

    private static int SkipSpace(string text, int i)
    {
        while (i < text.Length && char.IsWhiteSpace(text[i]))
            i++;
        return i;
    }

    private static int SkipBlanks(string text, int i)
    {
        while (i < text.Length && text[i] is ' ' or '\t')
            i++;
        return i;
    }
}
