using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Platform.Authorization;

namespace Parley.Conversations.WidgetApi;

/// <summary><c>Bearer ps_…</c>: an end user's widget session. Looked up at each request: a revoked one stops at once.</summary>
internal sealed class EndUserSessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, EndUserSessions sessions)
    : BearerHandler(options, logger, encoder)
{
    internal const string SchemeName = "end-user";

    protected override async Task<Caller?> FindAsync(string token, CancellationToken ct)
    {
        if (await sessions.FindAsync(token, ct) is not { } session)
        {
            return null;
        }
        await sessions.SlideAsync(session, ct);
        return new Caller(CallerKind.EndUser, session.TenantId, session.EndUserId, Permission.EndUser) { WidgetId = session.WidgetId, SessionId = session.SessionId };
    }
}
