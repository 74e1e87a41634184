using System.Text;
using System.Text.Json;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>A message as the API and the feed show it.</summary>
public sealed record MessageView
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Where.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>Its number within the conversation.</summary>
    public required long Seq { get; init; }

    /// <summary>end_user | assistant | agent | system.</summary>
    public required string AuthorKind { get; init; }

    /// <summary>End user, assistant or user.</summary>
    public required Guid? AuthorId { get; init; }

    /// <summary>The name to show.</summary>
    public required string? AuthorName { get; init; }

    /// <summary>public | note.</summary>
    public required string Visibility { get; init; }

    /// <summary>text | voice | video | screen.</summary>
    public required string Modality { get; init; }

    /// <summary>Language tag.</summary>
    public required string? Language { get; init; }

    /// <summary>The message it answers.</summary>
    public required Guid? ReplyTo { get; init; }

    /// <summary>pending | sent | delivered | failed.</summary>
    public required string Delivery { get; init; }

    /// <summary>The turn that wrote it or, for a customer's message, answers it.</summary>
    public required Guid? TurnId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>In reading order.</summary>
    public required IReadOnlyList<MessagePartView> Parts { get; init; }

    /// <summary>The text parts as plain text, a blank line between them.</summary>
    public string PlainText()
    {
        var text = new StringBuilder();
        foreach (var part in Parts)
        {
            if (part.Type == "text" && part.Content.TryGetProperty("text", out var value) && value.GetString() is { Length: > 0 } words)
            {
                text.Append(text.Length > 0 ? "\n\n" : "").Append(words);
            }
        }
        return text.ToString();
    }
}

/// <summary>A typed part as the API shows it.</summary>
public sealed record MessagePartView(string Type, JsonElement Content);

/// <summary>Reads messages with their parts and the names of their authors.</summary>
public static class MessageReader
{
    private const string Select = """
        select m.id, m.conversation_id, m.seq, m.author_kind, m.author_id, m.visibility, m.modality, m.language, m.reply_to, m.delivery, m.turn_id, m.created_at,
               case m.author_kind
                 when 'assistant' then (select a.name from assistants a where a.tenant_id = m.tenant_id and a.id = m.author_id)
                 when 'end_user' then (select e.name from end_users e where e.tenant_id = m.tenant_id and e.id = m.author_id)
               end as author_name,
               (select jsonb_agg(jsonb_build_object('type', x.type, 'content', x.content) order by x.ordinal)
                  from message_parts x where x.tenant_id = m.tenant_id and x.message_id = m.id) as parts
          from messages m
        """;

    private const string AfterSql = Select + """

         where m.tenant_id = @tenantId and m.conversation_id = @conversationId and m.seq > @after and (@notes or m.visibility = 'public')
         order by m.seq limit @limit
        """;

    private const string RecentSql = Select + """

         where m.tenant_id = @tenantId and m.conversation_id = @conversationId and m.visibility = 'public'
         order by m.seq desc limit @limit
        """;

    private const string ByIdSql = Select + " where m.tenant_id = @tenantId and m.id = any (@ids)";

    /// <summary>Messages after a number, oldest first.</summary>
    public static Task<IReadOnlyList<MessageView>> AfterAsync(TenantSession session, Guid conversationId, long after, bool notes, int limit) =>
        ReadAsync(session, AfterSql, new { tenantId = session.TenantId, conversationId, after, notes, limit });

    /// <summary>The newest public messages, oldest first: a turn's history.</summary>
    public static async Task<IReadOnlyList<MessageView>> RecentAsync(TenantSession session, Guid conversationId, int limit) =>
        [.. (await ReadAsync(session, RecentSql, new { tenantId = session.TenantId, conversationId, limit })).Reverse()];

    /// <summary>Messages by id, in no order; unknown ids are absent.</summary>
    public static async Task<IReadOnlyList<MessageView>> ByIdAsync(TenantSession session, IReadOnlyCollection<Guid> ids) =>
        ids.Count == 0 ? [] : await ReadAsync(session, ByIdSql, new { tenantId = session.TenantId, ids = ids.ToArray() });

    private static async Task<IReadOnlyList<MessageView>> ReadAsync(TenantSession session, string sql, object args)
    {
        var rows = await session.QueryAsync<Row>(sql, args);
        var names = await AgentNames.ReadAsync(session, rows.Where(r => r.AuthorKind == ActorKind.Agent).Select(r => r.AuthorId));
        return [.. rows.Select(r => r.ToView(r.AuthorId is { } author && names.TryGetValue(author, out var name) ? name : r.AuthorName))];
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public Guid ConversationId { get; init; }

        public long Seq { get; init; }

        public string AuthorKind { get; init; } = "";

        public Guid? AuthorId { get; init; }

        public string? AuthorName { get; init; }

        public string Visibility { get; init; } = "";

        public string Modality { get; init; } = "";

        public string? Language { get; init; }

        public Guid? ReplyTo { get; init; }

        public string Delivery { get; init; } = "";

        public Guid? TurnId { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public string? Parts { get; init; }

        public MessageView ToView(string? authorName) => new()
        {
            Id = Id, ConversationId = ConversationId, Seq = Seq, AuthorKind = AuthorKind, AuthorId = AuthorId, AuthorName = authorName,
            Visibility = Visibility, Modality = Modality, Language = Language, ReplyTo = ReplyTo, Delivery = Delivery, TurnId = TurnId, CreatedAt = CreatedAt,
            Parts = Parts is null ? [] : JsonSerializer.Deserialize<MessagePartView[]>(Parts, ConversationJson.Options)!,
        };
    }
}
