using Parley.Inference.Contracts;

namespace Parley.Assistant.Generation;

/// <summary>
/// The step in which models write: tiers, checks, what leaves while it is written, and what stays where they bring nothing (docs/adr/0033 and 0034).
/// </summary>
internal sealed class AnswerWriter(ModelGateway models, TimeProvider time)
{
    /// <summary>
    /// Confidence, uncalibrated, below which nothing is paid, so that a question about something else costs nothing. Far below what is answered
    /// without a model: who reads a passage finds answers that do not share the question's words.
    /// </summary>
    internal const double EvidenceFloor = .05;

    internal const string BelowFloor = "evidence_floor";

    internal async Task<PreparedTurn> WriteAsync(PreparedTurn turn, LiveText? live, TurnTrace trace, CancellationToken ct)
    {
        if (turn.Composition is not { } composed || turn.Models.For(ModelFeature.Answer).Count == 0)
        {
            return turn;
        }
        if (turn.Passages.Count == 0 || composed.RawConfidence < EvidenceFloor)
        {
            return trace.Step(TurnStepName.Generate, () => turn with { Written = turn.Written with { Fallback = BelowFloor } }, _ => new { tier = "extractive", fallback = BelowFloor, floor = EvidenceFloor });
        }
        return await trace.StepAsync(TurnStepName.Generate, () => new AnswerRun(models, time, turn, live).RunAsync(ct), t => new
        {
            tier = t.Written.Tier ?? "extractive", t.Written.Fallback, t.Composition!.Confidence, strategy = turn.Models.Settings.Strategy, t.Written.Cost, broken = t.Written.Broken ? true : (bool?)null,
            prompt = Prompts.Version, models = turn.Models.Version, attempts = t.Written.Attempts,
        });
    }
}
