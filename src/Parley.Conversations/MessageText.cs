using System.Globalization;
using System.Text;
using Parley.Platform.Errors;

namespace Parley.Conversations;

/// <summary>What a person may send as text.</summary>
internal static class MessageText
{
    /// <summary>UTF-16 units.</summary>
    internal const int MaxLength = 8_000;

    internal const int MaxSubjectLength = 80;

    /// <summary>The text to store, or 400 naming the field.</summary>
    internal static Result<string> Read(string? text, string field = "text", int maxLength = MaxLength)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Error.Invalid(field, $"'{field}' is empty. Write something.");
        }
        if (text.Length > maxLength)
        {
            return Error.Invalid(field, string.Create(CultureInfo.InvariantCulture, $"'{field}' has {text.Length} characters; at most {maxLength} are allowed. Shorten it, or send it in parts."));
        }
        return IsText(text)
            ? text.Trim()
            : Error.Invalid(field, $"'{field}' holds control characters or broken Unicode. Send plain text.");
    }

    /// <summary>No control characters but tab and line ends, no half surrogate pairs.</summary>
    internal static bool IsText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes turns a lone surrogate into U+FFFD; a U+FFFD that was really sent is binary data decoded by somebody.
            if (rune.Value == Rune.ReplacementChar.Value || (Rune.IsControl(rune) && rune.Value is not ('\n' or '\r' or '\t')))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The first words, for lists.</summary>
    internal static string Subject(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= MaxSubjectLength)
        {
            return line;
        }
        var cut = Contracts.ConversationSummaries.Shorten(line, MaxSubjectLength - 1);
        var space = cut.LastIndexOf(' ');
        return (space > MaxSubjectLength / 2 ? cut[..space] : cut) + "…";
    }
}
