using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;
using Parley.Escalations;
using Parley.Escalations.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>What is known after the steps that read and think, before anything is written.</summary>
internal sealed record PreparedTurn
{
    public required TurnQuestion Question { get; init; }

    public required QuestionAnalysis Analysis { get; init; }

    /// <summary>The customer asks for a person, or accepts the one that was offered.</summary>
    public bool AsksForPerson { get; init; }

    /// <summary>The policy's decision before any answer; null where it was not asked.</summary>
    public EscalationDecision? Escalation { get; init; }

    /// <summary>Null where nothing was looked up.</summary>
    public RetrievalResult? Retrieval { get; init; }

    public Composition? Composition { get; init; }

    /// <summary>Passages that were read for the answer.</summary>
    public IReadOnlyList<EvidenceUse> Evidence { get; init; } = [];
}

/// <summary>
/// The answering turn as its sequence of steps. <see cref="PrepareAsync"/> reads and thinks without a transaction around it;
/// <see cref="ConcludeAsync"/> checks the draft against the sources as they are now and decides. Delivery is the caller's.
/// </summary>
internal sealed class AssistantTurn(TenantDb db, TurnSearch search)
{
    /// <summary>analyse → escalation → retrieve → correct → evidence → generate.</summary>
    internal async Task<PreparedTurn> PrepareAsync(TurnQuestion question, TurnTrace trace, CancellationToken ct)
    {
        var turn = trace.Step(TurnStepName.Analyse, () => Analyse(question), t => new
        {
            t.Analysis.Language, intent = t.Analysis.Intent.ToName(), questionType = t.Analysis.Type.ToName(), sentiment = t.Analysis.Sentiment.ToName(),
            t.Analysis.Complexity, tier = t.Analysis.Tier, t.AsksForPerson, messages = question.Messages.Count,
        });
        turn = trace.Step(TurnStepName.Escalation, () => turn with { Escalation = Escalate(turn, answered: null) },
            t => new { t.Escalation?.HandOff, t.Escalation?.Priority, t.Escalation?.Reasons, question.Attempts, question.FailedAttempts });
        if (turn.Escalation is { HandOff: true } || turn.AsksForPerson || turn.Analysis.IsSmallTalk || turn.Analysis.Intent == Intent.Unclear)
        {
            return turn;
        }
        var query = Query(question);
        var found = await trace.StepAsync(TurnStepName.Retrieve, () => search.RetrieveAsync(question.TenantId, query, ct), Describe);
        found = await trace.StepAsync(TurnStepName.Correct, () => search.CorrectAsync(question.TenantId, query, found, ct), Describe);
        var evidence = await trace.StepAsync(TurnStepName.Evidence, () => ReadAsync(question, found, ct), e => new { asked = Wanted(found).Count, read = e.Count });
        return trace.Step(TurnStepName.Generate, () => turn with
        {
            Retrieval = found,
            Evidence = [.. evidence.Select(e => new EvidenceUse(e.ChunkId, e.Version, e.DocumentId, Math.Round(e.Score, 4)))],
            Composition = ExtractiveComposer.Compose(Focus(question), found, evidence, question.Profile.Threshold, question.Calibration),
        }, t => new { tier = "extractive", t.Composition!.Confidence, t.Composition.RawConfidence, t.Composition.Signals, t.Composition.Coverage, abstained = t.Composition.Abstained, quotes = t.Composition.Quotes.Count });
    }

    /// <summary>verify → decide, in the transaction that delivers: nothing is quoted that has gone or changed since it was found.</summary>
    internal static async Task<TurnResult> ConcludeAsync(TenantSession s, PreparedTurn turn, TurnTrace trace)
    {
        if (turn.Composition is { Quotes.Count: > 0 } draft)
        {
            var verified = await trace.StepAsync(TurnStepName.Verify, () => AnswerVerifier.VerifyAsync(s, draft, Audiences(turn.Question)),
                v => new { quotes = draft.Quotes.Count, kept = v.Quotes.Count });
            turn = turn with { Composition = verified };
        }
        return trace.Step(TurnStepName.Decide, () => TurnDecision.Of(turn, answered => Escalate(turn, answered)),
            r => new { r.Outcome, r.Confidence, threshold = TurnDecision.Threshold(turn), r.HandoffReasons });
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
        var analyses = question.Messages.Select(m => QuestionAnalyzer.Analyze(m, fallback)).ToList();
        // "How do I deploy?" and then "thanks" is still the question; asking for a person counts wherever it was said.
        var analysis = analyses.LastOrDefault(a => a.Intent == Intent.Question) ?? analyses[^1];
        var asks = analyses.Exists(a => a.Intent == Intent.Person) || (question.PersonOffered && Affirmation.Is(question.Messages[^1], analysis.Language));
        return new PreparedTurn { Question = question, Analysis = analysis, AsksForPerson = asks };
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

    /// <summary>The message that is looked up: the last one that asks something.</summary>
    private static string Focus(TurnQuestion question) =>
        question.Messages.LastOrDefault(m => QuestionAnalyzer.Analyze(m).Intent == Intent.Question) ?? question.Messages[^1];

    private static RetrievalQuery Query(TurnQuestion question)
    {
        var focus = Focus(question);
        return new RetrievalQuery
        {
            Text = focus, Filter = question.Filter, Explain = question.Explain,
            History = [.. question.History, .. question.Messages.Where(m => m != focus).Select(m => new HistoryTurn(TurnAuthor.Customer, m))],
        };
    }

    private static List<(Guid ChunkId, int Version)> Wanted(RetrievalResult found) =>
        [.. found.Chunks.Take(ExtractiveComposer.EvidenceRead).Select(c => (c.Id, c.Version))];

    private async Task<IReadOnlyList<Composer.Evidence>> ReadAsync(TurnQuestion question, RetrievalResult found, CancellationToken ct)
    {
        var wanted = Wanted(found);
        if (wanted.Count == 0)
        {
            return [];
        }
        var rows = await db.InTransactionAsync(question.TenantId, s => EvidenceReader.ReadAsync(s, wanted, Audiences(question)), ct);
        var scores = found.Chunks.ToDictionary(c => (c.Id, c.Version), c => c.Score);
        return [.. rows.Select(r => new Composer.Evidence
        {
            ChunkId = r.ChunkId, Version = r.Version, DocumentId = r.DocumentId, SourceId = r.SourceId, Title = r.Title, Url = string.IsNullOrEmpty(r.Url) ? null : r.Url,
            Anchor = r.Anchor, HeadingPath = r.HeadingPath, Text = r.Text, Score = scores.GetValueOrDefault((r.ChunkId, r.Version)),
        })];
    }

    private static IReadOnlyCollection<string>? Audiences(TurnQuestion question) => question.Filter.Audiences is { } audiences ? [.. audiences] : null;

    private static object Describe(RetrievalResult found) => new
    {
        found.ChangeNumber, confidence = Math.Round(found.Confidence, 4), documents = found.Documents.Take(5).Select(d => new { d.Id, score = Math.Round(d.Score, 4) }),
        chunks = found.Chunks.Count, terms = found.Terms.Count, missing = found.MissingTerms.Count(),
    };
}
