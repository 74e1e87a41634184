using Parley.Assistant.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant;

/// <summary>What a turn looks up, made of the customer's messages and of what was said before. Pure.</summary>
internal sealed record TurnFocus
{
    /// <summary>What is asked.</summary>
    public required string Text { get; init; }

    /// <summary>What was said before it, oldest first.</summary>
    public IReadOnlyList<HistoryTurn> History { get; init; } = [];

    /// <summary>Its questions, one by one; one: the whole text.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    internal static TurnFocus Of(TurnQuestion question, string language)
    {
        // The last message that asks something.
        var text = question.Messages.LastOrDefault(m => QuestionAnalyzer.Analyze(m).Intent == Intent.Question) ?? question.Messages[^1];
        return new TurnFocus
        {
            Text = text,
            History = [.. question.History, .. question.Messages.Where(m => m != text).Select(m => new HistoryTurn(TurnAuthor.Customer, m))],
            Parts = QuestionParts.Of(text, language),
        };
    }

    /// <summary>What is searched for each part. A later part has the earlier ones as its history: they hold the subject that it only points to.</summary>
    internal IReadOnlyList<RetrievalQuery> Queries(TurnQuestion question) =>
        [.. Parts.Select((part, i) => new RetrievalQuery
        {
            Text = i == 0 || QuestionParts.HasSubject(part) ? part : Parts[0] + " " + part,
            Filter = question.Filter, Explain = question.Explain,
            History = [.. History, .. Parts.Take(i).Select(p => new HistoryTurn(TurnAuthor.Customer, p))],
        })];
}
