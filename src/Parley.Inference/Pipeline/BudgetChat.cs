using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>Chooses the tier that the budget allows, holds its worst case, and books what the answer cost.</summary>
internal sealed class BudgetChat(IChatClient inner, Budgets budgets, ModelTimeouts timeouts, TimeProvider time, ILogger<BudgetChat> log) : CallLayer(inner)
{
    /// <summary>Where a caller sets no limit there would be no worst case.</summary>
    private const int DefaultOutput = 1024;

    private static readonly TimeSpan Room = TimeSpan.FromMinutes(1);

    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        options = options.Clone();
        options.MaxOutputTokens ??= DefaultOutput;
        var offers = Offers(call, WorstCase.InputTokens(messages, options), options.MaxOutputTokens.Value);
        var held = await HoldAsync(call, offers, ct);
        call.AgainAsync = async again =>
        {
            await SettleAsync(call, held);
            var more = await budgets.ReserveAsync(call.Who, [.. offers.Where(offer => offer.Tier == call.Tier)], call.Extractive, Lease(call), again);
            (held, call.Sent) = (more.Reservation, false);
            return held is not null;
        };
        var usage = new UsageDetails();
        var complete = false;
        try
        {
            await foreach (var update in InnerAsync(messages, options, ct))
            {
                foreach (var counted in update.Contents.OfType<UsageContent>())
                {
                    usage.Add(counted.Details);
                }
                yield return update;
            }
            complete = true;
        }
        finally
        {
            if (complete)
            {
                call.Usage = ModelUsage.From(usage);
                call.Cost = call.Usage is { } known ? call.Seat!.Info.Prices?.Cost(known) : null;
            }
            await (complete || call.Sent ? SettleAsync(call, held) : ReleaseAsync(held));
        }
    }

    private async Task<Reservation?> HoldAsync(ModelCall call, IReadOnlyList<Offer> offers, CancellationToken ct)
    {
        call.Tier = call.Wanted;
        var reserved = await budgets.ReserveAsync(call.Who, offers, call.Extractive, Lease(call), ct);
        if (reserved.Step.Rung is not { } rung)
        {
            call.Decide("budget", reserved.Step.Reason);
            throw new BudgetRefusedException(reserved.Step);
        }
        call.Tier = rung.Tier;
        call.Decide("budget", reserved.Step.Reason);
        return reserved.Reservation;
    }

    /// <summary>Any account of a tier may come to answer, so that the dearest counts.</summary>
    private static List<Offer> Offers(ModelCall call, long input, int output) =>
    [
        .. call.Seats.Where(seat => seat.Tier <= call.Wanted).GroupBy(seat => seat.Tier).OrderByDescending(tier => tier.Key).Select(tier =>
        {
            decimal?[] costs = [.. tier.Select(seat => WorstCase.Cost(seat.Info.Prices, input, output))];
            var first = tier.First();
            return new Offer(tier.Key, first.Account.Provider, first.Info.Model, Array.Exists(costs, cost => cost is null) ? null : costs.Max());
        }),
    ];

    /// <summary>The last attempt begins before the deadline and may take the whole time of one.</summary>
    private TimeSpan Lease(ModelCall call) => call.Deadline - time.GetUtcNow() + timeouts.Whole + Room;

    // Whoever gave up the call does not give up its bill. What cannot be written here, the sweep writes.
    private async Task SettleAsync(ModelCall call, Reservation? held)
    {
        if (held is not null)
        {
            await EndAsync(held, budgets.SettleAsync(held, new Bill(call.Seat?.Account.Provider ?? held.Provider, call.Seat?.Info.Model ?? held.Model) { Usage = call.Usage, Cost = call.Cost }, CancellationToken.None));
        }
    }

    private async Task ReleaseAsync(Reservation? held)
    {
        if (held is not null)
        {
            await EndAsync(held, budgets.ReleaseAsync(held, CancellationToken.None));
        }
    }

    private async Task EndAsync(Reservation held, Task ending)
    {
        try
        {
            await ending;
        }
        catch (Exception e)
        {
            log.SettleFailed(held.Id, e);
        }
    }
}
