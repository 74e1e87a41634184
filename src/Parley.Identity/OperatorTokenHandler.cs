using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Identity;

/// <summary><c>Bearer po_…</c>: the command line on the instance's own machine. It acts in the tenant named by <c>X-Parley-Tenant</c>.</summary>
internal sealed class OperatorTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, LocalOperatorToken known, SystemDb db)
    : BearerHandler(options, logger, encoder)
{
    private const string DefaultTenant = "demo";

    private const string TenantSql = "select tenant_by_slug(@slug)";

    protected override async Task<Caller?> FindAsync(string token, CancellationToken ct)
    {
        if (!known.Matches(token))
        {
            return null;
        }
        var slug = Request.Headers[LocalOperatorToken.TenantHeader] is [{ Length: > 0 } named] ? named : DefaultTenant;
        var tenant = await db.QuerySingleOrDefaultAsync<Guid?>(TenantSql, new { slug }, ct);
        return tenant is { } id ? new Caller(CallerKind.Operator, id, Guid.Empty, Permission.All) : null;
    }
}
