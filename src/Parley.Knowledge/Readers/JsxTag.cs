namespace Parley.Knowledge.Readers;

/// <summary>An attribute of a tag.</summary>
/// <param name="Name">As written.</param>
/// <param name="Value">A string's content, or the text between the braces; null where none is given.</param>
/// <param name="IsExpression">It stood in braces and is no string.</param>
internal readonly record struct JsxAttribute(string Name, string? Value, bool IsExpression);

/// <summary>An HTML or JSX tag inside Markdown.</summary>
internal sealed record JsxTag(string Name, bool IsClosing, bool IsSelfClosing, IReadOnlyList<JsxAttribute> Attributes, int Length)
{
    internal const int MaxLength = 20_000;

    internal bool HasAttributes => Attributes.Count > 0;

    /// <summary>The string given to the first of these attributes that has one.</summary>
    internal string? String(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            foreach (var attribute in Attributes)
            {
                if (!attribute.IsExpression && string.Equals(attribute.Name, name, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(attribute.Value))
                    return attribute.Value;
            }
        }
        return null;
    }

    /// <summary>Reads a tag that begins with '&lt;'; null when it is none.</summary>
    internal static JsxTag? Parse(ReadOnlySpan<char> text)
    {
        var window = text[..Math.Min(text.Length, MaxLength)];
        var i = 1;
        var closing = i < window.Length && window[i] == '/';
        if (closing)
            i++;
        var start = i;
        if (i >= window.Length || !char.IsAsciiLetter(window[i]))
            return null;
        while (i < window.Length && (char.IsAsciiLetterOrDigit(window[i]) || window[i] is '-' or '.' or '_'))
            i++;
        var name = window[start..i].ToString();
        var attributes = new List<JsxAttribute>();
        while (true)
        {
            while (i < window.Length && char.IsWhiteSpace(window[i]))
                i++;
            if (i >= window.Length)
                return null;
            if (window[i] == '>')
                return new JsxTag(name, closing, false, attributes, i + 1);
            if (window[i] == '/' && i + 1 < window.Length && window[i + 1] == '>')
                return new JsxTag(name, closing, true, attributes, i + 2);
            if (!ReadAttribute(window, ref i, attributes))
                return null;
        }
    }

    private static bool ReadAttribute(ReadOnlySpan<char> text, ref int i, List<JsxAttribute> attributes)
    {
        if (text[i] == '{')
            return Braces(text, ref i) is not null;
        var start = i;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '_' or ':' or '@' or '.'))
            i++;
        if (i == start)
            return false;
        var name = text[start..i].ToString();
        var after = i;
        while (after < text.Length && char.IsWhiteSpace(text[after]))
            after++;
        if (after >= text.Length || text[after] != '=')
        {
            attributes.Add(new JsxAttribute(name, null, false));
            return true;
        }
        i = after + 1;
        while (i < text.Length && char.IsWhiteSpace(text[i]))
            i++;
        return i < text.Length && ReadValue(text, ref i, name, attributes);
    }

    private static bool ReadValue(ReadOnlySpan<char> text, ref int i, string name, List<JsxAttribute> attributes)
    {
        switch (text[i])
        {
            case '"' or '\'':
                var length = text[(i + 1)..].IndexOf(text[i]);
                if (length < 0)
                    return false;
                attributes.Add(new JsxAttribute(name, text.Slice(i + 1, length).ToString(), false));
                i += length + 2;
                return true;
            case '{':
                if (Braces(text, ref i) is not { } expression)
                    return false;
                attributes.Add(StringIn(expression) is { } value ? new JsxAttribute(name, value, false) : new JsxAttribute(name, expression, true));
                return true;
            default:
                var start = i;
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('>' or '<'))
                    i++;
                attributes.Add(new JsxAttribute(name, text[start..i].ToString(), false));
                return i > start;
        }
    }

    /// <summary>The content of <c>"…"</c>, <c>'…'</c> or a template literal, when the expression is nothing else.</summary>
    internal static string? StringIn(string expression)
    {
        var trimmed = expression.Trim();
        return trimmed.Length >= 2 && trimmed[0] == trimmed[^1] && trimmed[0] is '"' or '\'' or '`' && trimmed.IndexOf(trimmed[0], 1) == trimmed.Length - 1
            ? trimmed[1..^1]
            : null;
    }

    /// <summary>Reads a balanced <c>{…}</c> with the strings inside it and moves behind it; null where it does not end.</summary>
    internal static string? Braces(ReadOnlySpan<char> text, ref int i)
    {
        var start = i + 1;
        var depth = 0;
        for (var at = i; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '{':
                    depth++;
                    break;
                case '}' when --depth == 0:
                    i = at + 1;
                    return text[start..at].ToString();
                case '"' or '\'' or '`':
                    var end = StringEnd(text, at);
                    if (end < 0)
                        return null;
                    at = end;
                    break;
            }
        }
        return null;
    }

    private static int StringEnd(ReadOnlySpan<char> text, int quote)
    {
        for (var at = quote + 1; at < text.Length; at++)
        {
            if (text[at] == '\\')
                at++;
            else if (text[at] == text[quote])
                return at;
            else if (text[at] == '\n' && text[quote] != '`')
                return -1;
        }
        return -1;
    }
}
