using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Parley.Platform.RateLimits;

/// <summary>What a request was counted against; of several limits the one with the least left.</summary>
internal sealed class RateLimitReport
{
    private static readonly AsyncLocal<RateLimitReport?> Request = new();

    /// <summary>Of the request that is being answered; null outside of one.</summary>
    internal static RateLimitReport? Current
    {
        get => Request.Value;
        set => Request.Value = value;
    }

    internal int Limit { get; private set; }

    internal int Remaining { get; private set; }

    internal int ResetSeconds { get; private set; }

    internal void Count(int limit, int remaining, int resetSeconds)
    {
        if (Limit == 0 || remaining < Remaining)
        {
            (Limit, Remaining, ResetSeconds) = (limit, remaining, resetSeconds);
        }
    }
}

/// <summary>
/// Tells who is limited how much is left: <c>RateLimit-Limit</c>, <c>RateLimit-Remaining</c> and <c>RateLimit-Reset</c> (seconds), as
/// draft-ietf-httpapi-ratelimit-headers names them. Other nodes' unspent shares count as spent: there may be more left, never less.
/// </summary>
internal static class RateLimitHeaders
{
    internal static void UseRateLimitHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var report = RateLimitReport.Current = new RateLimitReport();
        http.Response.OnStarting(static state =>
        {
            var (response, counted) = ((HttpResponse, RateLimitReport))state;
            if (counted.Limit > 0)
            {
                response.Headers["RateLimit-Limit"] = counted.Limit.ToString(CultureInfo.InvariantCulture);
                response.Headers["RateLimit-Remaining"] = counted.Remaining.ToString(CultureInfo.InvariantCulture);
                response.Headers["RateLimit-Reset"] = counted.ResetSeconds.ToString(CultureInfo.InvariantCulture);
            }
            return Task.CompletedTask;
        }, (http.Response, report));
        return next(http);
    });
}
