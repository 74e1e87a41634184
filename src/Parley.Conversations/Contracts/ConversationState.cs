using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>A conversation's row, for decisions.</summary>
public sealed record ConversationState
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>The customer.</summary>
    public Guid EndUserId { get; init; }

    /// <summary>The customer has proven who they are.</summary>
    public bool EndUserVerified { get; init; }

    /// <summary>The AI that answers.</summary>
    public Guid AssistantId { get; init; }

    /// <summary>Where it began.</summary>
    public Guid? WidgetId { get; init; }

    /// <summary>widget | page | api | email | slack | voice | sms.</summary>
    public string Channel { get; init; } = "";

    /// <summary>text | voice | video | screen.</summary>
    public string Modality { get; init; } = "";

    /// <summary>See <see cref="ConversationStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>See <see cref="ConversationOwner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The agent while the owner is one.</summary>
    public Guid? AgentId { get; init; }

    /// <summary>Language tag of the session.</summary>
    public string? Locale { get; init; }

    /// <summary>Experiment arm.</summary>
    public string? Variant { get; init; }

    /// <summary>First words of the first question.</summary>
    public string? Subject { get; init; }

    /// <summary>The newest event's number.</summary>
    public long LastSeq { get; init; }

    /// <summary>Author kind of the last public message.</summary>
    public string? LastMessageKind { get; init; }

    /// <summary>Outcome of the last turn that was more than small talk; <c>failed</c> where it failed.</summary>
    public string? LastOutcome { get; init; }

    /// <summary>1 to 5.</summary>
    public short? Rating { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was closed.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Silence until then settles how it ended; null: nothing to settle.</summary>
    public DateTimeOffset? SettleAt { get; init; }

    /// <summary>True while somebody may write without reopening it.</summary>
    public bool IsOpen => Status == ConversationStatus.Open;
}

/// <summary>Reads and locks conversations.</summary>
public static class ConversationStore
{
    private const string Columns = """
        id, end_user_id, assistant_id, widget_id, channel, modality, status, owner, agent_id, locale, variant, subject,
        last_seq, last_message_kind, last_outcome, rating, created_at, closed_at, settle_at,
        coalesce((select u.verified from end_users u where u.tenant_id = conversations.tenant_id and u.id = conversations.end_user_id), false) as end_user_verified
        """;

    private const string ReadSql = $"select {Columns} from conversations where tenant_id = @tenantId and id = @id";

    private const string LockSql = ReadSql + " for update";

    /// <summary>Takes the conversation's row lock: from here to the commit nobody else adds a message or an event to it. Null: there is none.</summary>
    /// <remarks>Lock the conversation before rows that hang on it (turns, handoffs): one order, no deadlock.</remarks>
    public static Task<ConversationState?> LockAsync(TenantSession session, Guid id) =>
        session.QuerySingleOrDefaultAsync<ConversationState>(LockSql, new { tenantId = session.TenantId, id });

    /// <summary>Reads without a lock. Null: there is none.</summary>
    public static Task<ConversationState?> ReadAsync(TenantSession session, Guid id) =>
        session.QuerySingleOrDefaultAsync<ConversationState>(ReadSql, new { tenantId = session.TenantId, id });
}
