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
/// wait; otherwise it waits as long as the deadline allows.
/// </summary>
internal sealed class RateLimitChat(IChatClient inner, RateLimiter limiter, TimeProvider time) : CallLayer(inner)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Guid Account, int Slots), SemaphoreSlim> _slots = new();

    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        var account = call.Seat!.Account;
        var slots = account.Limits.Concurrency is { } most ? _slots.GetOrAdd((account.Id, most), key => new SemaphoreSlim(key.Slots)) : null;
        await EnterAsync(call, slots, ct);
        TokensTaken? taken = null;
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
                await TenantLimits.CorrectAsync(limiter, taken, used);
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

    private async Task<TokensTaken?> TakeAsync(ModelCall call, ModelAccount account, CancellationToken ct)
    {
        await TakeAsync(call, $"model:{account.Id}", 1, account.Limits.RequestsPerMinute, "calls", TenantLimits.Requests, ct);
        return await TakeAsync(call, $"model:{account.Id}:tokens", call.EstimatedTokens, account.Limits.TokensPerMinute, "tokens", TenantLimits.Tokens, ct);
    }

    private async Task<TokensTaken?> TakeAsync(ModelCall call, string scope, int count, int? most, string what, string reason, CancellationToken ct)
    {
        if (most is not { } limit)
        {
            return null;
        }
        while (true)
        {
            var taken = new TokensTaken(scope, Math.Min(count, limit), limiter.WindowOf(Window));
            if (await limiter.TryTakeAsync(scope, taken.Count, limit, Window, ct) is not { } seconds)
            {
                return taken;
            }
            var wait = TimeSpan.FromSeconds(seconds);
            if (call.OthersLeft || wait >= Left(call))
            {
                throw Limited(call, $"The account's limit of {limit} {what} a minute is reached. Raise it, or add an account.", wait);
            }
            call.Decide("rate_limit", reason, wait);
            await Task.Delay(wait, time, ct);
        }
    }

    private TimeSpan Left(ModelCall call) => call.Deadline - time.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private static ModelException Limited(ModelCall call, string message, TimeSpan? wait) =>
        new(ModelFault.RateLimited, call.Seat!.Account.Provider, call.Seat.Info.Model, message) { RetryAfter = wait };
}
