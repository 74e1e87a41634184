using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

internal sealed record StartSessionRequest(string? Key, string? Locale = null, string? Token = null);

internal sealed record SessionStarted(string Token, Guid EndUserId, DateTimeOffset ExpiresAt);

/// <summary>Gives a visitor a session, or continues the one whose token they still have.</summary>
internal sealed partial class StartSession(TenantDb db, WidgetDirectory widgets, EndUserSessions sessions, ConversationGate gate)
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/sessions", async (StartSessionRequest request, StartSession handler, HttpContext http, CancellationToken ct) =>
            (await handler.HandleAsync(request, http.Connection.RemoteIpAddress?.ToString(), ct)).ToCreated(_ => "/v1/widget/conversations"))
            .WithName("StartWidgetSession").AllowPublic();

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
        if (earlier is not null && earlier.TenantId == widget.TenantId && earlier.WidgetId == widget.WidgetId)
        {
            return new SessionStarted(request.Token!, earlier.EndUserId, await sessions.SlideAsync(earlier, ct));
        }
        // A token of this tenant's other widget keeps the person; one that is unknown or another tenant's says nothing about anybody here.
        var known = earlier?.TenantId == widget.TenantId ? earlier.EndUserId : (Guid?)null;
        var (token, session) = await db.InTransactionAsync(widget.TenantId, s => sessions.StartAsync(s, widget.WidgetId, known, request.Locale), ct);
        return new SessionStarted(token, session.EndUserId, session.ExpiresAt);
    }

    [GeneratedRegex("^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")]
    private static partial Regex LanguageTag();
}
