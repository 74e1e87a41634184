using System.Collections.Concurrent;
using Parley.Inference.Contracts;
using Parley.Platform.RateLimits;

namespace Parley.Inference.Budget;

/// <summary>Tokens that were counted before a call was made.</summary>
internal sealed record TokensTaken(string Scope, int Count, DateTimeOffset Window);

/// <summary>
/// How many paid calls, and of how many tokens, a tenant may make in a minute over all nodes. A burst must not use up in a moment what its month was meant for, nor
/// what its accounts allow.
/// </summary>
/// <remarks>
/// A node knows a tenant's own limits from its last reservation, so that asking costs no look into the database; until then those of <see cref="BudgetSettings"/> hold.
/// A changed limit begins to count anew.
/// </remarks>
internal sealed class TenantLimits(RateLimiter limiter)
{
    internal const string Requests = "requests_per_minute";
    internal const string Tokens = "tokens_per_minute";

    private const int MaxKnown = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly BudgetSettings Shipped = new();

    private readonly ConcurrentDictionary<Guid, (int? Requests, int? Tokens)> _known = new();

    internal void Learn(Guid tenantId, BudgetSettings settings)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }
        _known[tenantId] = (settings.RequestsPerMinute, settings.TokensPerMinute);
    }

    /// <summary>Counts one call. Null: it may be made; else which limit is reached.</summary>
    internal async Task<string?> TakeAsync(ModelCall call, CancellationToken ct)
    {
        var tenant = call.Who.TenantId;
        var (requests, tokens) = _known.TryGetValue(tenant, out var own) ? own : (Shipped.RequestsPerMinute, Shipped.TokensPerMinute);
        if (requests is { } mostCalls && await limiter.TryTakeAsync($"models:{tenant}:calls:{mostCalls}", 1, mostCalls, Window, ct) is not null)
        {
            return Requests;
        }
        call.Taken = null;
        if (tokens is not { } mostTokens)
        {
            return null;
        }
        var taken = new TokensTaken($"models:{tenant}:tokens:{mostTokens}", Math.Min(call.EstimatedTokens, mostTokens), limiter.WindowOf(Window));
        if (await limiter.TryTakeAsync(taken.Scope, taken.Count, mostTokens, Window, ct) is not null)
        {
            return Tokens;
        }
        call.Taken = taken;
        return null;
    }

    /// <summary>Counts what the call has really used.</summary>
    internal Task CorrectAsync(ModelCall call, long used) => CorrectAsync(limiter, call.Taken, used);

    internal static Task CorrectAsync(RateLimiter limiter, TokensTaken? taken, long used) =>
        taken is null ? Task.CompletedTask : limiter.CorrectAsync(taken.Scope, taken.Count - (int)Math.Min(used, int.MaxValue / 2), taken.Window, Window, CancellationToken.None);
}
