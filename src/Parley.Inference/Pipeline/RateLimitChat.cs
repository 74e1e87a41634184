using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Platform.RateLimits;

namespace Parley.Inference.Pipeline;

/// <summary>
/// Keeps an account below its limits: calls and tokens a minute over all nodes, calls at once on this one. Tokens are counted by an estimate before the call and
/// corrected by what it used. Where another account can be asked it does not
/// wait; otherwise it waits as long as the deadline allows. Of an account of the instance a tenant has at most half of the minute.
/// </summary>
internal sealed class RateLimitChat(IChatClient inner, RateLimiter limiter, TimeProvider time) : CallLayer(inner)
{
    // Without numbers: what the operator allows the account is nobody else's business.
    private const string ShareUsed = "This tenant's share of an account of the instance is used up for this minute. Add an account of your own, or let the operator raise the account's limit.";
    private const string AllUsed = "The minute of an account of the instance is used up. Add an account of your own, or let the operator raise the account's limit.";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Guid Account, int Slots), SemaphoreSlim> _slots = new();

    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        var account = call.Seat!.Account;
        var slots = account.Limits.Concurrency is { } most ? _slots.GetOrAdd((account.Id, most), key => new SemaphoreSlim(key.Slots)) : null;
        await EnterAsync(call, slots, ct);
        IReadOnlyList<TokensTaken> taken = [];
        var used = 0L;
        try
        {
            taken = await TakeAsync(call, account, ct);
            await foreach (var update in InnerAsync(messages, options, ct))
            {
                foreach (var counted in update.Contents.OfType<UsageContent>())
                {
                    used += (counted.Details.InputTokenCount ?? 0) + (counted.Details.OutputTokenCount ?? 0);
                }
                yield return update;
            }
        }
        finally
        {
            slots?.Release();
            // Without counts the estimate stands, unless nothing was billed at all.
            if (used > 0 || !call.Sent)
            {
                await CorrectAsync(taken, used);
            }
        }
    }

    private async Task EnterAsync(ModelCall call, SemaphoreSlim? slots, CancellationToken ct)
    {
        if (slots is null || await slots.WaitAsync(0, ct))
        {
            return;
        }
        if (call.OthersLeft)
        {
            throw Limited(call, "All calls that this account may make at once are under way.", null);
        }
        call.Decide("rate_limit", "concurrency");
        using var deadline = new CancellationTokenSource(Left(call), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            await slots.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Limited(call, "No call of this account ended in time. Raise the number of calls at once, or add an account.", null);
        }
    }

    /// <summary>All of them in one window, or none: what was taken before one is refused is given back.</summary>
    private async Task<IReadOnlyList<TokensTaken>> TakeAsync(ModelCall call, ModelAccount account, CancellationToken ct)
    {
        var parts = Parts(call, account);
        while (true)
        {
            List<TokensTaken> calls = [], tokens = [];
            if (await RefusedAsync(parts, calls, tokens, ct) is not var (part, wait))
            {
                return tokens;
            }
            await CorrectAsync([.. calls, .. tokens], 0);
            if (call.OthersLeft || wait >= Left(call))
            {
                throw Limited(call, part.Reached, wait);
            }
            call.Decide("rate_limit", part.Reason, wait);
            await Task.Delay(wait, time, ct);
        }
    }

    private async Task<(Part Part, TimeSpan Wait)?> RefusedAsync(List<Part> parts, List<TokensTaken> calls, List<TokensTaken> tokens, CancellationToken ct)
    {
        foreach (var part in parts)
        {
            var next = new TokensTaken(part.Scope, Math.Min(part.Count, part.Limit), limiter.WindowOf(Window));
            if (await limiter.TryTakeAsync(part.Scope, next.Count, part.Limit, Window, ct) is { } seconds)
            {
                return (part, TimeSpan.FromSeconds(seconds));
            }
            (part.Reason == TenantLimits.Requests ? calls : tokens).Add(next);
        }
        return null;
    }

    /// <summary>The tenant's share first: whoever has used it up takes nothing of what is left to the others.</summary>
    private static List<Part> Parts(ModelCall call, ModelAccount account)
    {
        var (requests, tokens, scope) = (account.Limits.RequestsPerMinute, account.Limits.TokensPerMinute, $"model:{account.Id}");
        var parts = new List<Part>();
        if (account.OfInstance)
        {
            Add($"{scope}:{call.Who.TenantId}", 1, Half(requests), TenantLimits.Requests, ShareUsed);
            Add($"{scope}:{call.Who.TenantId}:tokens", call.EstimatedTokens, Half(tokens), TenantLimits.Tokens, ShareUsed);
        }
        Add(scope, 1, requests, TenantLimits.Requests, account.OfInstance ? AllUsed : $"The account's limit of {requests} calls a minute is reached. Raise it, or add an account.");
        Add($"{scope}:tokens", call.EstimatedTokens, tokens, TenantLimits.Tokens, account.OfInstance ? AllUsed : $"The account's limit of {tokens} tokens a minute is reached. Raise it, or add an account.");
        return parts;

        void Add(string of, int count, int? most, string reason, string reached)
        {
            if (most is { } limit)
            {
                parts.Add(new Part(of, count, limit, reason, reached));
            }
        }
    }

    private async Task CorrectAsync(IEnumerable<TokensTaken> taken, long used)
    {
        foreach (var each in taken)
        {
            await TenantLimits.CorrectAsync(limiter, each, used);
        }
    }

    private static int? Half(int? limit) => limit is { } whole ? Math.Max(1, whole / 2) : null;

    private TimeSpan Left(ModelCall call) => call.Deadline - time.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private static ModelException Limited(ModelCall call, string message, TimeSpan? wait) =>
        new(ModelFault.RateLimited, call.Seat!.Account.Provider, call.Seat.Info.Model, message) { RetryAfter = wait, Ours = true };

    /// <summary>One limit of a minute that a call counts against.</summary>
    private sealed record Part(string Scope, int Count, int Limit, string Reason, string Reached);
}
