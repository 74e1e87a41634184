using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>Chooses the tier that the budget allows, holds its worst case, and books what the answer cost.</summary>
internal sealed class BudgetChat(IChatClient inner, Budgets budgets, TenantLimits limits, LateDecisions late, ModelTimeouts timeouts, TimeProvider time, ILogger<BudgetChat> log) : CallLayer(inner)
{
    /// <summary>Where a caller sets no limit there would be no worst case.</summary>
    private const int DefaultOutput = 1024;

    private const string Answered = "answered";

    /// <summary>The bound of a prompt is a good two times what is usually counted.</summary>
    private const int BoundOverTypical = 2;

    private static readonly TimeSpan Room = TimeSpan.FromMinutes(1);

    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        options = options.Clone();
        options.MaxOutputTokens ??= DefaultOutput;
        (call.At, call.Outcome) = (time.GetUtcNow(), "abandoned"); // unless something else is known
        var (start, tried) = (time.GetTimestamp(), time.GetTimestamp());
        var (input, output) = (WorstCase.InputTokens(messages, options), options.MaxOutputTokens.Value);
        call.EstimatedTokens = (int)Math.Min((input / BoundOverTypical) + output, int.MaxValue);
        var offers = Offers(call, input, output);
        var held = await HoldAsync(call, offers, ct);
        call.AgainAsync = async again =>
        {
            await SettleAsync(call, held, time.GetElapsedTime(tried), null);
            (held, call.Sent) = (null, false);
            if (await OverLimitAsync(call, offers, again) is not null)
            {
                return false;
            }
            var more = await budgets.ReserveAsync(Who(call), [.. offers.Where(offer => offer.Tier == call.Tier)], call.Extractive, Lease(call), again);
            (held, tried) = (more.Reservation, time.GetTimestamp());
            return held is not null;
        };
        var usage = new UsageDetails();
        var updates = InnerAsync(messages, options, ct).GetAsyncEnumerator(ct);
        try
        {
            while (await NextAsync(call, updates))
            {
                foreach (var counted in updates.Current.Contents.OfType<UsageContent>())
                {
                    usage.Add(counted.Details);
                }
                yield return updates.Current;
            }
            call.Outcome = Answered;
        }
        finally
        {
            await updates.DisposeAsync();
            await FinishAsync(call, held, usage, time.GetElapsedTime(start), time.GetElapsedTime(tried));
        }
    }

    private static async ValueTask<bool> NextAsync(ModelCall call, IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e)
        {
            call.Outcome = e is ModelException fault ? fault.Fault.ToString() : e is OperationCanceledException ? "abandoned" : "error";
            throw;
        }
    }

    private async Task FinishAsync(ModelCall call, Reservation? held, UsageDetails usage, TimeSpan took, TimeSpan tried)
    {
        var complete = call.Outcome == Answered;
        if (complete)
        {
            call.Usage = ModelUsage.From(usage);
            call.Cost = call.Usage is { } known ? call.Seat!.Info.Prices?.Cost(known) : null;
        }
        if (call.Usage is not null || !(complete || call.Sent))
        {
            await limits.CorrectAsync(call, call.Usage?.AllTokens ?? 0);
        }
        call.Decide(complete ? Answered : "failed", call.Outcome, took);
        var decisions = call.TakeUnwritten();
        if (held is null)
        {
            await RecordAsync(call, decisions);
        }
        else if (complete || call.Sent)
        {
            call.Booking = SettleAsync(call, held, tried, decisions);
            await (call.InOnePiece || call.Work is not null ? call.Booking : Task.CompletedTask);
        }
        else
        {
            await EndAsync(held, ReleaseAsync());
        }
        call.Late = late.Add;

        async Task<bool> ReleaseAsync()
        {
            await budgets.ReleaseAsync(held, decisions, CancellationToken.None);
            return true;
        }
    }

    private async Task<Reservation?> HoldAsync(ModelCall call, IReadOnlyList<Offer> offers, CancellationToken ct)
    {
        call.Tier = call.Wanted;
        if (await OverLimitAsync(call, offers, ct) is { } limit)
        {
            throw await RefusedAsync(call, new LadderStep(call.Extractive ? LadderOutcome.Extractive : LadderOutcome.Person, null, limit));
        }
        var reserved = await budgets.ReserveAsync(Who(call), offers, call.Extractive, Lease(call), ct);
        limits.Learn(call.Who.TenantId, reserved.Settings);
        if (reserved is { Step.Rung: { } cheaper, Reservation: { } free } && cheaper.Tier < call.AtLeast)
        {
            await budgets.ReleaseAsync(free, null, CancellationToken.None);
            reserved = reserved with { Step = reserved.Step with { Outcome = call.Extractive ? LadderOutcome.Extractive : LadderOutcome.Person, Rung = null }, Reservation = null };
        }
        if (reserved.Step.Rung is not { } rung)
        {
            await limits.CorrectAsync(call, 0);
            throw await RefusedAsync(call, reserved.Step);
        }
        call.Tier = rung.Tier;
        call.Decide("budget", reserved.Step.Reason);
        return reserved.Reservation;
    }

    private async Task<BudgetRefusedException> RefusedAsync(ModelCall call, LadderStep step)
    {
        call.Outcome = "budget";
        call.Decide("budget", step.Reason);
        await RecordAsync(call, call.TakeUnwritten());
        call.Late = late.Add;
        return new BudgetRefusedException(step);
    }

    /// <summary>Not for a server of one's own that costs nothing, nor for vectors and scores: an import would use up the minutes of the answers.</summary>
    private Task<string?> OverLimitAsync(ModelCall call, IReadOnlyList<Offer> offers, CancellationToken ct) =>
        call.Work is null && offers.Any(offer => offer.Amount != 0) ? limits.TakeAsync(call, ct) : Task.FromResult<string?>(null);

    /// <summary>Any account of a tier may come to answer, so that the dearest counts.</summary>
    private static List<Offer> Offers(ModelCall call, long input, int output) =>
    [
        .. call.Seats.Where(seat => seat.Tier <= call.Wanted).GroupBy(seat => seat.Tier).OrderByDescending(tier => tier.Key).Select(tier =>
        {
            decimal?[] costs = [.. tier.Select(seat => WorstCase.Cost(seat.Info.Prices, input, output, call.Searches))];
            var first = tier.First();
            return new Offer(tier.Key, first.Account.Provider, first.Info.Model, Array.Exists(costs, cost => cost is null) ? null : costs.Max()) { AccountId = first.Account.Id };
        }),
    ];

    private static Spender Who(ModelCall call) => call.Who with { CallId = call.Id };

    /// <summary>The last attempt begins before the deadline and may take the whole time of one.</summary>
    private TimeSpan Lease(ModelCall call) => call.Deadline - time.GetUtcNow() + timeouts.Whole + Room;

    // Whoever gave up the call does not give up its bill. What cannot be written here, the sweep writes.
    private async Task SettleAsync(ModelCall call, Reservation? held, TimeSpan took, DecisionRows? decisions)
    {
        if (held is null)
        {
            return;
        }
        var bill = (call.Seat is { } seat ? Bill.Of(seat, call.Seats, call.Usage) : new Bill(held.Provider, held.Model)) with { Latency = took, Decisions = decisions };
        var booked = await EndAsync(held, budgets.SettleAsync(held, bill, CancellationToken.None));
        var amount = booked && bill.Cost is { } cost ? WorstCase.Round(cost) : held.Amount;
        call.Booked += amount;
        call.Who.Tally?.Add(amount);
    }

    private async Task RecordAsync(ModelCall call, DecisionRows? decisions)
    {
        try
        {
            await (decisions is null ? Task.CompletedTask : budgets.RecordAsync(decisions, CancellationToken.None));
        }
        catch (Exception e)
        {
            log.DecisionsLost(call.Id, e);
        }
    }

    private async Task<bool> EndAsync(Reservation held, Task<bool> ending)
    {
        try
        {
            return await ending;
        }
        catch (Exception e)
        {
            log.SettleFailed(held.Id, e);
            return false;
        }
    }
}
