using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Platform.RateLimits;

/// <summary>
/// Counts in fixed windows that all nodes share. A node leases a tenth of the allowance at a time and spends it without asking again; what it
/// does not spend is lost with the window, so that many nodes allow a little less than the limit, never more.
/// </summary>
public sealed class RateLimiter(SystemDb system, MasterKey key, TimeProvider time)
{
    internal const string LeaseSql = "select granted, leased from rate_lease(@scope, @window, @limit, @slice)";

    private const int Slices = 10;
    private const int SweepAbove = 20_000;
    private readonly ConcurrentDictionary<string, Allowance> _allowances = new(StringComparer.Ordinal);

    // Scopes carry addresses and ids of people: the database sees only their keyed hash.
    private readonly byte[] _scopeKey = key.Derive("rate-limit-scope");

    /// <summary>Takes one; null: allowed, else the seconds until the next window.</summary>
    /// <param name="scope">What is counted, e.g. <c>message:TENANT:USER</c>.</param>
    /// <param name="limit">How many in a window.</param>
    /// <param name="window">Its length, at most a day.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    public async Task<int?> TryTakeAsync(string scope, int limit, TimeSpan window, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, TimeSpan.FromDays(1));
        var now = time.GetUtcNow();
        var start = new DateTimeOffset(now.Ticks - (now.Ticks % window.Ticks), TimeSpan.Zero);
        var allowance = _allowances.GetOrAdd(scope, _ => new Allowance());
        Sweep(now);
        await allowance.Gate.WaitAsync(ct);
        try
        {
            if (allowance.Start != start)
            {
                (allowance.Start, allowance.End, allowance.Left, allowance.Exhausted) = (start, start + window, 0, false);
            }
            if (allowance.Left == 0 && !allowance.Exhausted)
            {
                (allowance.Left, allowance.Leased) = await system.QuerySingleOrDefaultAsync<(int Granted, int Leased)>(
                    LeaseSql, new { scope = Name(scope, window), window = start, limit, slice = Math.Max(1, limit / Slices) }, ct);
                allowance.Exhausted = allowance.Left == 0;
            }
            var reset = Math.Max(1, (int)Math.Ceiling((allowance.End - now).TotalSeconds));
            var allowed = allowance.Left > 0;
            if (allowed)
            {
                allowance.Left--;
            }
            RateLimitReport.Current?.Count(limit, Math.Max(0, limit - allowance.Leased) + allowance.Left, reset);
            return allowed ? null : reset;
        }
        finally
        {
            allowance.Gate.Release();
        }
    }

    private string Name(string scope, TimeSpan window) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_scopeKey, Encoding.UTF8.GetBytes($"{window.Ticks}:{scope}")).AsSpan(0, 16));

    private void Sweep(DateTimeOffset now)
    {
        if (_allowances.Count <= SweepAbove)
        {
            return;
        }
        foreach (var (scope, allowance) in _allowances)
        {
            if (allowance.End < now && allowance.Gate.CurrentCount == 1)
            {
                _allowances.TryRemove(new KeyValuePair<string, Allowance>(scope, allowance));
            }
        }
    }

    private sealed class Allowance
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public DateTimeOffset Start { get; set; }

        public DateTimeOffset End { get; set; } = DateTimeOffset.MaxValue;

        public int Left { get; set; }

        /// <summary>By all nodes, when this one asked last.</summary>
        public int Leased { get; set; }

        public bool Exhausted { get; set; }
    }
}
