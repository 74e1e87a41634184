using Microsoft.Extensions.Options;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.RateLimits;

namespace Parley.Identity;

/// <summary>How often a password may be guessed: per e-mail address, known or not, and per network address.</summary>
internal sealed class SignInGate(SystemDb db, RateLimiter limiter, IOptions<IdentityOptions> options, TimeProvider time)
{
    private const string AttemptSql = "select sign_in_attempt(@address, @now, @threshold, @window)";
    private const string ClearSql = "select sign_in_attempts_clear(@address)";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Takes an attempt before the password is looked at; null: go on.</summary>
    internal async Task<Error?> TakeAsync(string email, string? ip, CancellationToken ct)
    {
        if (await TakeNetworkAsync(ip, ct) is { } busy)
        {
            return busy;
        }
        var now = time.GetUtcNow();
        var until = await db.QuerySingleOrDefaultAsync<DateTimeOffset?>(AttemptSql,
            new { address = BearerToken.Hash(email), now, threshold = options.Value.LockoutThreshold, window = options.Value.LockoutWindow }, ct);
        return until is { } lockedUntil ? Errors.Locked(lockedUntil, now) : null;
    }

    /// <summary>Takes an attempt of a network address alone.</summary>
    internal async Task<Error?> TakeNetworkAsync(string? ip, CancellationToken ct) =>
        await limiter.TryTakeAsync($"sign-in:{ip}", options.Value.SignInsPerMinute, Minute, ct) is { } seconds
            ? Error.TooMany("Too many sign-ins come from your network. Wait a moment and try again.", seconds)
            : null;

    /// <summary>The password was right: the count starts anew.</summary>
    internal Task ClearAsync(string email, CancellationToken ct) => db.ExecuteAsync(ClearSql, new { address = BearerToken.Hash(email) }, ct);
}
