using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.CustomerIdentity;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Conversations.WidgetApi;

/// <summary>A live session as it is looked up.</summary>
internal sealed record EndUserSession
{
    public Guid TenantId { get; init; }

    public Guid SessionId { get; init; }

    public Guid EndUserId { get; init; }

    public Guid WidgetId { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The key by which the company's server said who it is; null: nobody did.</summary>
    public Guid? IdentityKeyId { get; init; }
}

/// <summary>Sessions of end users: random tokens of which only the hash is stored, good for 30 days after they were last used.</summary>
internal sealed class EndUserSessions(TenantDb db, SystemDb system, TimeProvider time)
{
    internal const string Prefix = "ps_";
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Of a session of somebody who was named. Each page with a fresh token makes it begin anew; use alone does not.</summary>
    internal static readonly TimeSpan VerifiedLifetime = TimeSpan.FromHours(24);

    // One write a day and session at most, not one a request.
    private static readonly TimeSpan SlideAfter = TimeSpan.FromDays(1);

    private const string LookupSql = "select * from end_user_session_lookup(@hash, @now)";

    private const string SlideSql = """
        with s as (
          update end_user_sessions set expires_at = @expires where tenant_id = @tenantId and id = @sessionId and revoked_at is null returning end_user_id
        )
        update end_users set seen_at = @now from s where tenant_id = @tenantId and id = s.end_user_id
        """;

    private const string InsertUserSql =
        "insert into end_users (tenant_id, id, locale, created_at, seen_at) values (@tenantId, @id, @locale, @now, @now)";

    private const string InsertSql = """
        insert into end_user_sessions (tenant_id, id, token_hash, end_user_id, widget_id, identity_key_id, created_at, expires_at)
        values (@tenantId, @id, @hash, @endUserId, @widgetId, @identityKeyId, @now, @expires)
        """;

    // What a token leaves out is not forgotten.
    private const string VerifiedUserSql = """
        insert into end_users (tenant_id, id, external_id, name, email, verified, locale, created_at, seen_at) values (@tenantId, @id, @subject, @name, @email, true, @locale, @now, @now)
        on conflict (tenant_id, external_id) do update
           set name = coalesce(excluded.name, end_users.name), email = coalesce(excluded.email, end_users.email), verified = true, seen_at = excluded.seen_at, locale = coalesce(excluded.locale, end_users.locale)
        returning id
        """;

    private const string RenewSql = """
        update end_user_sessions set expires_at = @expires, identity_key_id = @identityKeyId where tenant_id = @tenantId and id = @sessionId and revoked_at is null
        """;

    private const string EndSql = "update end_user_sessions set revoked_at = @now where tenant_id = @tenantId and id = @sessionId and revoked_at is null";

    internal const string ExpireSql = "select end_user_sessions_expire(@now)";

    /// <summary>Forgets the sessions that ended a week ago.</summary>
    internal static Task ExpireAsync(IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<SystemDb>().ExecuteAsync(ExpireSql, new { now = services.GetRequiredService<TimeProvider>().GetUtcNow() }, ct);

    internal Task<EndUserSession?> FindAsync(string token, CancellationToken ct) =>
        system.QuerySingleOrDefaultAsync<EndUserSession>(LookupSql, new { hash = BearerToken.Hash(token), now = time.GetUtcNow() }, ct);

    /// <summary>Moves the end 30 days from now, if that has not been done today.</summary>
    internal async Task<DateTimeOffset> SlideAsync(EndUserSession session, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var expires = now + Lifetime;
        if (session.IdentityKeyId is not null || expires - session.ExpiresAt < SlideAfter)
        {
            return session.ExpiresAt;
        }
        await db.InTransactionAsync(session.TenantId, s => s.ExecuteAsync(SlideSql, new { tenantId = session.TenantId, sessionId = session.SessionId, expires, now }), ct);
        return expires;
    }

    /// <summary>
    /// A session of the person whom the company's server named. The earlier one goes on where it was theirs; of anybody else's nothing is taken over, so that
    /// who signs in on a shared device sees nothing of who was there before.
    /// </summary>
    internal async Task<(string Token, EndUserSession Session)> IdentifyAsync(TenantSession s, Guid widgetId, VerifiedIdentity identity, EndUserSession? earlier, string? earlierToken, string? locale)
    {
        var now = time.GetUtcNow();
        var endUserId = await s.QuerySingleAsync<Guid>(VerifiedUserSql, new { tenantId = s.TenantId, id = Ids.New(time), identity.Subject, identity.Name, identity.Email, locale, now });
        var expires = now + VerifiedLifetime;
        if (earlier is not null && earlier.EndUserId == endUserId && earlier.WidgetId == widgetId && earlier.IdentityKeyId is not null
            && await s.ExecuteAsync(RenewSql, new { tenantId = s.TenantId, sessionId = earlier.SessionId, expires, identityKeyId = identity.KeyId }) > 0)
        {
            return (earlierToken!, earlier with { ExpiresAt = expires, IdentityKeyId = identity.KeyId });
        }
        return await StartAsync(s, widgetId, endUserId, locale, identity.KeyId, expires);
    }

    /// <summary>Ends a session: its token opens nothing from this commit on.</summary>
    internal Task EndAsync(Guid tenantId, Guid sessionId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.ExecuteAsync(EndSql, new { tenantId, sessionId, now = time.GetUtcNow() }), ct);

    /// <summary>A new session; without an end user also a new, unverified one.</summary>
    internal async Task<(string Token, EndUserSession Session)> StartAsync(
        TenantSession s, Guid widgetId, Guid? endUserId, string? locale, Guid? identityKeyId = null, DateTimeOffset? expires = null)
    {
        var now = time.GetUtcNow();
        var token = BearerToken.Create(Prefix);
        var session = new EndUserSession
        {
            TenantId = s.TenantId, SessionId = Ids.New(time), EndUserId = endUserId ?? Ids.New(time), WidgetId = widgetId, ExpiresAt = expires ?? now + Lifetime, IdentityKeyId = identityKeyId,
        };
        if (endUserId is null)
        {
            await s.ExecuteAsync(InsertUserSql, new { tenantId = s.TenantId, id = session.EndUserId, locale, now });
        }
        await s.ExecuteAsync(InsertSql, new
        {
            tenantId = s.TenantId, id = session.SessionId, hash = BearerToken.Hash(token), endUserId = session.EndUserId, widgetId, identityKeyId, now, expires = session.ExpiresAt,
        });
        return (token, session);
    }
}
