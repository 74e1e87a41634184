using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations.AgentApi;

/// <summary>What part of the tenant's conversations is asked for; what is absent does not filter.</summary>
internal readonly record struct ConversationFilter(string? Status, string? Owner, string? Channel, Guid? AgentId, string? Q);

/// <summary>The tenant's conversations, the one with the newest news first.</summary>
internal sealed class ListConversations(TenantDb db, ConversationSummaries summaries, ReadAudit audit)
{
    private const int MaxQueryLength = 200;

    private static readonly string[] Statuses = [ConversationStatus.Open, ConversationStatus.Closed];
    private static readonly string[] Owners = [ConversationOwner.Assistant, ConversationOwner.Queue, ConversationOwner.Agent];
    private static readonly string[] Channels = ["widget", "page", "api", "email", "slack", "voice", "sms"];

    private const string PageSql = ConversationSummaries.Select + """

         where c.tenant_id = @tenantId
           and (@status::text is null or c.status = @status)
           and (@owner::text is null or c.owner = @owner)
           and (@channel::text is null or c.channel = @channel)
           and (@agentId::uuid is null or c.agent_id = @agentId)
           and (@pattern::text is null or c.subject ilike @pattern or e.name ilike @pattern or e.email ilike @pattern)
           and (@afterTime::timestamptz is null or (c.updated_at, c.id) < (@afterTime, @afterId::uuid))
         order by c.updated_at desc, c.id desc limit @fetch
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("", async ([AsParameters] ConversationFilter filter, [AsParameters] PageQuery page, Caller caller, ListConversations handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, filter, page, ct)).ToHttp())
            .WithName("ListConversations").RequirePermission(Permission.ConversationsRead);

    private async Task<Result<Page<ConversationSummary>>> HandleAsync(Caller caller, ConversationFilter filter, PageQuery page, CancellationToken ct)
    {
        if ((OneOf("status", filter.Status, Statuses) ?? OneOf("owner", filter.Owner, Owners) ?? OneOf("channel", filter.Channel, Channels)) is { } wrong)
        {
            return wrong;
        }
        if (filter.Q is { Length: > MaxQueryLength } || filter.Q?.Contains('\0', StringComparison.Ordinal) == true)
        {
            return Error.Invalid("q", $"'q' must be text of at most {MaxQueryLength} characters.");
        }
        if (!page.Read().TryGet(out var start, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync(caller.TenantId, async s =>
        {
            var rows = await s.QueryAsync<ConversationSummaries.SummaryRow>(PageSql, new
            {
                tenantId = s.TenantId, status = filter.Status, owner = filter.Owner, channel = filter.Channel, agentId = filter.AgentId, pattern = Pattern(filter.Q),
                afterTime = start.After?.At, afterId = start.After?.Id, fetch = start.Limit + 1,
            });
            await audit.WriteAsync(s, caller, "conversations.listed", "tenant", s.TenantId.ToString());
            var shown = await summaries.CompleteAsync(s, rows);
            return PageCursor.PageOf(shown, start.Limit, c => new PageCursor(c.UpdatedAt, c.Id));
        }, ct);
    }

    private static Error? OneOf(string field, string? value, string[] allowed) =>
        value is null || allowed.Contains(value) ? null : Error.Invalid(field, $"'{field}' must be one of {string.Join(", ", allowed)}.");

    /// <summary>The words as they are, anywhere: the pattern's own signs lose their meaning.</summary>
    internal static string? Pattern(string? q) => string.IsNullOrWhiteSpace(q) ? null
        : "%" + q.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
}
