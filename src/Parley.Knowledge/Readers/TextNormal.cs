using System.Text;

namespace Parley.Knowledge.Readers;

/// <summary>Brings text into the form that is stored: no carriage returns, no controls, nothing invisible, no half characters.</summary>
internal static class TextNormal
{
    /// <summary>Readers use two characters of the private use area as marks of their own; no document may bring them.</summary>
    internal const char OpenMark = '\uE000';

    internal const char CloseMark = '\uE001';

    /// <summary>PostgreSQL refuses U+0000 and half surrogate pairs; zero-width characters would hide words from a search.</summary>
    internal static string Clean(string text)
    {
        var first = FirstUnclean(text);
        if (first < 0)
            return text;
        var clean = new StringBuilder(text.Length).Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r')
            {
                if (i + 1 == text.Length || text[i + 1] != '\n')
                    clean.Append('\n');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                clean.Append(c).Append(text[++i]);
            }
            else if (char.IsSurrogate(c))
            {
                clean.Append('\uFFFD');
            }
            else if (c is '\u2028' or '\u2029' or '\u0085' or '\f' or '\v')
            {
                clean.Append('\n');
            }
            else if (!IsUnclean(c))
            {
                clean.Append(c);
            }
        }
        return clean.ToString();
    }

    /// <summary>One line: every run of white space becomes one space.</summary>
    internal static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c))
                line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        return line.ToString().TrimEnd(' ');
    }

    /// <summary>At most <paramref name="length"/> characters; never half of a surrogate pair.</summary>
    internal static string Truncate(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static int FirstUnclean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsUnclean(text[i]) || char.IsSurrogate(text[i]) || text[i] is '\u2028' or '\u2029')
                return i;
        }
        return -1;
    }

    // The joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.
    private static bool IsUnclean(char c) =>
        (c < ' ' && c is not ('\n' or '\t'))
        || c is (>= '\u007F' and <= '\u009F') or '\u00AD' or '\u200B' or '\u2060' or '\uFEFF' or OpenMark or CloseMark or '\uFFFE' or '\uFFFF';
}
