using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.CustomerIdentity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

/// <param name="Key">The widget's public key.</param>
/// <param name="Locale">Of the visitor's browser.</param>
/// <param name="Token">Of the session that the visitor has.</param>
/// <param name="Identity">A JSON Web Token by which the company's server says who the visitor is.</param>
internal sealed record StartSessionRequest(string? Key, string? Locale = null, string? Token = null, string? Identity = null);

internal sealed record SessionStarted(string Token, Guid EndUserId, DateTimeOffset ExpiresAt, bool Verified);

/// <summary>Gives a visitor a session, or continues the one whose token they still have.</summary>
internal sealed partial class StartSession(TenantDb db, WidgetDirectory widgets, EndUserSessions sessions, IdentityTokens identities, ConversationGate gate)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/sessions", async (StartSessionRequest request, StartSession handler, HttpContext http, CancellationToken ct) =>
            (await handler.HandleAsync(request, http.Connection.RemoteIpAddress?.ToString(), ct)).ToCreated(_ => "/v1/widget/conversations"))
            .WithName("StartWidgetSession").AllowPublic();

    /// <summary>The visitor has signed out of the page: nothing of theirs stays open on this device.</summary>
    internal static void MapEnd(RouteGroupBuilder group) =>
        group.MapDelete("/sessions", async (Caller caller, EndUserSessions sessions, CancellationToken ct) =>
            {
                await sessions.EndAsync(caller.TenantId, caller.SessionId!.Value, ct);
                return TypedResults.NoContent();
            })
            .WithName("EndWidgetSession").RequirePermission(Permission.WidgetTalk);

    private async Task<Result<SessionStarted>> HandleAsync(StartSessionRequest request, string? address, CancellationToken ct)
    {
        if (request.Locale is not null && !LanguageTag().IsMatch(request.Locale))
        {
            return Error.Invalid("locale", "'locale' must be a language tag such as en or pt-BR.");
        }
        if (await gate.SessionAsync(address, ct) is { } limited)
        {
            return limited;
        }
        if (await widgets.FindAsync(request.Key, ct) is not { } widget)
        {
            return WidgetDirectory.Unknown;
        }
        var earlier = request.Token is { Length: > 0 and <= 200 } ? await sessions.FindAsync(request.Token, ct) : null;
        if (earlier?.TenantId != widget.TenantId)
        {
            // One that is unknown or another tenant's says nothing about anybody here.
            earlier = null;
        }
        if (request.Identity is not null)
        {
            return await IdentifyAsync(request, widget, earlier, ct);
        }
        if (earlier is not null && earlier.WidgetId == widget.WidgetId)
        {
            return Started(request.Token!, earlier with { ExpiresAt = await sessions.SlideAsync(earlier, ct) });
        }
        // A token of this tenant's other widget keeps the person, and who was named stays so for no longer than before.
        var (token, session) = await db.InTransactionAsync(widget.TenantId,
            s => sessions.StartAsync(s, widget.WidgetId, earlier?.EndUserId, request.Locale, earlier?.IdentityKeyId, earlier?.IdentityKeyId is null ? null : earlier.ExpiresAt), ct);
        return Started(token, session);
    }

    private async Task<Result<SessionStarted>> IdentifyAsync(StartSessionRequest request, WidgetAddress widget, EndUserSession? earlier, CancellationToken ct)
    {
        var started = await db.InTransactionAsync<Result<(VerifiedIdentity Identity, SessionStarted Session)>>(widget.TenantId, async s =>
        {
            if (!(await identities.VerifyAsync(s, request.Identity!)).TryGet(out var identity, out var refused))
            {
                return refused;
            }
            var (token, session) = await sessions.IdentifyAsync(s, widget.WidgetId, identity, earlier, request.Token, request.Locale);
            return (identity, Started(token, session));
        }, ct);
        if (!started.TryGet(out var done, out var error))
        {
            return error;
        }
        await identities.UsedAsync(widget.TenantId, done.Identity.KeyId, ct);
        return done.Session;
    }

    private static SessionStarted Started(string token, EndUserSession session) => new(token, session.EndUserId, session.ExpiresAt, session.IdentityKeyId is not null);

    [GeneratedRegex("^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")]
    private static partial Regex LanguageTag();
}
