using System.Text;
using Parley.Conversations.Contracts;

namespace Parley.Escalations;

/// <summary>
/// What an agent reads before taking over, made of the transcript's own words: what the customer asked last, what was tried, which
/// sources were shown. It adds nothing.
/// </summary>
internal static class HandoffSummary
{
    /// <summary>How many messages are looked at.</summary>
    internal const int Messages = 30;

    private const int LongestQuestion = 400;
    private const int LongestAnswer = 240;
    private const int MostSources = 5;

    /// <param name="messages">Public messages, oldest first.</param>
    /// <param name="comment">The requester's own words.</param>
    internal static string Of(IReadOnlyList<MessageView> messages, string? comment)
    {
        var summary = new StringBuilder();
        var questions = messages.Where(m => m.AuthorKind == ActorKind.EndUser).Select(m => m.PlainText()).Where(t => t.Length > 0).ToList();
        // "Agent please" is the request, not the question: the last message with something in it is.
        var question = questions.LastOrDefault(q => PhraseSet.Words(q).Count > 4) ?? questions.LastOrDefault();
        Line(summary, "Asked", question, LongestQuestion);
        var earlier = questions.Where(q => q != question && PhraseSet.Words(q).Count > 4).TakeLast(2).ToList();
        Line(summary, "Before that", string.Join(" · ", earlier.Select(q => Cut(q, LongestAnswer))), LongestQuestion);
        var answers = messages.Where(m => m.AuthorKind == ActorKind.Assistant).ToList();
        if (answers.Count > 0)
        {
            Line(summary, answers.Count == 1 ? "Tried (1 answer)" : $"Tried ({answers.Count} answers), last", answers[^1].PlainText(), LongestAnswer);
        }
        var sources = answers.SelectMany(a => a.Parts).Where(p => p.Type == "quote")
            .Select(p => p.Content.TryGetProperty("title", out var title) ? title.GetString() : null).OfType<string>().Distinct().TakeLast(MostSources);
        Line(summary, "Sources shown", string.Join("; ", sources), LongestQuestion);
        Line(summary, "Comment", comment, LongestQuestion);
        return summary.ToString();
    }

    private static void Line(StringBuilder summary, string label, string? text, int longest)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            summary.Append(summary.Length > 0 ? "\n" : "").Append(label).Append(": ").Append(Cut(text, longest));
        }
    }

    // Never inside a character: the last one may be a pair of surrogates.
    private static string Cut(string text, int longest)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= longest)
        {
            return line;
        }
        return line[..(char.IsHighSurrogate(line[longest - 1]) ? longest - 1 : longest)] + "…";
    }
}
