using System.Collections.Frozen;
using System.Globalization;

namespace Parley.Knowledge.Analysis;

/// <summary>
/// Cuts prose into sentences for every script, without breaking abbreviations, initials, numbers, versions, addresses, file names,
/// inline code or links.
/// </summary>
/// <remarks>
/// A full stop ends a sentence only before white space and something that can begin one. The marks of Chinese, Japanese, Hindi, Urdu,
/// Armenian, Amharic, Khmer and Burmese end one wherever they stand. Thai and Lao have no mark: a space ends a sentence there once the
/// clause is long enough. A list item begins a sentence. Spans are trimmed, ordered, do not overlap, and together hold every character that is not white space.
/// </remarks>
public static class SentenceSplitter
{
    /// <summary>Thai writes a space where others write a comma or a full stop; a shorter clause is joined with the next.</summary>
    private const int ThaiClauseLength = 100;

    /// <summary>An opening bracket without its partner within this distance is taken for a character like any other.</summary>
    private const int BracketReach = 400;

    private static readonly FrozenSet<string> Abbreviations = LoadAbbreviations();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AbbreviationLookup = Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The sentences of a text as spans of it.</summary>
    public static List<(int Start, int Length)> Split(ReadOnlySpan<char> text)
    {
        var sentences = new List<(int Start, int Length)>();
        var start = 0;
        for (var i = 0; i < text.Length;)
        {
            var protectedEnd = ProtectedEnd(text, i);
            if (protectedEnd > i)
            {
                var aside = IsWholeSentenceInBrackets(text, start, i, protectedEnd);
                i = protectedEnd;
                if (aside)
                {
                    Add(text, start, i, sentences);
                    start = i;
                }
                continue;
            }
            var end = BoundaryAfter(text, start, i);
            if (end < 0)
            {
                i++;
                continue;
            }
            Add(text, start, end, sentences);
            start = i = end;
        }
        Add(text, start, text.Length, sentences);
        return sentences;
    }

    private static void Add(ReadOnlySpan<char> text, int start, int end, List<(int Start, int Length)> sentences)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        if (end > start)
            sentences.Add((start, end - start));
    }

    /// <summary>The end of inline code, a link or a bracket that starts here; nothing inside it ends a sentence.</summary>
    private static int ProtectedEnd(ReadOnlySpan<char> text, int i)
    {
        if (text[i] == '`')
        {
            var content = i;
            while (content < text.Length && text[content] == '`')
                content++;
            var close = text[content..Math.Min(text.Length, content + BracketReach)].IndexOf(text[i..content]);
            return close >= 0 ? content + close + (content - i) : i;
        }
        var partner = text[i] switch { '[' => ']', '(' => ')', '（' => '）', _ => '\0' };
        if (partner == '\0')
            return i;
        var depth = 0;
        for (var j = i; j < text.Length && j < i + BracketReach; j++)
        {
            if (text[j] == text[i])
                depth++;
            else if (text[j] == partner && --depth == 0)
                return j + 1;
            else if (text[j] == '\n' && j + 1 < text.Length && text[j + 1] == '\n')
                return i;
        }
        return i;
    }

    /// <summary>(An aside like this one.) It ends where its bracket closes.</summary>
    private static bool IsWholeSentenceInBrackets(ReadOnlySpan<char> text, int start, int open, int end) =>
        text[open] is '(' or '（' && text[start..open].Trim().IsEmpty && text[end - 2] is '.' or '!' or '?' or '。' && IsBreak(text, end)
        && !ContinuesInLowerCase(text, end);

    /// <summary>Where the next sentence may start when a sentence ends at <paramref name="i"/>; −1 when none does.</summary>
    private static int BoundaryAfter(ReadOnlySpan<char> text, int start, int i)
    {
        switch (text[i])
        {
            case '。' or '！' or '？' or '｡' or '।' or '॥' or '۔' or '։' or '።' or '។' or '၊' or '။':
                return SkipClosers(text, i + 1);
            case '\n':
                return i + 1 < text.Length && (IsBlankLine(text, i + 1) || IsListMark(text, i + 1)) ? i + 1 : -1;
            case '!' or '?' or '…' or '؟' or '‽':
                var end = SkipClosers(text, i + 1);
                return IsBreak(text, end) && !ContinuesInLowerCase(text, end) ? end : -1;
            case ';' when i > 0 && text[i - 1] is >= '\u0370' and < '\u0400' or >= '\u1f00' and < '\u2000':
                return IsBreak(text, i + 1) && StartsUpper(text, i + 1) ? i + 1 : -1;
            case '.':
                return AfterFullStop(text, start, i);
            case ' ' when i > start && i + 1 < text.Length && IsThai(text[i - 1]) && IsThai(text[i + 1]):
                return i - start >= ThaiClauseLength ? i + 1 : -1;
            default:
                return -1;
        }
    }

    private static int AfterFullStop(ReadOnlySpan<char> text, int start, int i)
    {
        var end = SkipClosers(text, i + 1);
        if (!IsBreak(text, end) || ContinuesInLowerCase(text, end))
            return -1;
        // Only a bracket or a quotation mark stands between the stop and the break: the word before decides.
        var word = WordBefore(text, start, i);
        if (word.IsEmpty || end == text.Length)
            return end;
        if (end == i + 1 && word.Length == 1 && char.IsUpper(word[0]))
            return -1;
        if (end == i + 1 && word.Length <= 2 && char.IsAsciiDigit(word[0]) && char.IsAsciiDigit(word[^1]) && IsNumbering(text, start, i - word.Length, end))
            return -1;
        Span<char> folded = stackalloc char[12];
        // "No. The plan costs five dollars." is an answer, "No. 5" is a number.
        if (word.Length > folded.Length || !IsAbbreviation(word, folded) || (word is "No" && text[start..(i - word.Length)].Trim().IsEmpty && StartsUpper(text, end)))
            return end;
        return word is "etc" or "usw" or "enz" or "ecc" && StartsUpper(text, end) ? end : -1;
    }

    /// <summary>"1." at the start of a line, or a German, Danish, Czech … ordinal before a month or a noun in mid-sentence: "am 3. Oktober".</summary>
    private static bool IsNumbering(ReadOnlySpan<char> text, int start, int numberStart, int next)
    {
        if (text[start..numberStart].Trim().IsEmpty)
            return true;
        var previous = WordBefore(text, start, numberStart - 1 < start ? start : numberStart - 1);
        return previous is "am" or "vom" or "zum" or "beim" or "im" or "der" or "den" or "dem" or "die" or "das" or "bis" or "und" or "dne" or "den" or "d"
            && StartsUpper(text, next);
    }

    private static bool IsAbbreviation(ReadOnlySpan<char> word, Span<char> folded)
    {
        var length = 0;
        foreach (var c in word)
        {
            var form = CharacterForm.Of(c);
            if (c == '.')
                folded[length++] = '.';
            else if (form is not (CharacterForm.Mark or CharacterForm.Separator or CharacterForm.Spaceless))
                folded[length++] = form;
        }
        return AbbreviationLookup.Contains(folded[..length]);
    }

    /// <summary>Letters, digits and inner full stops directly before a position.</summary>
    private static ReadOnlySpan<char> WordBefore(ReadOnlySpan<char> text, int start, int end)
    {
        var from = end;
        while (from > start && (char.IsLetterOrDigit(text[from - 1]) || IsMark(text[from - 1])
            || (text[from - 1] == '.' && from - 2 >= start && char.IsLetter(text[from - 2]))))
        {
            from--;
        }
        return text[from..end];
    }

    private static int SkipClosers(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && text[i] is '"' or '\'' or ')' or ']' or '}' or '”' or '’' or '»' or '」' or '』' or '）' or '】' or '》' or '*' or '_' or '.'
            or '!' or '?' or '！' or '？' or '。' or '…')
        {
            i++;
        }
        return i;
    }

    private static bool IsBreak(ReadOnlySpan<char> text, int i) =>
        i >= text.Length || char.IsWhiteSpace(text[i]) || CharacterForm.IsSpaceless(text[i]);

    private static bool ContinuesInLowerCase(ReadOnlySpan<char> text, int i)
    {
        i = SkipSpaces(text, i);
        return i < text.Length && char.IsLower(text[i]) && !IsName(text[i..]);
    }

    /// <summary>A sentence may begin with a name in small letters: railway.json, iPhone, my_table.</summary>
    private static bool IsName(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
            end++;
        return text[..end].TrimEnd(".,;:!?").ContainsAny("._/") || text[1..end].ContainsAnyInRange('A', 'Z');
    }

    private static bool StartsUpper(ReadOnlySpan<char> text, int i)
    {
        i = SkipSpaces(text, i);
        return i < text.Length && (char.IsUpper(text[i]) || text[i] is '«' or '"');
    }

    private static int SkipSpaces(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && char.IsWhiteSpace(text[i]))
            i++;
        return i;
    }

    private static bool IsBlankLine(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && text[i] != '\n')
        {
            if (!char.IsWhiteSpace(text[i++]))
                return false;
        }
        return i < text.Length;
    }

    private static bool IsListMark(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && text[i] is ' ' or '\t')
            i++;
        var mark = i;
        while (mark < text.Length && char.IsAsciiDigit(text[mark]))
            mark++;
        return mark + 1 < text.Length && text[mark + 1] == ' ' && (mark > i ? text[mark] is '.' or ')' : text[mark] is '-' or '*' or '+' or '•');
    }

    private static bool IsThai(char c) => c is >= '\u0e00' and < '\u0f00';

    private static bool IsMark(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static FrozenSet<string> LoadAbbreviations()
    {
        using var stream = typeof(SentenceSplitter).Assembly.GetManifestResourceStream("analysis/abbreviations.txt")
            ?? throw new InvalidOperationException("The list of abbreviations is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .SelectMany(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToFrozenSet(StringComparer.Ordinal);
    }
}
