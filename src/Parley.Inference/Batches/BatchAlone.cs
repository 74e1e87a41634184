using Microsoft.Extensions.AI;
using Parley.Inference.Accounts;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Inference.Batches;

/// <summary>Asks for one piece of work by itself, through the whole stack and at the normal price, where its model takes no files. Behind everything that somebody waits for.</summary>
internal sealed class BatchAlone(TenantDb db, ModelAccounts accounts, ModelPipeline pipeline, BatchMoney money, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("inference.batch_alone", MaxAttempts: 3);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10), UntilChosen = TimeSpan.FromHours(1), Minute = TimeSpan.FromMinutes(1);

    /// <param name="ItemId">The piece of work.</param>
    internal sealed record Payload(Guid ItemId);

    public Task HandleAsync(JobContext job, CancellationToken ct) => AskAsync(job.TenantId, job.Payload<Payload>().ItemId, ct);

    internal async Task AskAsync(Guid tenantId, Guid id, CancellationToken ct)
    {
        var (item, content) = await db.InTransactionAsync(tenantId, async s => (await BatchStore.LockAsync(s, id), await BatchStore.ContentAsync(s, id)), ct);
        if (item is not { State: "taken", BatchId: null })
        {
            return;
        }
        if (content is not { Request: { } json })
        {
            await db.InTransactionAsync(tenantId, s => BatchStore.DeleteAsync(s, id), ct);
            return;
        }
        var (request, seats) = (StoredRequest.Read(json), (await accounts.SetupAsync(tenantId, ct)).For(item.Feature));
        if (seats.Count == 0)
        {
            await EndAsync(tenantId, id, (s, mine) => UnaskedAsync(s, mine, "no_model", time.GetUtcNow() + UntilChosen), ct);
            return;
        }
        var call = new ModelCall { Who = item.Who(tenantId), Seats = seats, Wanted = seats.Min(seat => seat.Tier), Deadline = time.GetUtcNow() + Patience };
        try
        {
            var response = await pipeline.Chat.GetResponseAsync(request.Messages, call.In(request.Options), ct);
            await EndAsync(tenantId, id, (s, mine) => money.DoneAsync(s, mine, BatchMoney.Outcome(mine, call.Seat!) with { Text = response.Text, Usage = call.Usage, Cost = call.Cost }), ct);
        }
        catch (BudgetRefusedException e)
        {
            var soon = e.Reason is TenantLimits.Requests or TenantLimits.Tokens;
            await EndAsync(tenantId, id, (s, mine) => UnaskedAsync(s, mine, "budget", soon ? time.GetUtcNow() + Minute : BatchRules.Tomorrow(time.GetUtcNow())), ct);
        }
        catch (ModelException e)
        {
            await EndAsync(tenantId, id, (s, mine) => money.NextAsync(s, mine, BatchRules.After(mine.Attempts, e.IsRetryable), e.Fault.ToString(), time.GetUtcNow()), ct);
        }
    }

    private Task UnaskedAsync(TenantSession session, BatchItem item, string fault, DateTimeOffset from) =>
        money.NextAsync(session, item, BatchRules.Unasked(time.GetUtcNow() - item.CreatedAt), fault, from);

    private Task EndAsync(Guid tenantId, Guid id, Func<TenantSession, BatchItem, Task> end, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        if (await BatchStore.LockAsync(session, id) is { State: "taken", BatchId: null } mine)
        {
            await end(session, mine);
        }
    }, ct);
}
