using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Assistant.Analysis;
using Parley.Knowledge.Analysis;
using Parley.Knowledge.Search;
using Parley.Knowledge.Vectors;

namespace Parley.Assistant;

/// <param name="Question">At most 8,000 characters.</param>
/// <param name="History">Earlier messages, oldest first.</param>
/// <param name="AssistantId">Null: the default one.</param>
/// <param name="Filters">Where to look.</param>
/// <param name="Escalation">False: nobody is called, whatever is asked.</param>
/// <param name="Threshold">Confidence from which on to answer, to try another than the assistant's own.</param>
/// <param name="Models">False: nothing paid is done, whatever the tenant has chosen: no answers of models, no vectors, no reranking; null: with them for whoever asks by hand, without for measurements.</param>
/// <param name="ProfileVersion">Under this saved version of the assistant's profile, published or not; 0: as shipped; null: the one in force.</param>
public sealed record AskRequest(
    string? Question, IReadOnlyList<AskHistory>? History = null, Guid? AssistantId = null, AskFilters? Filters = null, bool? Escalation = null, double? Threshold = null, bool? Models = null, int? ProfileVersion = null)
{
    /// <summary>Entries of the history.</summary>
    public const int MaxHistory = 50;
}

/// <param name="Role">customer | assistant.</param>
/// <param name="Text">What was said.</param>
public sealed record AskHistory(string? Role, string? Text);

/// <param name="SourceIds">Only these sources.</param>
/// <param name="Language">Only documents of this language, or of none.</param>
/// <param name="UpdatedSince">Only documents whose content changed since then.</param>
public sealed record AskFilters(IReadOnlyList<Guid>? SourceIds, string? Language, DateTimeOffset? UpdatedSince = null);

/// <summary>The answer of the command line's contract, with what the turn saw.</summary>
public sealed record AskAnswer
{
    public required string Outcome { get; init; }

    public required string Answer { get; init; }

    public double? Confidence { get; init; }

    public IReadOnlyList<AskCitation> Citations { get; init; } = [];

    public string? Language { get; init; }

    public string? Tier { get; init; }

    /// <summary>Dollars booked for calls to models: for answers, rewriting, vectors and reranking.</summary>
    public decimal Cost { get; init; }

    /// <summary>The calls to models for the answer, in their order; empty: none was asked.</summary>
    public IReadOnlyList<AskAttempt> Attempts { get; init; } = [];

    /// <summary>Why no model wrote the answer although some are chosen; null: one did, or none is chosen.</summary>
    public string? Fallback { get; init; }

    public IReadOnlyDictionary<string, double> TimingsMs { get; init; } = new Dictionary<string, double>();

    public Guid TraceId { get; init; }

    /// <summary>The version of the profile that it was answered under; 0: as shipped.</summary>
    public int ProfileVersion { get; init; }

    public AskRetrieval Retrieval { get; init; } = new([], []);

    public AskAnalysis? Analysis { get; init; }

    public double Threshold { get; init; }

    /// <summary>Reasons for which a person would be called.</summary>
    public IReadOnlyList<string> HandoffReasons { get; init; } = [];

    public IReadOnlyList<AskStep> Steps { get; init; } = [];

    /// <summary>The confidence before the tenant's calibration: what a calibration is fitted on.</summary>
    [JsonIgnore]
    public double? RawConfidence { get; init; }

    /// <summary>It quotes an answer.</summary>
    [JsonIgnore]
    public bool IsAnswered => Outcome == TurnOutcome.Answered;

    /// <summary>Nothing was looked up.</summary>
    [JsonIgnore]
    public bool IsSmallTalk => Outcome == TurnOutcome.SmallTalk;

    internal static AskAnswer Of(string question, PreparedTurn prepared, TurnResult result, IReadOnlyList<Evidence> evidence, TurnTrace trace, Guid traceId)
    {
        var texts = evidence.ToDictionary(e => (e.ChunkId, e.Version));
        var found = prepared.Retrieval;
        return new AskAnswer
        {
            Outcome = result.Outcome, Answer = result.Text, Confidence = result.Confidence, RawConfidence = prepared.Written.Tier is null ? prepared.Composition?.RawConfidence : null, Language = result.Language, Tier = result.Tier, TraceId = traceId, ProfileVersion = prepared.Question.ProfileVersion,
            Cost = result.Cost, Attempts = [.. prepared.Written.Attempts.Select(AskAttempt.Of)], Fallback = prepared.Written.Fallback,
            Citations = [.. result.Citations.Select(c => new AskCitation(c.DocumentId, c.SourceId, c.Title, c.Url, c.Anchor, c.Quote, c.ChunkId))],
            TimingsMs = trace.TimingsMs(), Threshold = TurnDecision.Threshold(prepared), HandoffReasons = result.HandoffReasons,
            Analysis = new AskAnalysis(prepared.Analysis.Language, result.Intent ?? "", prepared.Analysis.Type.ToName(), prepared.Analysis.Sentiment.ToName(), prepared.Analysis.Complexity),
            Steps = [.. trace.Steps.Select(s => new AskStep(s.Name, s.DurationUs, JsonSerializer.SerializeToElement(s.Data ?? new { }, TurnTrace.Json)))],
            Retrieval = found is null ? new AskRetrieval([], []) : new AskRetrieval(
                [.. found.Documents.Select(d => new AskDocument(d.Id, d.Title, string.IsNullOrEmpty(d.Url) ? null : d.Url, d.Score, d.Legs is null ? null : JsonSerializer.SerializeToElement(d.Legs, JsonSerializerOptions.Web), found.IdealScore, d.Vector, d.Fused))],
                [.. found.Chunks.Where(c => texts.ContainsKey((c.Id, c.Version))).Select(c => AskChunk.Of(texts[(c.Id, c.Version)], c.Score, found.ReadAs ?? question) with { Rerank = c.Rerank })], found.ReadAs, found.Models),
        };
    }
}

/// <summary>A call to a model for the answer.</summary>
/// <param name="Tier">small, medium or large.</param>
/// <param name="Provider">Kind of the account that was asked last.</param>
/// <param name="Model">As its provider names it.</param>
/// <param name="Reason">Why this tier.</param>
/// <param name="Verdict">accept, escalate, give_up, failed or refused.</param>
/// <param name="Because">Why that.</param>
/// <param name="Confidence">What the draft is worth; null: nothing was left of it.</param>
/// <param name="Kept">How many of its <paramref name="Pieces"/> cite a passage.</param>
/// <param name="Pieces">Sentences, tables and blocks of code of its text.</param>
/// <param name="InputTokens">Of the prompt, cached ones included; null: not known.</param>
/// <param name="CachedTokens">Of these, read from the provider's cache.</param>
/// <param name="OutputTokens">Of the answer.</param>
/// <param name="Cost">In dollars; null: nothing was booked.</param>
/// <param name="LatencyMs">From the call to its end.</param>
/// <param name="Truncated">It reached its greatest length.</param>
/// <param name="Dropped">Parameters that the model does not take.</param>
public sealed record AskAttempt(
    string Tier, string? Provider, string? Model, string Reason, string Verdict, string Because, double? Confidence, int Kept, int Pieces,
    long? InputTokens, long? CachedTokens, long? OutputTokens, decimal? Cost, double LatencyMs, bool Truncated, IReadOnlyList<string> Dropped)
{
    internal static AskAttempt Of(Generation.AnswerAttempt a) => new(
        a.Tier, a.Provider, a.Model, a.Reason, a.Verdict, a.Because, a.Confidence, a.Kept, a.Pieces, a.InputTokens, a.CachedTokens, a.OutputTokens, a.Cost, a.LatencyMs, a.Truncated, a.Dropped ?? []);
}

/// <summary>Where a sentence of the answer comes from.</summary>
public sealed record AskCitation(Guid DocumentId, Guid SourceId, string Title, string? Url, string? Anchor, string Quote, Guid ChunkId);

/// <summary>What was found, best first.</summary>
/// <param name="Documents">At most as many as were ranked.</param>
/// <param name="Chunks">What was read of them.</param>
/// <param name="ReadAs">The question with slips of the finger undone; null: as it was written.</param>
/// <param name="Models">How models took part; null: none was to.</param>
public sealed record AskRetrieval(IReadOnlyList<AskDocument> Documents, IReadOnlyList<AskChunk> Chunks, string? ReadAs = null, RetrievalModels? Models = null);

/// <param name="Legs">Each leg's share of the score.</param>
/// <param name="Ideal">The score of a document that matches the question wholly.</param>
/// <param name="Vector">Cosine of the question and the document's nearest passage; null: meaning took no part, or it has no vector.</param>
/// <param name="Fused">By what it was placed where words and meaning were fused; <paramref name="Score"/> is then that of its words.</param>
public sealed record AskDocument(Guid DocumentId, string Title, string? Url, double Score, JsonElement? Legs, double Ideal, double? Vector = null, double? Fused = null);

/// <param name="Highlights">Where the question's words are in the text.</param>
public sealed record AskChunk(Guid ChunkId, Guid DocumentId, IReadOnlyList<string> HeadingPath, string Text, double Score, IReadOnlyList<AskHighlight> Highlights)
{
    /// <summary>What a reranker gave it; null: none did.</summary>
    public double? Rerank { get; init; }

    internal static AskChunk Of(Evidence evidence, double score, string question) => new(evidence.ChunkId, evidence.DocumentId, evidence.HeadingPath, evidence.Text, score,
        [.. Parley.Knowledge.Analysis.Highlights.Find(evidence.Text, question).Select(h => new AskHighlight(h.Start, h.Length))]);
}

/// <summary>A span of a text, in UTF-16 units.</summary>
public sealed record AskHighlight(int Start, int Length);

/// <summary>What the question is.</summary>
public sealed record AskAnalysis(string Language, string Intent, string QuestionType, string Sentiment, double Complexity);

/// <summary>One step, with ids, scores and reasons.</summary>
public sealed record AskStep(string Name, long DurationUs, JsonElement Data);
