using System.Collections.Frozen;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Identity;

/// <summary><c>Bearer pk_…</c>: a tenant's API key, with exactly its scopes. Looked up at each request: a revoked key stops at once.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SystemDb db, TimeProvider time)
    : BearerHandler(options, logger, encoder)
{
    internal const string Prefix = "pk_";

    private const string LookupSql = "select * from api_key_lookup(@hash, @now)";
    private const string UsedSql = "select api_key_used(@tenantId, @id, @now)";

    protected override async Task<Caller?> FindAsync(string token, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await db.QuerySingleOrDefaultAsync<Row>(LookupSql, new { hash = BearerToken.Hash(token), now }, ct) is not { } key)
        {
            return null;
        }
        if (key.LastUsedAt is null || key.LastUsedAt < now.AddMinutes(-1))
        {
            await db.ExecuteAsync(UsedSql, new { key.TenantId, key.Id, now }, ct);
        }
        return new Caller(CallerKind.ApiKey, key.TenantId, key.Id, key.Scopes.Where(Permission.All.Contains).ToFrozenSet()) { Name = key.Name };
    }

    private sealed record Row
    {
        public Guid TenantId { get; init; }
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public string[] Scopes { get; init; } = [];
        public DateTimeOffset? LastUsedAt { get; init; }
    }
}
