using System.Text.Json.Serialization;

namespace Parley.Quality;

/// <summary>What <c>parley eval answers</c> prints. Shares are in [0, 1].</summary>
public sealed record AnswersReport
{
    /// <summary>Questions that the documents answer.</summary>
    public required int Answerable { get; init; }

    /// <summary>Questions that they do not.</summary>
    public required int Unanswerable { get; init; }

    /// <summary>Share of the answerable questions that were answered.</summary>
    public required double Answered { get; init; }

    /// <summary>Share of the answerable questions whose answer holds an accepted text or, in a set without texts, cites a relevant document.</summary>
    public required double AnswerHit { get; init; }

    /// <summary>Share of the unanswerable questions that were declined.</summary>
    public required double AbstainRecall { get; init; }

    /// <summary>Share of the declined questions that are unanswerable.</summary>
    public required double AbstainPrecision { get; init; }

    /// <summary>How well the confidence tells answerable from unanswerable; null where there are none of one side.</summary>
    public required double? Auroc { get; init; }

    /// <summary>By the type of unanswerable question, each against all answerable ones.</summary>
    public required IReadOnlyDictionary<string, TypeReport> ByType { get; init; }

    /// <summary>Share of answers whose every quotation stands word for word in the stored source.</summary>
    public required double Grounded { get; init; }

    /// <summary>Expected calibration error over ten bins of equal mass, of the event "answered correctly"; the calibration is fitted on other folds.</summary>
    public required double Ece { get; init; }

    /// <summary>Confidence from which on to answer: mean over the folds of what was best for the other folds. Null: there is nothing to fit it on, the product's own is used.</summary>
    public required double? Threshold { get; init; }

    /// <summary>Words of the answers to answerable questions: half and nine tenths of them have at most so many.</summary>
    public required int WordsP50 { get; init; }

    /// <inheritdoc cref="WordsP50"/>
    public required int WordsP90 { get; init; }

    /// <summary>Mean token F1 of the answers given to answerable questions against the accepted texts; null: the set has none.</summary>
    public required double? TokenF1 { get; init; }

    /// <summary>Metric → [low, high].</summary>
    public required IReadOnlyDictionary<string, double[]> Ci95 { get; init; }

    /// <summary>Answerable questions that were taken for a greeting, thanks or chat, and so never looked up.</summary>
    public required int Misread { get; init; }

    /// <summary>The same with threshold and calibration fitted on other sets; null where there were none.</summary>
    public required ThresholdReport? LeaveOneSetOut { get; init; }

    /// <summary>The same with the threshold and the confidence that the product ships, unfitted: what a tenant without questions of its own gets.</summary>
    public required ThresholdReport Shipped { get; init; }
}

/// <param name="N">Questions of the type.</param>
/// <param name="Auroc">Against all answerable questions of the set.</param>
/// <param name="AbstainRecall">Share declined.</param>
public sealed record TypeReport(int N, double? Auroc, double AbstainRecall);

/// <summary>The figures with one threshold for all questions of the set.</summary>
public sealed record ThresholdReport(double Threshold, double Answered, double AnswerHit, double AbstainRecall, double AbstainPrecision, double Ece)
{
    /// <summary>The sets it was fitted on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Sets { get; init; }
}
