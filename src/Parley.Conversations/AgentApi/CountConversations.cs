using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.AgentApi;

/// <param name="Count">Conversations that match, at most 1,000.</param>
/// <param name="More">There are more than that.</param>
internal sealed record ConversationCount(int Count, bool More);

/// <summary>How many conversations match, counted only as far as it is cheap: a list says "1,000 or more" of itself.</summary>
internal sealed class CountConversations(TenantDb db)
{
    private const int Most = 1_000;

    private const string CountSql = "select count(*)::int from (select 1 from conversations c where " + ConversationFilter.Where + " limit @most) n";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/count", async ([AsParameters] ConversationFilter filter, Caller caller, CountConversations handler, CancellationToken ct) => (await handler.HandleAsync(caller, filter, ct)).ToHttp())
            .WithName("CountConversations").RequirePermission(Permission.ConversationsRead);

    private async Task<Result<ConversationCount>> HandleAsync(Caller caller, ConversationFilter filter, CancellationToken ct)
    {
        if (filter.Problem() is { } wrong)
        {
            return wrong;
        }
        var count = await db.InTransactionAsync(caller.TenantId, s =>
        {
            var args = filter.Args(s);
            args.Add("most", Most + 1);
            return s.QuerySingleAsync<int>(CountSql, args);
        }, ct);
        return new ConversationCount(Math.Min(count, Most), count > Most);
    }
}
