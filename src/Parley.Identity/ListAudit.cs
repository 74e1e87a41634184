using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

internal sealed record AuditEntry
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string ActorKind { get; init; } = "";
    public Guid? ActorId { get; init; }
    public string? ActorName { get; init; }
    public string Action { get; init; } = "";
    public string? TargetKind { get; init; }
    public string? TargetId { get; init; }
    public JsonElement? Payload { get; init; }
}

/// <summary>The tenant's audit log, the newest first.</summary>
internal sealed class ListAudit(TenantDb db)
{
    private const string Sql = """
        select a.id, a.at, a.actor_kind, a.actor_id, coalesce(m.name, k.name) as actor_name, a.action, a.target_kind, a.target_id, a.payload::text as payload
          from audit a
          left join v_members m on a.actor_kind = 'user' and m.tenant_id = a.tenant_id and m.user_id = a.actor_id
          left join api_keys k on a.actor_kind = 'api_key' and k.tenant_id = a.tenant_id and k.id = a.actor_id
         where @at::timestamptz is null or (a.at, a.id) < (@at, @id)
         order by a.at desc, a.id desc limit @take
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/audit", async ([AsParameters] PageQuery page, Caller caller, ListAudit handler, CancellationToken ct) =>
                (await handler.HandleAsync(page, caller.TenantId, ct)).ToHttp())
            .WithName("ListAudit").RequirePermission(Permission.AuditRead);

    private async Task<Result<Page<AuditEntry>>> HandleAsync(PageQuery page, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(tenantId, session => session.QueryAsync<AuditEntry>(Sql,
            new { at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, entry => new PageCursor(entry.At, entry.Id));
    }
}
