using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Parley.Identity;

/// <summary>The console's session cookie: an opaque random token, looked up at each request, so that a revoked session stops at once.</summary>
internal sealed class SessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Sessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    internal const string SchemeName = "session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionCookie.Read(Request) is not { } token || await sessions.FindAsync(token, Context.RequestAborted) is not { } session)
        {
            return AuthenticateResult.NoResult();
        }
        Context.Features.Set(session);
        return Bearer.Success(
            session.ToCaller() with { Ip = Bearer.IpOf(Context) }, Scheme.Name, async ct => (await sessions.FindAsync(token, ct))?.ToCaller());
    }
}
