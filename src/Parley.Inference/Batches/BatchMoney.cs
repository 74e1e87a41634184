using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Inference.Batches;

/// <summary>
/// Money and end of single pieces of work. Each is one transaction that locks the piece's row, so that it is held once, booked once and handed over once, however often
/// and on however many nodes the batch is worked on.
/// </summary>
internal sealed class BatchMoney(TenantDb db, Budgets budgets, JobQueue jobs, TimeProvider time)
{
    /// <summary>Whoever holds it is no node: it survives them.</summary>
    internal const string Holder = "batch";

    private const string Lost = "lost";

    /// <summary>Holds the worst case of a piece at the lane's price. False: it is not in this file any more.</summary>
    internal Task<bool> HoldAsync(Guid tenantId, BatchItem item, ModelSeat seat, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        if (await LockAsync(session, item) is not { } mine)
        {
            return false;
        }
        if (mine.ReservationId is not null)
        {
            return true;
        }
        if (await BatchStore.ContentAsync(session, mine.Id) is not { Request: { } json })
        {
            await BatchStore.DeleteAsync(session, mine.Id);
            return false;
        }
        var request = StoredRequest.Read(json);
        var amount = WorstCase.Cost(seat.Info.Prices?.Batched(), WorstCase.InputTokens(request.Messages, request.Options), request.Options.MaxOutputTokens!.Value);
        var reserved = await budgets.ReserveAsync(session, mine.Who(tenantId), [new Offer(seat.Tier, seat.Account.Provider, seat.Info.Model, amount) { AccountId = seat.Account.Id }], extractive: false, BatchRules.Lease, Holder);
        // Work that may wait passes no limit, not even one that answers may pass.
        if (reserved.Reservation is { } held && reserved.Step.Reason == Ladder.Within)
        {
            await session.ExecuteAsync(BatchStore.HeldSql, new { tenantId, mine.Id, reservation = held.Id });
            return true;
        }
        if (reserved.Reservation is { } free)
        {
            await budgets.ReleaseAsync(session, free, null);
        }
        await RefusedAsync(session, mine, reserved.Step);
        return false;
    }, ct);

    /// <summary>Ends a piece that the provider has answered, exactly as it was billed. Nothing happens where it has ended already.</summary>
    internal Task AnsweredAsync(Guid tenantId, BatchItem item, ModelSeat seat, BatchAnswer answer, CancellationToken ct) => EndAsync(tenantId, item, async (session, mine, held) =>
    {
        var bill = Bill.OfBatch(seat, answer.Usage);
        var decision = Decision(mine, held, seat, answer.Fault is null ? "answered" : "failed", answer.Fault?.Fault.ToString() ?? "batch") with { Usage = answer.Usage, Cost = bill.Cost };
        await budgets.SettleAsync(session, held, bill with { Decisions = Rows(mine, held, decision) });
        if (answer.Text is { } text)
        {
            await DoneAsync(session, mine, Outcome(mine, seat) with { Text = text, Usage = answer.Usage, Cost = bill.Cost is { } cost ? WorstCase.Round(cost) : null });
            return;
        }
        await NextAsync(session, mine, BatchRules.After(mine.Attempts, answer.Fault!.IsRetryable), answer.Fault.Fault.ToString(), time.GetUtcNow());
    }, ct);

    /// <summary>Ends a piece that was not billed: its money is free again.</summary>
    internal Task UnbilledAsync(Guid tenantId, BatchItem item, ModelSeat? seat, BatchNext next, string fault, DateTimeOffset from, CancellationToken ct) => EndAsync(tenantId, item, async (session, mine, held) =>
    {
        await budgets.ReleaseAsync(session, held, Rows(mine, held, Decision(mine, held, seat, "failed", fault)));
        await NextAsync(session, mine, next, fault, from);
    }, ct);

    /// <summary>Ends a piece of which nobody knows how it ended: what was held for it counts.</summary>
    internal Task LostAsync(Guid tenantId, BatchItem item, ModelSeat? seat, CancellationToken ct) => EndAsync(tenantId, item, async (session, mine, held) =>
    {
        await budgets.SettleAsync(session, held, new Bill(held.Provider, held.Model) { Batch = true, Decisions = Rows(mine, held, Decision(mine, held, seat, "failed", Lost)) });
        await NextAsync(session, mine, BatchRules.After(mine.Attempts, mayHelp: true), Lost, time.GetUtcNow());
    }, ct);

    /// <summary>A piece that nobody could be asked: later, or never.</summary>
    internal Task UnaskedAsync(Guid tenantId, BatchItem item, string fault, DateTimeOffset from, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        if (await BatchStore.LockAsync(session, item.Id) is { } mine && mine.State == item.State && mine.ReservationId is null)
        {
            await NextAsync(session, mine, BatchRules.Unasked(time.GetUtcNow() - mine.CreatedAt), fault, from, counted: false);
        }
    }, ct);

    /// <summary>What becomes of it, in a transaction that has locked it.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="item">Locked.</param>
    /// <param name="next">Decided by the rules.</param>
    /// <param name="fault">Why.</param>
    /// <param name="from">When it may be tried again.</param>
    /// <param name="counted">Whether the try that is not to count has been counted.</param>
    internal async Task NextAsync(TenantSession session, BatchItem item, BatchNext next, string fault, DateTimeOffset from, bool counted = true)
    {
        if (next == BatchNext.Fail)
        {
            await DoneAsync(session, item, new BatchOutcome { Id = item.Id, SubjectId = item.SubjectId, Fault = fault });
        }
        else
        {
            await session.ExecuteAsync(BatchStore.WaitSql, new { tenantId = session.TenantId, item.Id, from, uncounted = next == BatchNext.Later && counted ? 1 : 0 });
        }
    }

    /// <summary>Its handler is told; where the texts were erased, nobody is.</summary>
    internal async Task DoneAsync(TenantSession session, BatchItem item, BatchOutcome outcome)
    {
        var stored = await session.ExecuteAsync(BatchStore.DoneSql, new { tenantId = session.TenantId, item.Id, now = time.GetUtcNow(), outcome = BatchDelivery.Write(outcome) });
        if (stored == 0)
        {
            await BatchStore.DeleteAsync(session, item.Id);
            return;
        }
        await jobs.EnqueueAsync(session, BatchDelivery.Kind, new BatchDelivery.Payload(item.Id));
    }

    internal static BatchOutcome Outcome(BatchItem item, ModelSeat seat) =>
        new() { Id = item.Id, SubjectId = item.SubjectId, Provider = seat.Account.Provider, Model = seat.Info.Model, Batched = item.BatchId is not null };

    private async Task RefusedAsync(TenantSession session, BatchItem item, LadderStep step)
    {
        // A conversation's budget never comes back; a day's does.
        var hopeless = step.Blocking is { Kind: BudgetScope.Conversation };
        await NextAsync(session, item, hopeless ? BatchNext.Fail : BatchRules.Unasked(time.GetUtcNow() - item.CreatedAt), "budget", BatchRules.Tomorrow(time.GetUtcNow()), counted: false);
    }

    private Task EndAsync(Guid tenantId, BatchItem item, Func<TenantSession, BatchItem, Reservation, Task> end, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        if (await LockAsync(session, item) is not { ReservationId: { } id } mine)
        {
            return;
        }
        // A sweep has ended it after its lease: the amount is booked, the rest of the end is still to come.
        var held = (await session.QuerySingleOrDefaultAsync<HeldRow>(Budgets.ReservationSql, new { tenantId, id }))?.Reservation(tenantId)
            ?? new Reservation(id, mine.Who(tenantId), mine.CreatedAt, "", "", 0);
        await end(session, mine, held);
    }, ct);

    /// <summary>Null: it has ended, or is in another file by now.</summary>
    private static async Task<BatchItem?> LockAsync(TenantSession session, BatchItem item) =>
        await BatchStore.LockAsync(session, item.Id) is { State: "taken" } mine && mine.BatchId == item.BatchId ? mine : null;

    private static ModelDecision Decision(BatchItem item, Reservation held, ModelSeat? seat, string step, string reason) => new()
    {
        Step = step, Reason = reason, Tier = seat?.Tier ?? held.Tier, Provider = seat?.Account.Provider ?? held.Provider, Model = seat?.Info.Model ?? held.Model, AccountId = seat?.Account.Id ?? held.AccountId,
    };

    /// <summary>One for each try.</summary>
    private static DecisionRows Rows(BatchItem item, Reservation held, ModelDecision decision) => new(item.Id, held.At, held.Who, item.Attempts, [decision]);
}
