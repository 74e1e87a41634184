using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Identity;

/// <summary><c>Bearer po_…</c>: the command line on the instance's own machine. It acts in the tenant named by <c>X-Parley-Tenant</c>.</summary>
internal sealed class OperatorTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IOptions<IdentityOptions> identity, SystemDb db)
    : BearerHandler(options, logger, encoder)
{
    internal const string Prefix = "po_";
    internal const string TenantHeader = "X-Parley-Tenant";

    private const string TenantSql = "select tenant_by_slug(@slug)";

    protected override async Task<Caller?> FindAsync(string token, CancellationToken ct)
    {
        // Hashes have one length: the comparison takes the same time whatever was sent.
        if (identity.Value.OperatorToken is not { Length: > 0 } known
            || !CryptographicOperations.FixedTimeEquals(BearerToken.Hash(token), BearerToken.Hash(known)))
        {
            return null;
        }
        var slug = Request.Headers[TenantHeader] is [{ Length: > 0 } named] ? named : identity.Value.DefaultTenant;
        var tenant = await db.QuerySingleOrDefaultAsync<Guid?>(TenantSql, new { slug }, ct);
        return tenant is { } id ? new Caller(CallerKind.Operator, id, Guid.Empty, Permission.All) : null;
    }
}
