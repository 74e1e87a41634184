using Parley.Escalations.Contracts;
using Parley.Platform.Data;

namespace Parley.Escalations;

/// <summary>A row of <c>handoffs</c>.</summary>
internal sealed record HandoffRow
{
    public Guid Id { get; init; }

    public Guid ConversationId { get; init; }

    public string State { get; init; } = "";

    public string Priority { get; init; } = "";

    public string[] Reasons { get; init; } = [];

    public string Summary { get; init; } = "";

    public string? Language { get; init; }

    public string RequestedBy { get; init; } = "";

    public Guid? AgentId { get; init; }

    public Guid? OfferedTo { get; init; }

    public DateTimeOffset WaitingSince { get; init; }

    public DateTimeOffset? TimerAt { get; init; }

    /// <summary>What somebody must do where nobody came.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>When the customer was told something about the request, and which place in the queue that named.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    public int? ToldPosition { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    internal HandoffState At => Names.Parse<HandoffState>(State);

    internal HandoffPriority Rank => Names.Parse<HandoffPriority>(Priority);

    internal bool IsWaiting => HandoffMachine.Waiting.Contains(At);
}

/// <summary>One row of <c>handoff_transitions</c> to write.</summary>
internal sealed record Transition(string? From, string To, string ActorKind, Guid? ActorId, string? Reason);

/// <summary>The rows of handoffs. Writers hold the conversation's row lock.</summary>
internal static class HandoffStore
{
    internal const string Columns = """
        h.id, h.conversation_id, h.state, h.priority, h.reasons, h.summary, h.language, h.requested_by, h.agent_id, h.offered_to, h.waiting_since,
        h.timer_at, h.task_id, h.told_at, h.told_position, h.created_at, h.updated_at, h.accepted_at, h.ended_at
        """;

    internal const string WaitingStates = "('requested', 'acknowledged', 'queued', 'offered', 'out_of_hours')";

    /// <summary>Most urgent first, then the oldest: the order of the queue.</summary>
    internal const string Rank = "array_position(array['urgent', 'high', 'medium', 'low'], h.priority)";

    private const string ByIdSql = $"select {Columns} from handoffs h where h.tenant_id = @tenantId and h.id = @id";

    private const string LiveSql = $"""
        select {Columns} from handoffs h
         where h.tenant_id = @tenantId and h.conversation_id = any (@ids) and h.state in ('requested', 'acknowledged', 'queued', 'offered', 'accepted', 'out_of_hours')
        """;

    private const string PositionsSql = $"""
        select q.id, q.position from (
          select h.id, row_number() over (order by {Rank}, h.created_at, h.id)::int as position
            from handoffs h where h.tenant_id = @tenantId and h.state in {WaitingStates}) q
         where q.id = any (@ids)
        """;

    private const string InsertSql = """
        insert into handoffs (tenant_id, id, conversation_id, state, priority, reasons, summary, language, requested_by, agent_id, offered_to,
                              waiting_since, timer_at, task_id, created_at, updated_at, accepted_at, ended_at)
        values (@tenantId, @Id, @ConversationId, @State, @Priority, @Reasons, @Summary, @Language, @RequestedBy, @AgentId, @OfferedTo,
                @WaitingSince, @TimerAt, @TaskId, @CreatedAt, @UpdatedAt, @AcceptedAt, @EndedAt)
        on conflict (tenant_id, id) do update
           set state = excluded.state, priority = excluded.priority, reasons = excluded.reasons, summary = excluded.summary, language = excluded.language,
               agent_id = excluded.agent_id, offered_to = excluded.offered_to, waiting_since = excluded.waiting_since, timer_at = excluded.timer_at, task_id = excluded.task_id,
               updated_at = excluded.updated_at, accepted_at = excluded.accepted_at, ended_at = excluded.ended_at
        """;

    private const string TransitionsSql = """
        insert into handoff_transitions (tenant_id, handoff_id, ordinal, from_state, to_state, actor_kind, actor_id, reason, at)
        select @tenantId::uuid, @handoffId::uuid, t.ordinal + coalesce((select max(x.ordinal) from handoff_transitions x where x.tenant_id = @tenantId and x.handoff_id = @handoffId), 0),
               nullif(t.from_state, ''), t.to_state, t.actor_kind, t.actor_id, nullif(t.reason, ''), @at::timestamptz
          from unnest(@froms::text[], @tos::text[], @actorKinds::text[], @actorIds::uuid[], @reasons::text[]) with ordinality
               t (from_state, to_state, actor_kind, actor_id, reason, ordinal)
        """;

    private const string ToldSql = "update handoffs set told_at = @now, told_position = @position where tenant_id = @tenantId and id = @id";
    private const string MemberSql = "select name from v_members where tenant_id = @tenantId and user_id = @userId and not disabled";

    internal static Task<HandoffRow?> FindAsync(TenantSession s, Guid id) =>
        s.QuerySingleOrDefaultAsync<HandoffRow>(ByIdSql, new { tenantId = s.TenantId, id });

    /// <summary>The live handoffs of these conversations; at most one each.</summary>
    internal static Task<IReadOnlyList<HandoffRow>> LiveAsync(TenantSession s, IReadOnlyCollection<Guid> conversationIds) =>
        s.QueryAsync<HandoffRow>(LiveSql, new { tenantId = s.TenantId, ids = conversationIds.ToArray() });

    /// <summary>Places in the queue, from 1; those that do not wait are absent.</summary>
    internal static async Task<IReadOnlyDictionary<Guid, int>> PositionsAsync(TenantSession s, IReadOnlyCollection<HandoffRow> rows)
    {
        var ids = rows.Where(r => r.IsWaiting).Select(r => r.Id).ToArray();
        return ids.Length == 0
            ? new Dictionary<Guid, int>()
            : (await s.QueryAsync<Place>(PositionsSql, new { tenantId = s.TenantId, ids })).ToDictionary(p => p.Id, p => p.Position);
    }

    /// <summary>Writes the row as it is now and the transitions that led there.</summary>
    internal static async Task WriteAsync(TenantSession s, HandoffRow row, IReadOnlyList<Transition> transitions)
    {
        await s.ExecuteAsync(InsertSql, new
        {
            tenantId = s.TenantId, row.Id, row.ConversationId, row.State, row.Priority, row.Reasons, row.Summary, row.Language, row.RequestedBy, row.AgentId,
            row.OfferedTo, row.WaitingSince, row.TimerAt, row.TaskId, row.CreatedAt, row.UpdatedAt, row.AcceptedAt, row.EndedAt,
        });
        await s.ExecuteAsync(TransitionsSql, new
        {
            tenantId = s.TenantId, handoffId = row.Id, at = row.UpdatedAt,
            froms = transitions.Select(t => t.From ?? "").ToArray(), tos = transitions.Select(t => t.To).ToArray(),
            actorKinds = transitions.Select(t => t.ActorKind).ToArray(), actorIds = transitions.Select(t => t.ActorId).ToArray(),
            reasons = transitions.Select(t => t.Reason ?? "").ToArray(),
        });
    }

    /// <summary>Remembers that the customer was told something.</summary>
    internal static Task ToldAsync(TenantSession s, Guid id, int? position, DateTimeOffset now) =>
        s.ExecuteAsync(ToldSql, new { tenantId = s.TenantId, id, position, now });

    /// <summary>The name of a member who can sign in; null: there is none.</summary>
    internal static Task<string?> MemberNameAsync(TenantSession s, Guid userId) =>
        s.QuerySingleOrDefaultAsync<string>(MemberSql, new { tenantId = s.TenantId, userId });

    private sealed record Place
    {
        public Guid Id { get; init; }

        public int Position { get; init; }
    }
}
