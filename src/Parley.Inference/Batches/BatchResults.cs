using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;

namespace Parley.Inference.Batches;

/// <summary>Books the results of a batch that has ended, line by line; what was booked before stays so, whoever reads them again.</summary>
internal sealed class BatchResults(BatchMoney money, TimeProvider time, ILogger log)
{
    /// <summary>How often they were read without being whole, and after how long they are to be read again; null: all of them are booked.</summary>
    internal async Task<(int Reads, TimeSpan? Again)> ReadAsync(BatchRun.Work work, BatchStanding standing, CancellationToken ct)
    {
        var open = work.Items.ToDictionary(item => item.Id);
        var (unreadable, foreign) = (0, 0);
        ModelException? broken = null;
        try
        {
            await foreach (var line in work.Client!.ResultsAsync(standing, ct))
            {
                if (line.Kind == BatchLineKind.Unreadable)
                {
                    unreadable++;
                }
                else if (line.ItemId is { } id && open.Remove(id, out var item))
                {
                    await BookAsync(work, item, line, ct);
                }
                else
                {
                    foreign++; // twice, booked already, or nobody's
                }
            }
        }
        catch (ModelException e)
        {
            broken = e;
        }
        if (unreadable + foreign > 0)
        {
            log.BatchLinesIgnored(work.Row.Id, unreadable, foreign);
        }
        if (open.Count == 0)
        {
            return (work.Row.Reads, null);
        }
        if (broken is not null)
        {
            // They are kept for weeks; the batch's own bound ends this.
            return (work.Row.Reads, BatchRules.AfterFailure(work.Row.Reads + 1, broken.RetryAfter));
        }
        return await RestAsync(work, [.. open.Values], doubtful: standing.AllAnswered || unreadable > 0, ct);
    }

    private async Task<(int Reads, TimeSpan? Again)> RestAsync(BatchRun.Work work, IReadOnlyList<BatchItem> rest, bool doubtful, CancellationToken ct)
    {
        var reads = work.Row.Reads + 1;
        if (doubtful && reads < BatchRules.MostReads)
        {
            return (reads, BatchRules.AfterFailure(reads, null));
        }
        foreach (var item in rest)
        {
            await (doubtful ? money.LostAsync(work.TenantId, item, work.Seat, ct) : ExpiredAsync(work, item, ct));
        }
        return (reads, null);
    }

    private async Task BookAsync(BatchRun.Work work, BatchItem item, BatchLine line, CancellationToken ct)
    {
        switch (line.Kind)
        {
            case BatchLineKind.Expired:
                await ExpiredAsync(work, item, ct);
                break;
            case BatchLineKind.Errored:
                var fault = (await work.Client!.ReadAsync(line, ct)).Fault!;
                await money.UnbilledAsync(work.TenantId, item, work.Seat, BatchRules.After(item.Attempts, fault.IsRetryable), fault.Fault.ToString(), time.GetUtcNow(), ct);
                break;
            default:
                await money.AnsweredAsync(work.TenantId, item, work.Seat!, await work.Client!.ReadAsync(line, ct), ct);
                break;
        }
    }

    private Task ExpiredAsync(BatchRun.Work work, BatchItem item, CancellationToken ct) =>
        money.UnbilledAsync(work.TenantId, item, work.Seat, BatchRules.After(item.Attempts, mayHelp: true), "expired", time.GetUtcNow(), ct);
}
