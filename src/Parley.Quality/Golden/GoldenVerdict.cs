using Parley.Assistant;

namespace Parley.Quality.Golden;

/// <summary>What a golden question expects.</summary>
internal sealed record GoldenExpectation
{
    public Guid Id { get; init; }
    public string Question { get; init; } = "";
    public string? ExpectedAnswer { get; init; }
    public Guid? ExpectedDocumentId { get; init; }
    public string ExpectedOutcome { get; init; } = "";
    public string Category { get; init; } = "";
    public string? Language { get; init; }
}

/// <summary>One side's answer to a golden question, judged.</summary>
internal sealed record GoldenVerdict
{
    public Guid QuestionId { get; init; }
    public string Side { get; init; } = "";
    public string Outcome { get; init; } = "";
    public float? Confidence { get; init; }
    public bool Correct { get; init; }
    public int? Rank { get; init; }
    public string Answer { get; init; } = "";
    public Guid[] Cited { get; init; } = [];

    /// <summary>
    /// Correct: the outcome is the expected one and, where an answer is expected, it cites the expected article or quotes the expected words;
    /// where neither is named, the outcome is all that counts.
    /// </summary>
    internal static GoldenVerdict Of(GoldenExpectation expected, string side, AskAnswer answer)
    {
        var cited = answer.Citations.Select(c => c.DocumentId).Distinct().ToArray();
        var quoted = string.Join("\n\n", answer.Citations.Select(c => c.Quote));
        var held = (expected.ExpectedDocumentId, expected.ExpectedAnswer) is (null, null) or (null, "")
            || (expected.ExpectedDocumentId is { } document && cited.Contains(document))
            || (expected.ExpectedAnswer is { Length: > 0 } words && AnswerMatch.Contains(quoted, [words]));
        var rank = expected.ExpectedDocumentId is { } wanted ? answer.Retrieval.Documents.Select(d => d.DocumentId).ToList().IndexOf(wanted) + 1 : 0;
        return new GoldenVerdict
        {
            QuestionId = expected.Id, Side = side, Outcome = answer.Outcome, Confidence = (float?)answer.Confidence, Answer = answer.Answer, Cited = cited,
            Correct = answer.Outcome == expected.ExpectedOutcome && (answer.Outcome != "answered" || held), Rank = rank == 0 ? null : rank,
        };
    }
}
