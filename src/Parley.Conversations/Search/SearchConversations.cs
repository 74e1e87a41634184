using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.AgentApi;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.Search;

/// <summary>What is looked for, and where, as it is saved.</summary>
internal sealed record SearchFilter : ConversationFilter
{
    /// <summary>Words, at most 200 characters.</summary>
    public string? Q { get; init; }
}

/// <summary>A conversation in which something was found.</summary>
/// <param name="Conversation">It.</param>
/// <param name="Match">The newest of its messages that has the words.</param>
internal sealed record FoundConversation(ConversationSummary Conversation, FoundMessage Match);

/// <summary>A message that has the words.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="Seq">Its number in the conversation.</param>
/// <param name="AuthorKind">end_user | assistant | agent | system.</param>
/// <param name="Visibility">public | note.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="Text">What stands around the first of the words, on one line.</param>
/// <param name="Marks">Where the words are in <paramref name="Text"/>.</param>
internal sealed record FoundMessage(Guid MessageId, long Seq, string AuthorKind, string Visibility, DateTimeOffset CreatedAt, string Text, IReadOnlyList<Mark> Marks);

/// <summary>A part of a text, in UTF-16 units.</summary>
internal sealed record Mark(int Start, int Length);

/// <summary>
/// Search over transcripts. The newest conversations are read and compared first: what is common is found there. What is rarer than that is
/// found by the index, which has few of it. So neither is slow, however many messages there are.
/// </summary>
internal sealed class SearchConversations(TenantDb db, SystemDb system, ConversationSummaries summaries, ReadAudit audit)
{
    private const int MaxQueryLength = 200;

    /// <summary>Conversations that are read without the index.</summary>
    internal const int Newest = 800;

    /// <summary>Conversations that the index gives at once.</summary>
    private const int Block = 20_000;

    // By the conversations' own order, as many as are read at most; the messages of each by their conversation.
    private const string NewestSql = "select n.id as conversation_id, f.seq, n.updated_at from (select c.id, c.updated_at from conversations c where " + ConversationFilter.Where + """

           and (@afterTime::timestamptz is null or (c.updated_at, c.id) < (@afterTime, @afterId::uuid))
         order by c.updated_at desc, c.id desc limit @newest) n
          left join lateral (select max(m.seq) as seq from messages m where m.tenant_id = @tenantId and m.conversation_id = n.id and m.terms @@ @query::tsquery) f on true
         order by n.updated_at desc, n.id desc
        """;

    private const string ByTermsSql = "select conversation_id, seq, updated_at from conversations_with_terms(@tenantId, @query::tsquery, @afterTime, @afterId, @limit)";

    private const string OfTheseSql = "select c.id as conversation_id, f.seq, c.updated_at from unnest(@ids::uuid[], @seqs::bigint[]) f (id, seq) join conversations c on c.id = f.id where " + ConversationFilter.Where + """

         order by c.updated_at desc, c.id desc limit @fetch
        """;

    private const string MessagesSql = """
        select m.id, m.conversation_id, m.seq, m.author_kind, m.visibility, m.created_at,
               (select string_agg(p.content ->> 'text', E'\n' order by p.ordinal) from message_parts p
                 where p.tenant_id = m.tenant_id and p.message_id = m.id and p.type in ('text', 'transcript')) as text
          from unnest(@ids::uuid[], @seqs::bigint[]) f (id, seq)
          join messages m on m.tenant_id = @tenantId and m.conversation_id = f.id and m.seq = f.seq
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/search", async (string? q, [AsParameters] ConversationFilter filter, [AsParameters] PageQuery page, Caller caller, SearchConversations handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, q, filter, page, ct)).ToHttp())
            .WithName("SearchConversations").RequirePermission(Permission.ConversationsRead);

    internal async Task<Result<Page<FoundConversation>>> HandleAsync(Caller caller, string? q, ConversationFilter filter, PageQuery page, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(q) || q.Length > MaxQueryLength || q.Contains('\0', StringComparison.Ordinal))
        {
            return Error.Invalid("q", $"'q' must be text of 1 to {MaxQueryLength} characters.");
        }
        if (filter.Problem() is { } wrong)
        {
            return wrong;
        }
        if (!page.Read().TryGet(out var start, out var error))
        {
            return error;
        }
        var query = SearchQuery.Parse(q);
        if (query.IsEmpty)
        {
            return new Page<FoundConversation>([], null);
        }
        var hits = await FindAsync(caller.TenantId, filter, query, start.After, start.Limit + 1, ct);
        return await db.InTransactionAsync(caller.TenantId, async s =>
        {
            await audit.WriteAsync(s, caller, "conversations.searched", "tenant", s.TenantId.ToString());
            var shown = await ShowAsync(s, query, hits.Take(start.Limit).ToList());
            return new Page<FoundConversation>(shown, hits.Count > start.Limit ? hits[start.Limit - 1].Position.ToString() : null);
        }, ct);
    }

    /// <summary>Conversations after a position, the one with the newest news first; at most so many.</summary>
    internal async Task<IReadOnlyList<Hit>> FindAsync(Guid tenantId, ConversationFilter filter, SearchQuery query, PageCursor? after, int fetch, CancellationToken ct)
    {
        var terms = query.ToTsQuery(tenantId);
        var newest = await db.InTransactionAsync(tenantId, s =>
        {
            var args = filter.Args(s);
            args.AddDynamicParams(new { query = terms, afterTime = after?.At, afterId = after?.Id, newest = Newest });
            return s.QueryAsync<Hit>(NewestSql, args);
        }, ct);
        var found = newest.Where(hit => hit.Seq is not null).Take(fetch).ToList();
        if (found.Count == fetch || newest.Count < Newest)
        {
            return found;
        }
        after = newest[^1].Position;
        while (found.Count < fetch)
        {
            var block = await system.QueryAsync<Hit>(ByTermsSql, new { tenantId, query = terms, afterTime = after?.At, afterId = after?.Id, limit = filter.IsAny ? Block : fetch - found.Count }, ct);
            found.AddRange(filter.IsAny ? await OfTheseAsync(tenantId, filter, block, fetch - found.Count, ct) : block);
            if (!filter.IsAny || block.Count < Block)
            {
                break;
            }
            after = block[^1].Position;
        }
        return found;
    }

    private Task<IReadOnlyList<Hit>> OfTheseAsync(Guid tenantId, ConversationFilter filter, IReadOnlyList<Hit> block, int fetch, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s =>
        {
            var args = filter.Args(s);
            args.AddDynamicParams(new { ids = block.Select(h => h.ConversationId).ToArray(), seqs = block.Select(h => h.Seq!.Value).ToArray(), fetch });
            return s.QueryAsync<Hit>(OfTheseSql, args);
        }, ct);

    private async Task<IReadOnlyList<FoundConversation>> ShowAsync(TenantSession s, SearchQuery query, List<Hit> hits)
    {
        if (hits.Count == 0)
        {
            return [];
        }
        var ids = hits.Select(h => h.ConversationId).ToArray();
        var messages = (await s.QueryAsync<MessageRow>(MessagesSql, new { tenantId = s.TenantId, ids, seqs = hits.Select(h => h.Seq!.Value).ToArray() })).ToDictionary(m => m.ConversationId);
        var conversations = (await summaries.ByIdAsync(s, ids)).ToDictionary(c => c.Id);
        // What was deleted between finding and showing is not shown.
        return [.. from hit in hits
                   where messages.ContainsKey(hit.ConversationId) && conversations.ContainsKey(hit.ConversationId)
                   select new FoundConversation(conversations[hit.ConversationId], messages[hit.ConversationId].ToView(query))];
    }

    /// <summary>A conversation and the number of the newest message that has the words; null: none of those that were compared.</summary>
    internal sealed record Hit
    {
        public Guid ConversationId { get; init; }

        public long? Seq { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }

        internal PageCursor Position => new(UpdatedAt, ConversationId);
    }

    private sealed record MessageRow
    {
        public Guid Id { get; init; }

        public Guid ConversationId { get; init; }

        public long Seq { get; init; }

        public string AuthorKind { get; init; } = "";

        public string Visibility { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public string? Text { get; init; }

        internal FoundMessage ToView(SearchQuery query)
        {
            var (text, marks) = Snippet.Of(Text ?? "", query);
            return new FoundMessage(Id, Seq, AuthorKind, Visibility, CreatedAt, text, marks);
        }
    }
}
