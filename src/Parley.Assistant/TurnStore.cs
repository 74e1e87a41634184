using System.Text.Json;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>A turn as an attempt begins it.</summary>
internal sealed record TurnRow
{
    public Guid Id { get; init; }

    public Guid ConversationId { get; init; }

    public Guid MessageId { get; init; }

    public long ThroughSeq { get; init; }

    public string Draft { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the customer said up to this number has been dealt with by an earlier turn.</summary>
    public long AnsweredThrough { get; init; }

    /// <summary>JSON of <see cref="EarlierTurn"/>, oldest first.</summary>
    public string? Earlier { get; init; }

    internal IReadOnlyList<EarlierTurn> EarlierTurns => Earlier is null ? [] : JsonSerializer.Deserialize<EarlierTurn[]>(Earlier, JsonSerializerOptions.Web)!;
}

/// <summary>An earlier turn of the conversation, as the escalation policy counts it.</summary>
internal sealed record EarlierTurn(string? Outcome, string? Sentiment, string? Intent, DateTimeOffset CreatedAt);

/// <summary>The rows of turns and their steps.</summary>
internal static class TurnStore
{
    private const string Live = "('running', 'waiting_tool', 'waiting_approval', 'waiting_media')";

    // A turn whose last attempt died with its node still counts as live: its question goes on with this one.
    private const string AbandonSql = $"""
        update turns set state = 'cancelled', error = 'abandoned', draft = '', finished_at = @now
         where tenant_id = @tenantId and conversation_id = @conversationId and id <> @turnId and state in {Live}
        """;

    private const string BeginSql = """
        with mine as (
          update turns set state = 'running', attempt = @attempt, started_at = coalesce(started_at, @now)
           where tenant_id = @tenantId and id = @turnId and state in ('queued', 'running')
          returning id, conversation_id, message_id, through_seq, draft, created_at
        )
        select m.*,
               coalesce((select max(t.through_seq) from turns t
                          where t.tenant_id = @tenantId and t.conversation_id = m.conversation_id and t.id <> m.id and t.state in ('done', 'failed')), 0) as answered_through,
               (select jsonb_agg(jsonb_build_object('outcome', e.outcome, 'sentiment', e.sentiment, 'intent', e.intent, 'createdAt', e.created_at) order by e.created_at, e.id)
                  from (select t.id, t.outcome, t.sentiment, t.intent, t.created_at from turns t
                         where t.tenant_id = @tenantId and t.conversation_id = m.conversation_id and t.state = 'done'
                         order by t.created_at desc limit 30) e)::text as earlier
          from mine m
        """;

    private const string DraftSql = """
        update turns set draft = @draft, evidence = @evidence::jsonb, first_text_at = coalesce(first_text_at, @now)
         where tenant_id = @tenantId and id = @turnId and state = 'running' and attempt = @attempt
        """;

    private const string FinishSql = """
        update turns
           set state = @state, outcome = @outcome, draft = '', confidence = @confidence, tier = @tier, language = @language, intent = @intent, question_type = @questionType,
               sentiment = @sentiment, versions = @versions::jsonb, evidence = @evidence::jsonb, timings = @timings::jsonb, cost = @cost, error = @error, finished_at = @now
         where tenant_id = @tenantId and id = @turnId and state = 'running' and attempt = @attempt
        """;

    private const string IsMineSql = "select exists (select 1 from turns where tenant_id = @tenantId and id = @turnId and state = 'running' and attempt = @attempt)";

    private const string EndSql = """
        update turns set state = @state, draft = '', error = @error, finished_at = @now
         where tenant_id = @tenantId and id = @turnId and state in ('queued', 'running', 'waiting_tool', 'waiting_approval', 'waiting_media')
        returning conversation_id
        """;

    private const string StepsSql = """
        insert into turn_steps (tenant_id, turn_id, attempt, ordinal, name, started_at, duration_us, data, created_at)
        select @tenantId::uuid, @turnId::uuid, @attempt::int, @first::int + s.ordinal::int, s.name, s.started_at, s.duration_us, s.data::jsonb, @now::timestamptz
          from unnest(@names::text[], @startedAt::timestamptz[], @durations::bigint[], @data::text[]) with ordinality s (name, started_at, duration_us, data, ordinal)
        """;

    /// <summary>Takes the turn for an attempt; null: it was cancelled or is over.</summary>
    internal static async Task<TurnRow?> BeginAsync(TenantSession s, Guid turnId, Guid conversationId, int attempt, DateTimeOffset now)
    {
        await s.ExecuteAsync(AbandonSql, new { tenantId = s.TenantId, conversationId, turnId, now });
        return await s.QuerySingleOrDefaultAsync<TurnRow>(BeginSql, new { tenantId = s.TenantId, turnId, attempt, now });
    }

    /// <summary>The text so far, with the evidence it rests on. False: the turn is no longer this attempt's.</summary>
    internal static async Task<bool> DraftAsync(TenantSession s, Guid turnId, int attempt, string draft, object evidence, DateTimeOffset now) =>
        await s.ExecuteAsync(DraftSql, new { tenantId = s.TenantId, turnId, attempt, draft, evidence = JsonSerializer.Serialize(evidence, TurnTrace.Json), now }) == 1;

    /// <summary>The attempt still has the turn.</summary>
    internal static Task<bool> IsMineAsync(TenantSession s, Guid turnId, int attempt) => s.QuerySingleAsync<bool>(IsMineSql, new { tenantId = s.TenantId, turnId, attempt });

    /// <summary>Ends a turn with what it came to. False: it is no longer this attempt's.</summary>
    internal static async Task<bool> FinishAsync(TenantSession s, Guid turnId, int attempt, TurnResult result, TurnTrace trace, DateTimeOffset now) =>
        await s.ExecuteAsync(FinishSql, new
        {
            tenantId = s.TenantId, turnId, attempt, state = "done", outcome = result.Outcome, confidence = result.Confidence, tier = result.Tier,
            language = result.Language, intent = result.Intent, questionType = result.QuestionType, sentiment = result.Sentiment,
            versions = JsonSerializer.Serialize(result.Versions, TurnTrace.Json), evidence = JsonSerializer.Serialize(result.Evidence, TurnTrace.Json),
            timings = JsonSerializer.Serialize(trace.TimingsMs(), TurnTrace.Json), cost = result.Cost, error = (string?)null, now,
        }) == 1;

    /// <summary>Fails or cancels a turn that is not over; returns its conversation, or null where it is.</summary>
    internal static Task<Guid?> EndAsync(TenantSession s, Guid turnId, string state, string error, DateTimeOffset now) =>
        s.QuerySingleOrDefaultAsync<Guid?>(EndSql, new { tenantId = s.TenantId, turnId, state, error, now });

    /// <summary>Writes the steps that are new since the last call.</summary>
    internal static Task StepsAsync(TenantSession s, Guid turnId, int attempt, TurnTrace trace, DateTimeOffset now)
    {
        var (first, steps) = trace.TakeNew();
        return steps.Count == 0 ? Task.CompletedTask : s.ExecuteAsync(StepsSql, new
        {
            tenantId = s.TenantId, turnId, attempt, first, now,
            names = steps.Select(t => t.Name).ToArray(), startedAt = steps.Select(t => t.StartedAt.UtcDateTime).ToArray(), durations = steps.Select(t => t.DurationUs).ToArray(),
            data = steps.Select(t => JsonSerializer.Serialize(t.Data ?? new { }, TurnTrace.Json)).ToArray(),
        });
    }
}
