using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

internal sealed record RenameRequest(string? Name);

/// <summary>One of one's own sessions.</summary>
/// <param name="Current">The one that asks.</param>
internal sealed record OwnSessionItem(Guid Id, string? Ip, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, DateTimeOffset ExpiresAt, bool Current);

internal sealed record EndedSessions(int Ended);

/// <summary>One's own name, and where one is signed in.</summary>
internal sealed class OwnAccount(SystemDb db, Sessions sessions, SessionViews views, TimeProvider time)
{
    private const string RenameSql = "select user_rename(@id, @name, @tenantId, @ip, @auditId, @now)";
    private const string EndOthersSql = "select user_sessions_revoke_others(@id, @keep, @tenantId, @ip, @auditId, @now)";
    private const int MaxNameLength = 200;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPatch("/auth/profile", async (RenameRequest request, Caller caller, OwnAccount handler, HttpContext http, CancellationToken ct) =>
                (await handler.RenameAsync(request, caller, OwnSession.Current(http), ct)).ToHttp())
            .WithName("ChangeProfile").RequireUser();
        app.MapGet("/auth/sessions", async (Caller caller, OwnAccount handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller, ct)))
            .WithName("ListOwnSessions").RequireUser();
        app.MapDelete("/auth/sessions/{id:guid}", async (Guid id, Caller caller, OwnAccount handler, CancellationToken ct) =>
                (await handler.EndAsync(id, caller, ct)).ToNoContent())
            .WithName("EndOwnSession").RequireUser();
        app.MapPost("/auth/sessions/end-others", async (Caller caller, OwnAccount handler, CancellationToken ct) => TypedResults.Ok(await handler.EndOthersAsync(caller, ct)))
            .WithName("EndOtherSessions").RequireUser();
    }

    private async Task<Result<Session>> RenameAsync(RenameRequest request, Caller caller, SessionRow session, CancellationToken ct)
    {
        if (Fields.NameProblem(request.Name, MaxNameLength) is { } problem)
        {
            return Error.Invalid("name", problem);
        }
        var name = request.Name!.Trim();
        var now = time.GetUtcNow();
        await db.ExecuteAsync(RenameSql, new { id = caller.Id, name, tenantId = caller.TenantId, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now }, ct);
        return await views.OfAsync(session with { Name = name }, ct);
    }

    /// <summary>Nobody has hundreds; the page is one.</summary>
    private async Task<Page<OwnSessionItem>> ListAsync(Caller caller, CancellationToken ct) => new(
        [.. (await sessions.ListAsync(caller.Id, ct)).Select(s => new OwnSessionItem(s.Id, s.Ip, s.UserAgent, s.CreatedAt, s.SeenAt, s.ExpiresAt, s.Id == caller.SessionId))], null);

    private async Task<Result<bool>> EndAsync(Guid id, Caller caller, CancellationToken ct) =>
        await sessions.RevokeAsync(id, caller, ct) ? true : Error.NotFound("session of yours");

    private async Task<EndedSessions> EndOthersAsync(Caller caller, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return new EndedSessions(await db.QuerySingleOrDefaultAsync<int>(EndOthersSql,
            new { id = caller.Id, keep = caller.SessionId, tenantId = caller.TenantId, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now }, ct));
    }
}
