using Microsoft.Extensions.DependencyInjection;
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
}

/// <summary>Sessions of end users: random tokens of which only the hash is stored, good for 30 days after they were last used.</summary>
internal sealed class EndUserSessions(TenantDb db, SystemDb system, TimeProvider time)
{
    internal const string Prefix = "ps_";
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

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
        insert into end_user_sessions (tenant_id, id, token_hash, end_user_id, widget_id, created_at, expires_at)
        values (@tenantId, @id, @hash, @endUserId, @widgetId, @now, @expires)
        """;

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
        if (expires - session.ExpiresAt < SlideAfter)
        {
            return session.ExpiresAt;
        }
        await db.InTransactionAsync(session.TenantId, s => s.ExecuteAsync(SlideSql, new { tenantId = session.TenantId, sessionId = session.SessionId, expires, now }), ct);
        return expires;
    }

    /// <summary>A new session; without an end user also a new, unverified one.</summary>
    internal async Task<(string Token, EndUserSession Session)> StartAsync(TenantSession s, Guid widgetId, Guid? endUserId, string? locale)
    {
        var now = time.GetUtcNow();
        var token = BearerToken.Create(Prefix);
        var session = new EndUserSession
        {
            TenantId = s.TenantId, SessionId = Ids.New(time), EndUserId = endUserId ?? Ids.New(time), WidgetId = widgetId, ExpiresAt = now + Lifetime,
        };
        if (endUserId is null)
        {
            await s.ExecuteAsync(InsertUserSql, new { tenantId = s.TenantId, id = session.EndUserId, locale, now });
        }
        await s.ExecuteAsync(InsertSql, new
        {
            tenantId = s.TenantId, id = session.SessionId, hash = BearerToken.Hash(token), endUserId = session.EndUserId, widgetId, now, expires = session.ExpiresAt,
        });
        return (token, session);
    }
}
