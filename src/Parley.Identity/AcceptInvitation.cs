using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record AcceptInvitationRequest(string? Code);

/// <summary>The invited person joins, signed in to the account whose address was invited.</summary>
internal sealed class AcceptInvitation(SystemDb db, SessionViews views, TimeProvider time)
{
    private const string AcceptSql = "select * from invitation_accept(@hash, @userId, @ip, @auditId, @now)";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/auth/invitations", async (AcceptInvitationRequest request, Caller caller, AcceptInvitation handler, HttpContext http, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller, http, ct)).ToHttp())
            .WithName("AcceptInvitation").RequireUser();

    private async Task<Result<Session>> HandleAsync(AcceptInvitationRequest request, Caller caller, HttpContext http, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(request.Code))
        {
            return Error.Invalid("code", "Give the code of your invitation.");
        }
        var now = time.GetUtcNow();
        var tenant = await db.QuerySingleOrDefaultAsync<Guid?>(AcceptSql,
            new { hash = BearerToken.Hash(request.Code.Trim()), userId = caller.Id, ip = caller.Ip, auditId = Guid.CreateVersion7(now), now }, ct);
        return tenant is null
            ? Error.Invalid("code", "This code is not valid, has expired, or is for another account than the one you are signed in with.")
            : await views.OfAsync(OwnSession.Current(http), ct);
    }
}
