using System.Text.Json;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>A conversation in a list, an inbox or an agent's feed.</summary>
public record ConversationSummary
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>open | closed.</summary>
    public required string Status { get; init; }

    /// <summary>assistant | queue | agent.</summary>
    public required string Owner { get; init; }

    /// <summary>The agent who owns it.</summary>
    public required Guid? AgentId { get; init; }

    /// <summary>Their name.</summary>
    public required string? AgentName { get; init; }

    /// <summary>widget | page | api | email | slack | voice | sms.</summary>
    public required string Channel { get; init; }

    /// <summary>text | voice | video | screen.</summary>
    public required string Modality { get; init; }

    /// <summary>Language tag.</summary>
    public required string? Locale { get; init; }

    /// <summary>First words of the first question.</summary>
    public required string? Subject { get; init; }

    /// <summary>The customer.</summary>
    public required EndUserView EndUser { get; init; }

    /// <summary>The newest public message.</summary>
    public required LastMessageView? LastMessage { get; init; }

    /// <summary>The live handoff.</summary>
    public required HandoffSummary? Handoff { get; init; }

    /// <summary>1 to 5.</summary>
    public required int? Rating { get; init; }

    /// <summary>The ledger's standing class (by_person, silent, …); before there is one, the outcome of the last real turn.</summary>
    public required string? Outcome { get; init; }

    /// <summary>How certain the last judged answer was, 0 to 1; null: none was judged.</summary>
    public required double? Confidence { get; init; }

    /// <summary>Its tags, by name.</summary>
    public required IReadOnlyList<TagView> Tags { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When anything last happened.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was closed.</summary>
    public required DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>A customer as agents see them.</summary>
public sealed record EndUserView(Guid Id, string? Name, string? Email, bool Verified);

/// <summary>A word that people give to conversations.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">1 to 40 characters; no two of a tenant differ in case only.</param>
/// <param name="Color">gray | red | orange | yellow | green | teal | blue | violet | pink.</param>
public sealed record TagView(Guid Id, string Name, string Color);

/// <summary>The newest public message, shortened.</summary>
public sealed record LastMessageView(string Kind, string Text, DateTimeOffset At);

/// <summary>A live handoff, shortened.</summary>
public sealed record HandoffSummary(Guid Id, string State, string Priority, IReadOnlyList<string> Reasons, DateTimeOffset CreatedAt);

/// <summary>Reads summaries.</summary>
public sealed class ConversationSummaries(IHandoffs handoffs)
{
    internal const int PreviewLength = 140;

    internal const string Select = """
        select c.id, c.status, c.owner, c.agent_id, u.name as agent_name, c.channel, c.modality, c.locale, c.subject, c.rating,
               coalesce(c.resolution, c.last_outcome) as last_outcome, c.confidence,
               (select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'color', g.color) order by lower(g.name), g.id)
                  from conversation_tags t join tags g on g.tenant_id = t.tenant_id and g.id = t.tag_id
                 where t.tenant_id = c.tenant_id and t.conversation_id = c.id) as tags,
               c.created_at, c.updated_at, c.closed_at, c.last_seq,
               e.id as end_user_id, e.name as end_user_name, e.email as end_user_email, e.verified as end_user_verified,
               m.author_kind as last_kind, m.created_at as last_at, m.text as last_text
          from conversations c
          join end_users e on e.tenant_id = c.tenant_id and e.id = c.end_user_id
          left join v_members u on u.tenant_id = c.tenant_id and u.user_id = c.agent_id
          left join lateral (
            select x.author_kind, x.created_at,
                   (select p.content ->> 'text' from message_parts p
                     where p.tenant_id = x.tenant_id and p.message_id = x.id and p.type = 'text' order by p.ordinal limit 1) as text
              from messages x
             where x.tenant_id = c.tenant_id and x.conversation_id = c.id and x.visibility = 'public'
             order by x.seq desc limit 1) m on true
        """;

    private const string ByIdSql = Select + " where c.tenant_id = @tenantId and c.id = any (@ids) order by c.updated_at desc, c.id desc";

    /// <summary>Summaries of these conversations, the newest first; unknown ids are absent.</summary>
    public async Task<IReadOnlyList<ConversationSummary>> ByIdAsync(TenantSession session, IReadOnlyCollection<Guid> ids) =>
        ids.Count == 0 ? []
        : await CompleteAsync(session, await session.QueryAsync<SummaryRow>(ByIdSql, new { tenantId = session.TenantId, ids = ids.ToArray() }));

    internal async Task<IReadOnlyList<ConversationSummary>> CompleteAsync(TenantSession session, IReadOnlyList<SummaryRow> rows)
    {
        var waiting = rows.Where(r => r.Status == ConversationStatus.Open).Select(r => r.Id).ToArray();
        var current = waiting.Length == 0 ? new Dictionary<Guid, HandoffView>() : await handoffs.CurrentAsync(session, waiting);
        return [.. rows.Select(r => r.ToView(current.GetValueOrDefault(r.Id)))];
    }

    /// <summary>At most so many UTF-16 units, never half a surrogate pair.</summary>
    internal static string Shorten(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    internal sealed record SummaryRow
    {
        public Guid Id { get; init; }

        public string Status { get; init; } = "";

        public string Owner { get; init; } = "";

        public Guid? AgentId { get; init; }

        public string? AgentName { get; init; }

        public string Channel { get; init; } = "";

        public string Modality { get; init; } = "";

        public string? Locale { get; init; }

        public string? Subject { get; init; }

        public short? Rating { get; init; }

        public string? LastOutcome { get; init; }

        public float? Confidence { get; init; }

        public string? Tags { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }

        public DateTimeOffset? ClosedAt { get; init; }

        public long LastSeq { get; init; }

        public Guid EndUserId { get; init; }

        public string? EndUserName { get; init; }

        public string? EndUserEmail { get; init; }

        public bool EndUserVerified { get; init; }

        public string? LastKind { get; init; }

        public string? LastText { get; init; }

        public DateTimeOffset? LastAt { get; init; }

        public ConversationSummary ToView(HandoffView? handoff) => new()
        {
            Id = Id, Status = Status, Owner = Owner, AgentId = AgentId, AgentName = AgentName, Channel = Channel, Modality = Modality, Locale = Locale,
            Subject = Subject, Rating = Rating, Outcome = LastOutcome,
            Confidence = Confidence is { } confidence ? Math.Round(confidence, 4) : null,
            Tags = Tags is null ? [] : JsonSerializer.Deserialize<TagView[]>(Tags, ConversationJson.Options)!, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt, ClosedAt = ClosedAt,
            EndUser = new EndUserView(EndUserId, EndUserName, EndUserEmail, EndUserVerified),
            LastMessage = LastKind is null ? null : new LastMessageView(LastKind, Shorten(LastText ?? "", PreviewLength), LastAt!.Value),
            Handoff = handoff is null ? null : new HandoffSummary(handoff.Id, handoff.State, handoff.Priority, handoff.Reasons, handoff.CreatedAt),
        };
    }
}
