using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Escalations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Escalations;

/// <summary>The queue: the most urgent first, then the oldest.</summary>
internal sealed class ListHandoffs(TenantDb db, HandoffItems items)
{
    private const string ListSql = $"""
        select {HandoffStore.Columns}
          from handoffs h
         where h.tenant_id = @tenantId and h.state = any (@states)
           and (@afterId::uuid is null or exists (
                 select 1 from handoffs a
                  where a.tenant_id = h.tenant_id and a.id = @afterId
                    and ({HandoffStore.Rank}, h.created_at, h.id) > (array_position(array['urgent', 'high', 'medium', 'low'], a.priority), a.created_at, a.id)))
         order by {HandoffStore.Rank}, h.created_at, h.id
         limit @fetch
        """;

    private static readonly string[] Live = [.. HandoffMachine.Waiting.Append(HandoffState.Accepted).Select(s => Names.Of(s))];

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/handoffs", async (string? state, [AsParameters] PageQuery page, Caller caller, ListHandoffs handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, state, page, ct)).ToHttp())
            .WithName("ListHandoffs").RequirePermission(Permission.HandoffsRead);

    /// <param name="caller">Whose tenant.</param>
    /// <param name="state">States, separated by commas; null: those that are not over.</param>
    /// <param name="page">Which part.</param>
    /// <param name="ct">Ends it.</param>
    private async Task<Result<Page<HandoffItem>>> HandleAsync(Caller caller, string? state, PageQuery page, CancellationToken ct)
    {
        var states = string.IsNullOrEmpty(state) ? Live : state.Split(',', StringSplitOptions.TrimEntries);
        if (Array.Find(states, name => !Names.TryParse<HandoffState>(name, out _)) is { } unknown)
        {
            return Error.Invalid("state", $"'{unknown}' is no state. Known: {string.Join(", ", Enum.GetValues<HandoffState>().Select(s => Names.Of(s)))}.");
        }
        if (!page.Read().TryGet(out var start, out var error))
        {
            return error;
        }
        return await db.InTransactionAsync<Result<Page<HandoffItem>>>(caller.TenantId, async s =>
        {
            var rows = await s.QueryAsync<HandoffRow>(ListSql, new { tenantId = s.TenantId, states, fetch = start.Limit + 1, afterId = start.After?.Id });
            return PageCursor.PageOf(await items.OfAsync(s, rows), start.Limit, i => new PageCursor(i.CreatedAt, i.Id));
        }, ct);
    }
}
