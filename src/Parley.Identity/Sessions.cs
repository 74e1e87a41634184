using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Identity;

/// <summary>A live sign-in session as the database knows it; attached to the request as a feature.</summary>
internal sealed record SessionRow
{
    public Guid SessionId { get; init; }
    public Guid UserId { get; init; }
    public string Email { get; init; } = "";
    public string Name { get; init; } = "";
    public Guid TenantId { get; init; }
    public string TenantSlug { get; init; } = "";
    public string TenantName { get; init; } = "";
    public string Role { get; init; } = "";
    public string[]? Permissions { get; init; }
    public bool IsOperator { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset SeenAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public bool MustChangePassword { get; init; }
    public bool HasSecondFactor { get; init; }

    /// <summary>The role asks for one.</summary>
    public bool RequiresSecondFactor { get; init; }

    internal bool MustSetUpSecondFactor => RequiresSecondFactor && !HasSecondFactor;

    /// <summary>Until a given password has been changed, and a second factor set up where the role asks for one, its holder may do nothing else.</summary>
    internal FrozenSet<string> Allowed => MustChangePassword || MustSetUpSecondFactor ? [] : RoleRules.PermissionsOf(Role, Permissions);

    internal Caller ToCaller() => new(CallerKind.User, TenantId, UserId, Allowed) { Name = Name, SessionId = SessionId };
}

/// <summary>Opens, finds and ends sign-in sessions.</summary>
internal sealed class Sessions(SystemDb db, TimeProvider time, IOptions<IdentityOptions> options)
{
    private const string CreateSql = "select * from user_session_create(@id, @hash, @userId, @withFactor, @ip, @agent, @auditId, @now, @expires)";
    private const string LookupSql = "select * from user_session_lookup(@hash, @now)";
    private const string TouchSql = "select user_session_touch(@sessionId, @now, @expires)";
    private const string RevokeSql = "select user_session_revoke(@id, @userId, @ip, @auditId, @now)";
    private const string ListSql = "select * from user_sessions_of(@userId, @now)";
    private const int MaxAgentLength = 300;

    /// <summary>Writing at each request would be waste: the idle time is kept to this grain.</summary>
    private static readonly TimeSpan TouchGrain = TimeSpan.FromMinutes(1);

    /// <summary>No session lives longer.</summary>
    internal TimeSpan Lifetime => options.Value.SessionLifetime;

    /// <summary>A new session with a new token, never one that the browser brought; null where no active tenant has the user, or a code was not asked for that is needed by now.</summary>
    internal async Task<string?> OpenAsync(Guid userId, bool withFactor, string? ip, string? agent, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var token = BearerToken.Create("");
        var home = await db.QuerySingleOrDefaultAsync<Guid?>(CreateSql, new
        {
            id = Guid.CreateVersion7(now), hash = BearerToken.Hash(token), userId, withFactor, ip,
            agent = agent is { Length: > MaxAgentLength } ? agent[..MaxAgentLength] : agent,
            auditId = Guid.CreateVersion7(now), now, expires = now + options.Value.SessionIdle,
        }, ct);
        return home is null ? null : token;
    }

    /// <summary>The live session of a token, its idle time started anew; null: forged, expired, revoked, or no member any more.</summary>
    internal async Task<SessionRow?> FindAsync(string token, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var session = await db.QuerySingleOrDefaultAsync<SessionRow>(LookupSql, new { hash = BearerToken.Hash(token), now }, ct);
        if (session is null || session.SeenAt + TouchGrain > now)
        {
            return session;
        }
        var expires = Earlier(now + options.Value.SessionIdle, session.CreatedAt + Lifetime);
        await db.ExecuteAsync(TouchSql, new { session.SessionId, now, expires }, ct);
        return session with { ExpiresAt = expires };
    }

    /// <summary>Ends one of the user's own sessions; false where they have no such live one.</summary>
    internal async Task<bool> RevokeAsync(Guid id, Caller user, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return await db.QuerySingleOrDefaultAsync<bool>(RevokeSql, new { id, userId = user.Id, ip = user.Ip, auditId = Guid.CreateVersion7(now), now }, ct);
    }

    /// <summary>The user's live sessions, the last used first.</summary>
    internal Task<IReadOnlyList<SessionListing>> ListAsync(Guid userId, CancellationToken ct) =>
        db.QueryAsync<SessionListing>(ListSql, new { userId, now = time.GetUtcNow() }, ct);

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}

/// <summary>One session in its user's own list; never its token.</summary>
internal sealed record SessionListing
{
    public Guid Id { get; init; }
    public string? Ip { get; init; }
    public string? UserAgent { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset SeenAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
}
