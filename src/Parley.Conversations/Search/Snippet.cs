using System.Text;

namespace Parley.Conversations.Search;

/// <summary>What stands around the words that were found. Pure.</summary>
internal static class Snippet
{
    /// <summary>UTF-16 units of the text, and how many of them stand before the first word.</summary>
    private const int Length = 240, Before = 60;

    private const char Cut = '…';

    internal static (string Text, IReadOnlyList<Mark> Marks) Of(string message, SearchQuery query)
    {
        // One character for one: what is found in the one is found in the other.
        var line = string.Create(message.Length, message, (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
                target[i] = char.IsWhiteSpace(source[i]) ? ' ' : source[i];
        });
        var spans = query.Find(line);
        var start = spans.Count == 0 ? 0 : StartOf(line, spans[0].Start);
        var end = Math.Min(line.Length, start + Length);
        if (end < line.Length && char.IsHighSurrogate(line[end - 1]))
            end--;
        var text = new StringBuilder(Length + 2);
        if (start > 0)
            text.Append(Cut);
        text.Append(line, start, end - start);
        if (end < line.Length)
            text.Append(Cut);
        var shift = (start > 0 ? 1 : 0) - start;
        return (text.ToString(), [.. from span in spans
                                     where span.Start >= start && span.Start + span.Length <= end
                                     select new Mark(span.Start + shift, span.Length)]);
    }

    /// <summary>At a word's begin where one is near, never within a character.</summary>
    private static int StartOf(string line, int first)
    {
        if (first <= Before)
            return 0;
        var from = Math.Min(first - Before, Math.Max(0, line.Length - Length));
        var space = line.IndexOf(' ', from, Math.Max(0, first - from));
        var start = space >= 0 ? space + 1 : from;
        return start > 0 && char.IsLowSurrogate(line[start]) ? start - 1 : start;
    }
}
