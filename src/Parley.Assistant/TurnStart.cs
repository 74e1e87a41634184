using Parley.Assistant.Contracts;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>A turn that an attempt has taken.</summary>
/// <param name="Row">The turn.</param>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Conversation">As it was then.</param>
/// <param name="Profile">The assistant's.</param>
/// <param name="Question">What to answer; null: only the place in the queue is told.</param>
/// <param name="Handoff">The live handoff.</param>
internal sealed record BegunTurn(TurnRow Row, int Attempt, ConversationState Conversation, AssistantProfile Profile, TurnQuestion? Question, HandoffView? Handoff)
{
    /// <summary>Whose.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Sources that this attempt has announced.</summary>
    public IReadOnlyList<Citation> Announced { get; init; } = [];

    /// <summary>The same after a text was sent.</summary>
    internal BegunTurn With(TurnResult sent) => this with { Row = Row with { Draft = sent.Text }, Announced = sent.Citations };
}

/// <summary>Takes a turn and reads in one transaction what it needs.</summary>
internal sealed class TurnStart(TenantDb db, ConfigurationStore configurations, EscalationConfiguration escalations, TimeProvider time)
{
    /// <summary>Messages that are read: enough for the question and its history.</summary>
    private const int Recent = 24;

    private const int HistoryTurns = 10;

    private static readonly AssistantProfile DefaultProfile = new();

    /// <summary>Null: the turn is over, cancelled, or nothing waits for an answer.</summary>
    internal Task<BegunTurn?> BeginAsync(Guid tenantId, TurnScheduler.Payload payload, int attempt, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, async s =>
        {
            var now = time.GetUtcNow();
            if (await TurnStore.BeginAsync(s, payload.TurnId, payload.ConversationId, attempt, now) is not { } row
                || await ConversationStore.ReadAsync(s, row.ConversationId) is not { } conversation)
            {
                return null;
            }
            var messages = await MessageReader.RecentAsync(s, row.ConversationId, Recent);
            var answered = Math.Max(row.AnsweredThrough, messages.LastOrDefault(m => m.AuthorKind == ActorKind.Agent)?.Seq ?? 0);
            var open = messages.Where(m => m.AuthorKind == ActorKind.EndUser && m.Seq > answered && m.Seq <= row.ThroughSeq).ToList();
            if (!conversation.IsOpen || conversation.Owner == ConversationOwner.Agent || open.Count == 0)
            {
                await TurnStore.EndAsync(s, row.Id, "cancelled", "nothing_to_answer", now);
                return null;
            }
            var published = await configurations.PublishedAsync<AssistantProfile>(s, AssistantProfile.Kind, conversation.AssistantId);
            var profile = published?.Body ?? DefaultProfile;
            var handoff = conversation.Owner == ConversationOwner.Queue
                ? (await HandoffReader.LiveAsync(s, [conversation.Id])).GetValueOrDefault(conversation.Id) : null;
            if (handoff is not null && handoff.State != "out_of_hours")
            {
                return new BegunTurn(row, attempt, conversation, profile, Question: null, handoff) { TenantId = tenantId };
            }
            var (rules, rulesVersion) = await escalations.RulesAsync(s);
            var calibration = await configurations.PublishedAsync<Calibration>(s, Calibration.Kind, s.TenantId);
            var models = await configurations.PublishedAsync<ModelSettings>(s, ModelSettings.Kind, tenantId) is { Body: { ForCustomers: true, Choices.Count: > 0 } };
            var question = Question(tenantId, conversation, row, messages, open, now) with
            {
                UsesModels = models,
                Who = new Spender
                {
                    TenantId = tenantId, Feature = ModelFeature.Answer, AssistantId = conversation.AssistantId, ConversationId = conversation.Id, EndUserId = conversation.EndUserId,
                    TurnId = row.Id, Anonymous = !conversation.EndUserVerified, Tally = new Tally(),
                },
                Profile = profile, ProfileVersion = published?.Version ?? 0, Rules = rules, RulesVersion = rulesVersion, Calibration = calibration?.Body ?? Calibration.Shipped, CalibrationVersion = calibration?.Version ?? 0, PersonAwaited = handoff is not null,
                Filter = new RetrievalFilter { Audiences = profile.Audiences.ToHashSet(StringComparer.Ordinal) },
            };
            return new BegunTurn(row, attempt, conversation, profile, question, handoff) { TenantId = tenantId };
        }, ct);

    private static TurnQuestion Question(Guid tenantId, ConversationState conversation, TurnRow row, IReadOnlyList<MessageView> messages, List<MessageView> open, DateTimeOffset now)
    {
        var history = messages.Where(m => m.Seq < open[0].Seq && m.AuthorKind != ActorKind.System).TakeLast(HistoryTurns)
            .Select(m => new HistoryTurn(m.AuthorKind == ActorKind.EndUser ? TurnAuthor.Customer : TurnAuthor.Assistant, m.PlainText()));
        var count = AttemptCount.Of(row.EarlierTurns, now);
        return new TurnQuestion
        {
            TenantId = tenantId, Profile = DefaultProfile, Messages = [.. open.Select(m => m.PlainText())], History = [.. history], Locale = conversation.Locale,
            Attempts = count.Attempts, FailedAttempts = count.Failed, Elapsed = count.Elapsed,
            PersonOffered = row.EarlierTurns is [.., { Outcome: TurnOutcome.Abstained }] && conversation.Owner == ConversationOwner.Assistant,
        };
    }
}

/// <summary>How often the assistant has tried, and how often it did not help.</summary>
internal sealed record AttemptCount(int Attempts, int Failed, TimeSpan Elapsed)
{
    /// <summary>
    /// Counts from where the conversation began or came back from a person. An answer did not help when it was none (abstained,
    /// clarified), or when the customer's next message was negative. Pure.
    /// </summary>
    internal static AttemptCount Of(IReadOnlyList<EarlierTurn> turns, DateTimeOffset now)
    {
        var since = turns.Reverse().TakeWhile(t => t.Outcome != TurnOutcome.HandedOff).Reverse().ToList();
        var answers = since.Where(t => t.Outcome is TurnOutcome.Answered or TurnOutcome.Abstained or TurnOutcome.Clarified).ToList();
        var failed = 0;
        for (var i = 0; i < since.Count; i++)
        {
            var next = i + 1 < since.Count ? since[i + 1] : null;
            failed += since[i].Outcome is TurnOutcome.Abstained or TurnOutcome.Clarified
                || (since[i].Outcome == TurnOutcome.Answered && next?.Sentiment is "negative" or "frustrated") ? 1 : 0;
        }
        return new AttemptCount(answers.Count, failed, answers.Count == 0 ? TimeSpan.Zero : now - answers[0].CreatedAt);
    }
}
