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
    public Task<int?> TryTakeAsync(string scope, int limit, TimeSpan window, CancellationToken ct) => TakeAsync(scope, 1, limit, window, report: true, ct);

    /// <summary>Takes several at once, all or none; null: allowed, else the seconds until the next window. Not told to whoever sent the request: it is not their limit.</summary>
    /// <param name="scope">What is counted.</param>
    /// <param name="count">How many; more than the limit count as the whole of it, so that they are possible at all.</param>
    /// <param name="limit">How many in a window.</param>
    /// <param name="window">Its length, at most a day.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    public Task<int?> TryTakeAsync(string scope, int count, int limit, TimeSpan window, CancellationToken ct) => TakeAsync(scope, count, limit, window, report: false, ct);

    private async Task<int?> TakeAsync(string scope, int count, int limit, TimeSpan window, bool report, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        count = Math.Min(count, limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, TimeSpan.FromDays(1));
        var (now, start) = (time.GetUtcNow(), WindowOf(window));
        var allowance = _allowances.GetOrAdd(scope, _ => new Allowance());
        Sweep(now);
        await allowance.Gate.WaitAsync(ct);
        try
        {
            if (allowance.Start != start)
            {
                (allowance.Start, allowance.End, allowance.Left, allowance.Exhausted) = (start, start + window, 0, false);
            }
            if (allowance.Left < count && !allowance.Exhausted)
            {
                var slice = Math.Max(Math.Max(1, limit / Slices), count - allowance.Left);
                (var granted, allowance.Leased) = await system.QuerySingleOrDefaultAsync<(int Granted, int Leased)>(
                    LeaseSql, new { scope = Name(scope, window), window = start, limit, slice }, ct);
                allowance.Left += granted;
                allowance.Exhausted = granted < slice;
            }
            var reset = Math.Max(1, (int)Math.Ceiling((allowance.End - now).TotalSeconds));
            var allowed = allowance.Left >= count;
            if (allowed)
            {
                allowance.Left -= count;
            }
            (report ? RateLimitReport.Current : null)?.Count(limit, Math.Max(0, limit - allowance.Leased) + Math.Max(0, allowance.Left), reset);
            return allowed ? null : reset;
        }
        finally
        {
            allowance.Gate.Release();
        }
    }

    /// <summary>
    /// Corrects what was taken before it was known how much it would be: what was too much is free again on this node while its window lasts; what was too
    /// little is missing there.
    /// </summary>
    /// <param name="scope">As it was taken.</param>
    /// <param name="count">Above 0: given back.</param>
    /// <param name="start">In which window it was taken (<see cref="WindowOf"/>).</param>
    /// <param name="window">Its length.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task CorrectAsync(string scope, int count, DateTimeOffset start, TimeSpan window, CancellationToken ct)
    {
        if (count == 0 || !_allowances.TryGetValue(scope, out var allowance))
        {
            return;
        }
        await allowance.Gate.WaitAsync(ct);
        try
        {
            if (allowance.Start == start && allowance.End - start == window)
            {
                allowance.Left += count;
            }
        }
        finally
        {
            allowance.Gate.Release();
        }
    }

    /// <summary>When the window that is open now began.</summary>
    public DateTimeOffset WindowOf(TimeSpan window) => StartOf(time.GetUtcNow(), window);

    private static DateTimeOffset StartOf(DateTimeOffset at, TimeSpan window) => new(at.Ticks - (at.Ticks % window.Ticks), TimeSpan.Zero);

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
