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

    /// <summary>It says what a right answer cites or quotes.</summary>
    internal bool NamesAnswer => ExpectedDocumentId is not null || ExpectedAnswer is { Length: > 0 };
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

    /// <summary>Of what could be quoted, before any calibration; null: it was not looked up, or is not known.</summary>
    public double? RawConfidence { get; init; }

    /// <summary>What could be quoted is right, whether it was said or not; null: nobody can tell.</summary>
    public bool? DraftRight { get; init; }

    /// <summary>
    /// Correct: the outcome is the expected one and, where an answer is expected, it cites the expected article or quotes the expected words;
    /// where neither is named, the outcome is all that counts.
    /// </summary>
    internal static GoldenVerdict Of(GoldenExpectation expected, string side, AskAnswer answer)
    {
        var cited = answer.Citations.Select(c => c.DocumentId).Distinct().ToArray();
        var rank = expected.ExpectedDocumentId is { } wanted ? answer.Retrieval.Documents.Select(d => d.DocumentId).ToList().IndexOf(wanted) + 1 : 0;
        return new GoldenVerdict
        {
            QuestionId = expected.Id, Side = side, Outcome = answer.Outcome, Confidence = (float?)answer.Confidence, Answer = answer.Answer, Cited = cited,
            Correct = answer.Outcome == expected.ExpectedOutcome && (answer.Outcome != Answered || !expected.NamesAnswer || Holds(expected, answer)), Rank = rank == 0 ? null : rank,
        };
    }

    /// <summary>What was declined under the threshold has to be asked without one before it can be told right from wrong.</summary>
    internal static bool NeedsDraft(GoldenExpectation expected, AskAnswer answer) =>
        expected is { ExpectedOutcome: Answered, NamesAnswer: true } && answer is { RawConfidence: > 0, IsAnswered: false };

    /// <summary>With what a calibration learns from it.</summary>
    /// <param name="expected">The question.</param>
    /// <param name="draft">The answer, or the one without a threshold where it <see cref="NeedsDraft"/>.</param>
    internal GoldenVerdict WithDraft(GoldenExpectation expected, AskAnswer draft) => this with
    {
        RawConfidence = draft.RawConfidence,
        DraftRight = draft.RawConfidence is null ? null
            : expected.ExpectedOutcome == "abstained" ? false
            : expected is { ExpectedOutcome: Answered, NamesAnswer: true } ? draft.IsAnswered && Holds(expected, draft)
            : null,
    };

    private const string Answered = "answered";

    /// <summary>It cites the expected article or quotes the expected words.</summary>
    private static bool Holds(GoldenExpectation expected, AskAnswer answer) =>
        (expected.ExpectedDocumentId is { } document && answer.Citations.Any(c => c.DocumentId == document))
        || (expected.ExpectedAnswer is { Length: > 0 } words && AnswerMatch.Contains(string.Join("\n\n", answer.Citations.Select(c => c.Quote)), [words]));
}
