using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>A place in a tenant's log of events.</summary>
/// <param name="Xid">Of the transaction that wrote the event: PostgreSQL's xid8 as text.</param>
/// <param name="Position">Within the installation.</param>
public readonly record struct LogPosition(string Xid, long Position);

/// <summary>An event as the log holds it, with what its conversation says of itself.</summary>
public sealed record LoggedEvent
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>Where.</summary>
    public Guid ConversationId { get; init; }

    /// <summary>Its number within the conversation.</summary>
    public long Seq { get; init; }

    /// <summary>See <see cref="EventCatalogue"/>.</summary>
    public string Type { get; init; } = "";

    /// <summary>JSON of that type.</summary>
    public string Data { get; init; } = "{}";

    /// <summary>end_user | assistant | agent | system.</summary>
    public string ActorKind { get; init; } = "";

    /// <summary>End user, assistant or user.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>The turn it belongs to.</summary>
    public Guid? TurnId { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>See <see cref="LogPosition"/>.</summary>
    public string Xid { get; init; } = "";

    /// <summary>See <see cref="LogPosition"/>.</summary>
    public long Position { get; init; }

    /// <summary>Of the conversation; null: the conversation is gone.</summary>
    public string? Channel { get; init; }

    /// <summary>Language tag of the conversation.</summary>
    public string? Locale { get; init; }

    /// <summary>The customer.</summary>
    public Guid? EndUserId { get; init; }

    /// <summary>The AI that answers.</summary>
    public Guid? AssistantId { get; init; }

    /// <summary>Where the conversation began.</summary>
    public Guid? WidgetId { get; init; }
}

/// <summary>
/// A tenant's events in the order of their transactions, for readers that keep a place of their own. It is read below
/// <c>pg_snapshot_xmin</c> only: no transaction that still runs can add anything before what was read, so nothing is ever skipped. Within a
/// conversation the order may differ from that of <see cref="LoggedEvent.Seq"/>, which is the conversation's own.
/// </summary>
public static class EventLog
{
    private const string AfterSql = """
        select e.id, e.conversation_id, e.seq, e.type, e.data, e.actor_kind, e.actor_id, e.turn_id, e.created_at, e.xid::text as xid, e.position,
               c.channel, c.locale, c.end_user_id, c.assistant_id, c.widget_id
          from (select * from events x
                 where x.tenant_id = @tenantId and (x.xid, x.position) > (@xid::text::xid8, @position) and x.xid < pg_snapshot_xmin(pg_current_snapshot())
                 order by x.xid, x.position limit @limit) e
          left join conversations c on c.tenant_id = e.tenant_id and c.id = e.conversation_id
         order by e.xid, e.position
        """;

    /// <summary>The events after a place, oldest first.</summary>
    public static Task<IReadOnlyList<LoggedEvent>> AfterAsync(TenantSession session, LogPosition after, int limit) =>
        session.QueryAsync<LoggedEvent>(AfterSql, new { tenantId = session.TenantId, xid = after.Xid, after.Position, limit });
}
