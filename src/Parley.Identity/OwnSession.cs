using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record SwitchTenantRequest(Guid? TenantId);

/// <summary>Who is signed in; leaving; moving to another of one's tenants.</summary>
internal sealed class OwnSession(SystemDb db, Sessions sessions, SessionViews views, TimeProvider time)
{
    private const string SetTenantSql = "select user_session_set_tenant(@sessionId, @userId, @tenantId, @ip, @auditId, @now)";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/auth/session", async (SessionViews views, HttpContext http, CancellationToken ct) =>
                TypedResults.Ok(await views.OfAsync(Current(http), ct)))
            .WithName("GetSession").RequireUser();
        app.MapPost("/auth/sign-out", async (Caller caller, Sessions sessions, HttpContext http, CancellationToken ct) =>
            {
                await sessions.RevokeAsync(caller.SessionId!.Value, caller, ct);
                SessionCookie.Clear(http);
                return TypedResults.NoContent();
            })
            .WithName("SignOut").RequireUser();
        app.MapPost("/auth/tenant", async (SwitchTenantRequest request, Caller caller, OwnSession handler, HttpContext http, CancellationToken ct) =>
                (await handler.SwitchAsync(request, caller, http, ct)).ToHttp())
            .WithName("SwitchTenant").RequireUser();
    }

    /// <summary>The session of a request that <see cref="Access.RequireUser"/> let through.</summary>
    internal static SessionRow Current(HttpContext http) => http.Features.GetRequiredFeature<SessionRow>();

    private async Task<Result<Session>> SwitchAsync(SwitchTenantRequest request, Caller caller, HttpContext http, CancellationToken ct)
    {
        if (request.TenantId is not { } tenantId)
        {
            return Error.Invalid("tenantId", "Give the id of one of your workspaces.");
        }
        var now = time.GetUtcNow();
        var moved = await db.QuerySingleOrDefaultAsync<bool>(SetTenantSql, new
        {
            sessionId = caller.SessionId, userId = caller.Id, tenantId, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        // The cookie's token is still the same; it now stands for the session in the other tenant.
        return moved && await sessions.FindAsync(SessionCookie.Read(http.Request)!, ct) is { } session
            ? await views.OfAsync(session, ct)
            : Error.NotFound("workspace of yours");
    }
}
