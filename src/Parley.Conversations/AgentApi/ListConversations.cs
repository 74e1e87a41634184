using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.AgentApi;

/// <summary>The tenant's conversations, the one with the newest news first.</summary>
internal sealed class ListConversations(TenantDb db, ConversationSummaries summaries, ReadAudit audit)
{
    private const int MaxQueryLength = 200;

    private const string PageSql = ConversationSummaries.Select + """

         where
        """ + " " + ConversationFilter.Where + """

           and (@pattern::text is null or c.subject ilike @pattern or e.name ilike @pattern or e.email ilike @pattern)
           and (@afterTime::timestamptz is null or (c.updated_at, c.id) < (@afterTime, @afterId::uuid))
         order by c.updated_at desc, c.id desc limit @fetch
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("", async ([AsParameters] ConversationFilter filter, string? q, [AsParameters] PageQuery page, Caller caller, ListConversations handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, filter, q, page, ct)).ToHttp())
            .WithName("ListConversations").RequirePermission(Permission.ConversationsRead);

    private async Task<Result<Page<ConversationSummary>>> HandleAsync(Caller caller, ConversationFilter filter, string? q, PageQuery page, CancellationToken ct)
    {
        if (filter.Problem() is { } wrong)
        {
            return wrong;
        }
        if (q is { Length: > MaxQueryLength } || q?.Contains('\0', StringComparison.Ordinal) == true)
        {
            return Error.Invalid("q", $"'q' must be text of at most {MaxQueryLength} characters.");
        }
        if (!page.Read().TryGet(out var start, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync(caller.TenantId, async s =>
        {
            var args = filter.Args(s);
            args.AddDynamicParams(new { pattern = Pattern(q), afterTime = start.After?.At, afterId = start.After?.Id, fetch = start.Limit + 1 });
            var rows = await s.QueryAsync<ConversationSummaries.SummaryRow>(PageSql, args);
            await audit.WriteAsync(s, caller, "conversations.listed", "tenant", s.TenantId.ToString());
            var shown = await summaries.CompleteAsync(s, rows);
            return PageCursor.PageOf(shown, start.Limit, c => new PageCursor(c.UpdatedAt, c.Id));
        }, ct);
    }

    /// <summary>The words as they are, anywhere: the pattern's own signs lose their meaning.</summary>
    internal static string? Pattern(string? q) => string.IsNullOrWhiteSpace(q) ? null
        : "%" + q.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
}
