using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;
using Parley.Assistant.Generation;
using Parley.Escalations;
using Parley.Escalations.Contracts;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>What is known after the steps that read and think, before anything is written.</summary>
internal sealed record PreparedTurn
{
    public required TurnQuestion Question { get; init; }

    public required QuestionAnalysis Analysis { get; init; }

    /// <summary>What is looked up.</summary>
    public required TurnFocus Focus { get; init; }

    /// <summary>The customer asks for a person, or accepts the one that was offered.</summary>
    public bool AsksForPerson { get; init; }

    /// <summary>The policy's decision before any answer; null where it was not asked.</summary>
    public EscalationDecision? Escalation { get; init; }

    /// <summary>Null where nothing was looked up.</summary>
    public RetrievalResult? Retrieval { get; init; }

    public Composition? Composition { get; init; }

    /// <summary>Documents that compete for an ambiguous question that they do not answer; empty: it is not ambiguous.</summary>
    public IReadOnlyList<ClarifyOption> Options { get; init; } = [];

    /// <summary>Passages that were read for the answer.</summary>
    public IReadOnlyList<EvidenceUse> Evidence { get; init; } = [];

    /// <summary>The same with their texts, best first.</summary>
    public IReadOnlyList<Composer.Evidence> Passages { get; init; } = [];

    /// <summary>The tenant's models, where this turn may use them.</summary>
    public ModelSetup Models { get; init; } = ModelSetup.None;

    /// <summary>What models contributed.</summary>
    public Written Written { get; init; } = Written.Nothing;
}

/// <summary>
/// The answering turn as its sequence of steps. <see cref="PrepareAsync"/> reads and thinks without a transaction around it;
/// <see cref="ConcludeAsync"/> checks the draft against the sources as they are now and decides. Delivery is the caller's.
/// </summary>
internal sealed class AssistantTurn(TurnLookup lookup, ModelGateway models, QuestionRewriter rewriter, AnswerWriter writer)
{
    /// <summary>analyse → escalation → retrieve → correct → evidence → generate.</summary>
    internal async Task<PreparedTurn> PrepareAsync(TurnQuestion question, TurnTrace trace, CancellationToken ct)
    {
        var turn = trace.Step(TurnStepName.Analyse, () => Analyse(question), t => new
        {
            t.Analysis.Language, intent = t.Analysis.Intent.ToName(), questionType = t.Analysis.Type.ToName(), sentiment = t.Analysis.Sentiment.ToName(),
            t.Analysis.Complexity, tier = t.Analysis.Tier, t.AsksForPerson, messages = question.Messages.Count, parts = t.Focus.Parts.Count, chosen = t.Focus.Chosen is not null, corrected = t.Focus.Corrected is not null,
        });
        turn = trace.Step(TurnStepName.Escalation, () => turn with { Escalation = Escalate(turn, answered: null) },
            t => new { t.Escalation?.HandOff, t.Escalation?.Priority, t.Escalation?.Reasons, question.Attempts, question.FailedAttempts });
        if (turn.Escalation is { HandOff: true } || turn.AsksForPerson || turn.Analysis.IsSmallTalk || turn.Analysis.Intent is Intent.Unclear or Intent.Vague)
        {
            return turn;
        }
        if (question.UsesModels)
        {
            turn = await rewriter.RewriteAsync(turn with { Models = await models.SetupAsync(question.TenantId, ct) }, trace, ct);
        }
        return await lookup.AnswerAsync(turn, trace, ct);
    }

    /// <summary>generate, by models where the turn may use them: what was composed without one stays the answer where they bring none.</summary>
    /// <param name="turn">Prepared.</param>
    /// <param name="live">Where the text goes while it is written; null: it is wanted whole.</param>
    /// <param name="trace">Gets the attempts.</param>
    /// <param name="ct">Ends the calls.</param>
    internal Task<PreparedTurn> WriteAsync(PreparedTurn turn, LiveText? live, TurnTrace trace, CancellationToken ct) => writer.WriteAsync(turn, live, trace, ct);

    /// <summary>verify → decide, in the transaction that delivers: nothing is quoted that has gone or changed since it was found.</summary>
    internal static async Task<TurnResult> ConcludeAsync(TenantSession s, PreparedTurn turn, TurnTrace trace)
    {
        if (turn.Composition is { Quotes.Count: > 0 } draft)
        {
            var verified = await trace.StepAsync(TurnStepName.Verify, () => AnswerVerifier.VerifyAsync(s, draft, Audiences(turn.Question)),
                v => new { quotes = draft.Quotes.Count, kept = v.Quotes.Count });
            turn = turn with { Composition = verified };
        }
        if (turn is { Composition.Quotes.Count: 0, Evidence.Count: > 0 })
        {
            var evidence = turn.Evidence;
            turn = await trace.StepAsync(TurnStepName.Verify, () => AnswerVerifier.VerifyNamedAsync(s, turn, Audiences(turn.Question)), t => new { passages = evidence.Count, kept = t.Evidence.Count });
        }
        return trace.Step(TurnStepName.Decide, () => TurnDecision.Of(turn, answered => Escalate(turn, answered)),
            r => new { r.Outcome, r.Confidence, threshold = TurnDecision.Threshold(turn), r.HandoffReasons });
    }

    /// <summary>What may be said of an answer that is still being written.</summary>
    internal static async Task<TurnResult> SoFarAsync(TenantSession s, PreparedTurn turn)
    {
        var verified = await AnswerVerifier.VerifyAsync(s, turn.Composition!, Audiences(turn.Question));
        // What it is worth is known at its end.
        return verified.Blocks.Count == 0 ? new TurnResult { Outcome = TurnOutcome.Answered } : TurnDecision.Of(turn with { Composition = verified with { Confidence = 1 } }, _ => null);
    }

    /// <summary>What was sent as a draft, where its quotations still stand; concluded anew where one has gone since.</summary>
    internal static async Task<TurnResult> ConfirmAsync(TenantSession s, PreparedTurn turn, TurnResult sent, TurnTrace trace)
    {
        var now = await AnswerVerifier.VerifyAsync(s, turn.Composition!, Audiences(turn.Question));
        return now.Quotes.Select(q => q.ChunkId).SequenceEqual(sent.Citations.Select(c => c.ChunkId)) ? sent : await ConcludeAsync(s, turn, trace);
    }

    private static PreparedTurn Analyse(TurnQuestion question)
    {
        var fallback = AssistantTexts.All.LanguageOf(question.Locale);
        var focus = TurnFocus.Of(question, fallback);
        var analyses = question.Messages.Select(m => QuestionAnalyzer.Analyze(m, fallback)).ToList();
        // "How do I deploy?" and then "thanks" is still the question; asking for a person counts wherever it was said.
        var analysis = analyses.LastOrDefault(a => a.Intent == Intent.Question) ?? analyses[^1];
        var asks = analyses.Exists(a => a.Intent == Intent.Person) || (question.PersonOffered && Affirmation.Is(question.Messages[^1], analysis.Language));
        // "The second one" has the language and the kind of the question that it answers.
        return new PreparedTurn { Question = question, Focus = focus, Analysis = focus.Chosen is null ? analysis : QuestionAnalyzer.Analyze(focus.Text, fallback) with { Sentiment = analysis.Sentiment }, AsksForPerson = asks };
    }

    private static EscalationDecision? Escalate(PreparedTurn turn, bool? answered)
    {
        var question = turn.Question;
        return question.Rules is null || question.PersonAwaited ? null : EscalationPolicy.Decide(question.Rules, new EscalationSignals
        {
            Text = string.Join('\n', question.Messages), Language = turn.Analysis.Language, ExplicitRequest = turn.AsksForPerson,
            Frustrated = turn.Analysis.Sentiment == Sentiment.Frustrated, Complex = turn.Analysis.Tier == "large",
            Attempts = question.Attempts, FailedAttempts = question.FailedAttempts, Elapsed = question.Elapsed, Answered = answered,
        });
    }

    private static IReadOnlyCollection<string>? Audiences(TurnQuestion question) => TurnLookup.Audiences(question);
}
