using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

/// <summary>An API key as lists show it: never the key, only how it begins.</summary>
internal sealed record ApiKey
{
    public Guid Id { get; init; }
    public string Name { get; init; } = "";
    public string Prefix { get; init; } = "";
    public string[] Scopes { get; init; } = [];
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>Lists and revokes API keys.</summary>
internal sealed class ApiKeys(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const string ListSql = """
        select id, name, prefix, scopes, created_at, last_used_at, expires_at, revoked_at from api_keys
         where @at::timestamptz is null or (created_at, id) < (@at, @id)
         order by created_at desc, id desc limit @take
        """;
    private const string RevokeSql = "update api_keys set revoked_at = coalesce(revoked_at, @now) where tenant_id = @tenantId and id = @id returning revoked_at = @now";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api-keys", async ([AsParameters] PageQuery page, Caller caller, ApiKeys handler, CancellationToken ct) =>
                (await handler.ListAsync(page, caller.TenantId, ct)).ToHttp())
            .WithName("ListApiKeys").RequirePermission(Permission.ApiKeysRead);
        app.MapDelete("/api-keys/{id:guid}", async (Guid id, Caller caller, ApiKeys handler, CancellationToken ct) =>
                (await handler.RevokeAsync(id, caller, ct)).ToNoContent())
            .WithName("RevokeApiKey").RequirePermission(Permission.ApiKeysWrite);
    }

    private async Task<Result<Page<ApiKey>>> ListAsync(PageQuery page, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(tenantId, session => session.QueryAsync<ApiKey>(ListSql,
            new { at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, key => new PageCursor(key.CreatedAt, key.Id));
    }

    /// <summary>A key is looked up at each request, so it stops with this commit. Revoking it again changes nothing.</summary>
    private Task<Result<bool>> RevokeAsync(Guid id, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
        {
            var revokedNow = await session.QuerySingleOrDefaultAsync<bool?>(RevokeSql, new { tenantId = session.TenantId, id, now = time.GetUtcNow() });
            if (revokedNow is null)
            {
                return Error.NotFound("API key");
            }
            if (revokedNow.Value)
            {
                await audit.WriteAsync(session, caller, "api_key.revoked", "api_key", id.ToString("D"));
            }
            return true;
        }, ct);
}
