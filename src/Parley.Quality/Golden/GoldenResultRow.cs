namespace Parley.Quality.Golden;

/// <summary>A question with two answers to it: of the two sides of a run, or of two runs.</summary>
internal sealed record GoldenResultRow
{
    public Guid QuestionId { get; init; }
    public string Question { get; init; } = "";
    public string Category { get; init; } = "";
    public string? Language { get; init; }
    public string ExpectedOutcome { get; init; } = "";
    public string? ExpectedAnswer { get; init; }
    public Guid? ExpectedDocumentId { get; init; }
    public string BaseOutcome { get; init; } = "";
    public float? BaseConfidence { get; init; }
    public bool BaseCorrect { get; init; }
    public int? BaseRank { get; init; }
    public string BaseAnswer { get; init; } = "";
    public Guid[] BaseCited { get; init; } = [];
    public string Outcome { get; init; } = "";
    public float? Confidence { get; init; }
    public bool Correct { get; init; }
    public int? Rank { get; init; }
    public string Answer { get; init; } = "";
    public Guid[] Cited { get; init; } = [];

    internal GoldenResultView View() => new()
    {
        QuestionId = QuestionId, Question = Question, Category = Category, Language = Language, ExpectedOutcome = ExpectedOutcome, ExpectedAnswer = ExpectedAnswer,
        ExpectedDocumentId = ExpectedDocumentId, Change = (BaseCorrect, Correct) switch { (false, true) => "better", (true, false) => "worse", (true, true) => "right", _ => "wrong" },
        Base = new() { QuestionId = QuestionId, Side = "base", Outcome = BaseOutcome, Confidence = BaseConfidence, Correct = BaseCorrect, Rank = BaseRank, Answer = BaseAnswer, Cited = BaseCited },
        Candidate = new() { QuestionId = QuestionId, Side = "candidate", Outcome = Outcome, Confidence = Confidence, Correct = Correct, Rank = Rank, Answer = Answer, Cited = Cited },
    };
}
