using System.Text.RegularExpressions;
using Parley.Assistant.Analysis;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant;

/// <summary>What a turn looks up, made of the customer's messages and of what was said before. Pure.</summary>
internal sealed partial record TurnFocus
{
    /// <summary>What is asked.</summary>
    public required string Text { get; init; }

    /// <summary>What was said before it, oldest first.</summary>
    public IReadOnlyList<HistoryTurn> History { get; init; } = [];

    /// <summary>Its questions, one by one; one: the whole text.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>The option of a question back that the message takes: <see cref="Text"/> is then the question that was asked before.</summary>
    public string? Chosen { get; init; }

    /// <summary>What a correction has put into the question.</summary>
    public string? Corrected { get; init; }

    /// <param name="question">What waits for an answer.</param>
    /// <param name="fallbackLanguage">For messages that do not show theirs.</param>
    internal static TurnFocus Of(TurnQuestion question, string fallbackLanguage)
    {
        // The last message that asks something.
        var text = question.Messages.LastOrDefault(m => QuestionAnalyzer.Analyze(m).Intent == Intent.Question) ?? question.Messages[^1];
        var language = LanguageDetector.Detect(text, fallbackLanguage);
        IReadOnlyList<HistoryTurn> history = [.. question.History, .. question.Messages.Where(m => m != text).Select(m => new HistoryTurn(TurnAuthor.Customer, m))];
        return (question.Messages.Count == 1 ? Choice(text, language, history) : null) ?? Correct(text, language, history) ?? Plain(text, language, history);
    }

    /// <summary>A model has written it so that it stands alone: the conversation is no longer lent to the search.</summary>
    public bool SearchedAlone { get; init; }

    /// <summary>What is searched for each part. A later part has the earlier ones as its history: they hold the subject that it only points to.</summary>
    internal IReadOnlyList<RetrievalQuery> Queries(TurnQuestion question) =>
        [.. Parts.Select((part, i) => new RetrievalQuery
        {
            Text = i == 0 || QuestionParts.HasSubject(part) ? part : Parts[0] + " " + part,
            Filter = question.Filter, Explain = question.Explain, Emphasis = Corrected, Who = question.Who, Kind = KindOf(part),
            History = [.. SearchedAlone ? [] : History, .. Parts.Take(i).Select(p => new HistoryTurn(TurnAuthor.Customer, p))],
        })];

    private static QuestionKind KindOf(string part) => QuestionAnalyzer.Analyze(part).Type switch
    {
        QuestionType.Technical => QuestionKind.Technical,
        QuestionType.Conversational => QuestionKind.Conversational,
        QuestionType.Exact => QuestionKind.Exact,
        _ => QuestionKind.Conceptual,
    };

    /// <summary>The same without the option: where its document is not there any more.</summary>
    internal static TurnFocus Plain(string text, string language, IReadOnlyList<HistoryTurn> history) =>
        new() { Text = text, History = history, Parts = QuestionParts.Of(text, language) };

    private static TurnFocus? Choice(string text, string language, IReadOnlyList<HistoryTurn> history)
    {
        if (history is not [.., { Author: TurnAuthor.Assistant } last])
            return null;
        var labels = Clarification.Offered(last.Text).Select(l => LinkText().Match(l) is { Success: true } link ? link.Groups[1].Value : l).ToList();
        return Clarification.Chosen(text, language, labels) is { } chosen && Asked(history) is { } asked
            ? new TurnFocus { Text = history[asked].Text, History = [.. history.Take(asked)], Parts = [history[asked].Text], Chosen = chosen } : null;
    }

    private static TurnFocus? Correct(string text, string language, IReadOnlyList<HistoryTurn> history)
    {
        if (history.Count == 0 || Correction.Of(text, language) is not { } correction || Asked(history) is not { } asked)
            return null;
        // "No, I meant: how do I …?" is a question of its own.
        if (correction.Old is null && PartsLexicon.For(language)?.AsksFirst.IsMatch(correction.New) == true && text.Contains('?', StringComparison.Ordinal))
            return Plain(correction.New + "?", language, history);
        // What the question was taken for before says nothing any more: neither its answer nor its words are lent to the new one.
        var rewritten = correction.Apply(history[asked].Text);
        return new TurnFocus { Text = rewritten, History = [.. history.Take(asked)], Parts = [rewritten], Corrected = correction.New };
    }

    /// <summary>Where the customer last asked something.</summary>
    private static int? Asked(IReadOnlyList<HistoryTurn> history)
    {
        for (var i = history.Count - 1; i >= 0; i--)
        {
            if (history[i].Author == TurnAuthor.Customer && QuestionAnalyzer.Analyze(history[i].Text).Intent == Intent.Question)
                return i;
        }
        return null;
    }

    [GeneratedRegex(@"^\[([^\]]+)\]\([^)]*\)$", RegexOptions.CultureInvariant)]
    private static partial Regex LinkText();
}
