using Microsoft.Extensions.Logging;
using Parley.Inference.Accounts;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Inference.Providers.Batches;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Inference.Batches;

/// <summary>
/// Moves one batch: money is held for each request, the file is sent once, looked at until it has ended, each request is booked by itself, and what the provider keeps
/// is deleted. Every step is stored before the next begins, so that any node goes on where another was killed.
/// </summary>
/// <remarks>
/// Sent once: the moment of sending is stored before it. Who finds it stored without the provider's name looks for the batch there first, and sends again only where it is not.
/// </remarks>
internal sealed class BatchRun(TenantDb db, ModelAccounts accounts, ModelProviders providers, ModelTimeouts timeouts, BatchMoney money, TimeProvider time, ILogger<BatchRun> log) : IJobHandler
{
    internal static readonly JobKind Kind = new("inference.batch");

    /// <summary>What was sent and not answered may still arrive.</summary>
    private static readonly TimeSpan Arrival = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Unclear = TimeSpan.FromMinutes(10), Access = TimeSpan.FromHours(1);

    /// <param name="BatchId">Which.</param>
    internal sealed record Payload(Guid BatchId);

    public Task HandleAsync(JobContext job, CancellationToken ct) => RunAsync(job.TenantId, job.Payload<Payload>().BatchId, ct);

    /// <summary>As far as it goes now.</summary>
    internal async Task RunAsync(Guid tenantId, Guid id, CancellationToken ct)
    {
        while (await StepAsync(tenantId, id, ct))
        {
        }
    }

    private async Task<bool> StepAsync(Guid tenantId, Guid id, CancellationToken ct)
    {
        if (await db.InTransactionAsync(tenantId, s => BatchStore.BatchAsync(s, id), ct) is not { } row)
        {
            return false;
        }
        var items = await db.InTransactionAsync(tenantId, s => BatchStore.OfBatchAsync(s, id), ct);
        var seat = await accounts.SeatAsync(tenantId, row.AccountId, new ModelInfo { Provider = row.Provider, Model = row.Model, Kind = ModelKind.Chat }, ct);
        var client = seat is null ? null : Client(seat);
        var work = new Work(tenantId, row, items, seat, client);
        if (client is null)
        {
            return await WithoutAccountAsync(work, ct);
        }
        return row.State switch
        {
            "reserving" => await ReserveAsync(work, ct),
            "submitting" => await SubmitAsync(work, ct),
            "running" => await LookAsync(work, ct),
            _ => await ClearAsync(work, ct),
        };
    }

    /// <summary>Also of a model that is said to have no lane any more: a batch that is under way is ended.</summary>
    private CheckedBatches? Client(ModelSeat seat)
    {
        try
        {
            return providers.Batches(seat.Account, seat.Info.Model, seat.Info.Capabilities with { Batch = true }, timeouts);
        }
        catch (ModelException)
        {
            return null; // without a key, for example; the account may get one
        }
    }

    /// <summary>The account is gone or switched off: what was not sent waits, what was sent waits for the account, as long as it makes sense.</summary>
    private async Task<bool> WithoutAccountAsync(Work work, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (work.Row.SubmitAt is { } sent && work.Row.State != "ended" && now - sent < BatchRules.Bound)
        {
            return await MoveAsync(work, work.Row, work.Row.State, now + Access, ct);
        }
        foreach (var item in work.Items)
        {
            await (work.Row.SubmitAt is null ? UnsentAsync(work, item, "no_model", now + Access, ct) : money.LostAsync(work.TenantId, item, work.Seat, ct));
        }
        return await DropAsync(work, ct);
    }

    private async Task<bool> ReserveAsync(Work work, CancellationToken ct)
    {
        var held = 0;
        foreach (var item in work.Items)
        {
            held += await money.HoldAsync(work.TenantId, item, work.Seat!, ct) ? 1 : 0;
        }
        return held == 0 ? await DropAsync(work, ct) : await MoveAsync(work, work.Row, "submitting", time.GetUtcNow(), ct) || true;
    }

    private async Task<bool> SubmitAsync(Work work, CancellationToken ct)
    {
        if (work.Row.SubmitAt is { } sent)
        {
            return await FindAsync(work, sent, ct);
        }
        var requests = await WriteAsync(work, ct);
        if (requests.Count == 0)
        {
            return await DropAsync(work, ct);
        }
        var row = work.Row with { SubmitAt = time.GetUtcNow() };
        await MoveAsync(work, row, "submitting", time.GetUtcNow() + Arrival, ct);
        try
        {
            var id = await work.Client!.SubmitAsync(row.Id, requests, ct);
            return await MoveAsync(work, row with { ProviderId = id, RunningAt = time.GetUtcNow(), Failures = 0 }, "running", time.GetUtcNow() + BatchRules.Look(TimeSpan.Zero), ct);
        }
        catch (ModelException e) when (BatchRules.NotTaken(e))
        {
            return await NotTakenAsync(work, row with { SubmitAt = null }, e, ct);
        }
        catch (ModelException e)
        {
            log.BatchCallFailed(row.Id, e.Fault.ToString());
            var failures = row.Failures + 1;
            var wait = BatchRules.AfterFailure(failures, e.RetryAfter);
            return await MoveAsync(work, row with { Failures = failures }, "submitting", time.GetUtcNow() + (wait > Arrival ? wait : Arrival), ct);
        }
    }

    /// <summary>It was sent, and whether it arrived is not known.</summary>
    private async Task<bool> FindAsync(Work work, DateTimeOffset sent, CancellationToken ct)
    {
        var (row, now) = (work.Row, time.GetUtcNow());
        if (now - sent >= BatchRules.Bound)
        {
            return await AllLostAsync(work, ct) && await DropAsync(work, ct);
        }
        if (now - sent < Arrival)
        {
            return await MoveAsync(work, row, "submitting", sent + Arrival, ct);
        }
        try
        {
            var known = await db.InTransactionAsync(work.TenantId, s => s.QueryAsync<string>(BatchStore.KnownSql, new { tenantId = work.TenantId, row.Id }), ct);
            var found = await work.Client!.FindAsync(row.Id, work.Items.Select(item => item.Id).ToHashSet(), sent, known.ToHashSet(StringComparer.Ordinal), ct);
            return found.Id is { } id ? await MoveAsync(work, row with { ProviderId = id, RunningAt = now, Failures = 0 }, "running", now, ct) || true
                : found.Unclear ? await MoveAsync(work, row, "submitting", now + Unclear, ct)
                : await MoveAsync(work, row with { SubmitAt = null }, "submitting", now, ct) || true;
        }
        catch (ModelException e)
        {
            return await FailedAsync(work, row, "submitting", e, ct);
        }
    }

    /// <summary>What cannot be asked in this way is ended; what was erased is left out.</summary>
    private async Task<List<(Guid Id, string Body)>> WriteAsync(Work work, CancellationToken ct)
    {
        var requests = new List<(Guid, string)>();
        foreach (var item in work.Items)
        {
            var content = await db.InTransactionAsync(work.TenantId, s => BatchStore.ContentAsync(s, item.Id), ct);
            if (content is not { Request: { } json })
            {
                await money.UnbilledAsync(work.TenantId, item, work.Seat, BatchNext.Fail, "erased", time.GetUtcNow(), ct);
                continue;
            }
            try
            {
                var request = StoredRequest.Read(json);
                requests.Add((item.Id, await work.Client!.WriteAsync(Pipeline.PromptLayout.Lay(request.Messages), request.Options, ct)));
            }
            catch (ModelException e)
            {
                await money.UnbilledAsync(work.TenantId, item, work.Seat, BatchNext.Fail, e.Fault.ToString(), time.GetUtcNow(), ct);
            }
        }
        return requests;
    }

    private async Task<bool> NotTakenAsync(Work work, BatchRow row, ModelException e, CancellationToken ct)
    {
        log.BatchCallFailed(row.Id, e.Fault.ToString());
        var now = time.GetUtcNow();
        if (e.Fault == ModelFault.RateLimited && now - row.CreatedAt < BatchRules.Patience)
        {
            return await MoveAsync(work, row with { Failures = row.Failures + 1 }, "submitting", now + BatchRules.AfterFailure(row.Failures + 1, e.RetryAfter), ct);
        }
        await MoveAsync(work, row, "submitting", now, ct);
        foreach (var item in work.Items)
        {
            // A key or a name can be mended; a request cannot.
            await (e.Fault is ModelFault.Invalid or ModelFault.TooLarge
                ? money.UnbilledAsync(work.TenantId, item, work.Seat, BatchNext.Fail, e.Fault.ToString(), now, ct)
                : UnsentAsync(work, item, e.Fault.ToString(), now + Access, ct));
        }
        return await DropAsync(work, ct);
    }

    private async Task<bool> LookAsync(Work work, CancellationToken ct)
    {
        var (row, now) = (work.Row, time.GetUtcNow());
        var age = now - row.RunningAt!.Value;
        if (age >= BatchRules.Bound)
        {
            await AllLostAsync(work, ct);
            return await MoveAsync(work, row with { Failures = 0 }, "ended", now, ct) || true;
        }
        try
        {
            var standing = await work.Client!.LookAsync(row.ProviderId!, ct);
            if (standing.Ended)
            {
                return await new BatchResults(money, time, log).ReadAsync(work, standing, ct) is var (reads, wait) && wait is { } again
                    ? await MoveAsync(work, row with { Reads = reads, Failures = 0 }, "running", now + again, ct)
                    : await MoveAsync(work, row with { Failures = 0 }, "ended", now, ct) || true;
            }
            if (age >= BatchRules.Window && row.CancelAt is null)
            {
                await work.Client.CancelAsync(row.ProviderId!, ct);
                row = row with { CancelAt = now };
            }
            return await MoveAsync(work, row with { Failures = 0 }, "running", now + BatchRules.Look(age), ct);
        }
        catch (ModelException e) when (e.Status == 404 && row.Failures + 1 >= BatchRules.MostFailures)
        {
            return await AllLostAsync(work, ct) && await DropAsync(work, ct);
        }
        catch (ModelException e)
        {
            return await FailedAsync(work, row, "running", e, ct);
        }
    }

    private async Task<bool> ClearAsync(Work work, CancellationToken ct)
    {
        try
        {
            await work.Client!.ClearAsync(await work.Client.LookAsync(work.Row.ProviderId!, ct), ct);
        }
        catch (ModelException e) when (e.Status != 404)
        {
            if (work.Row.Failures + 1 < BatchRules.MostFailures)
            {
                return await FailedAsync(work, work.Row, "ended", e, ct);
            }
            log.BatchKept(work.Row.Id, e.Fault.ToString());
        }
        catch (ModelException)
        {
            // Nothing of it is left there.
        }
        return await DropAsync(work, ct);
    }

    private async Task<bool> AllLostAsync(Work work, CancellationToken ct)
    {
        log.BatchLost(work.Row.Id, work.Items.Count);
        foreach (var item in work.Items)
        {
            await money.LostAsync(work.TenantId, item, work.Seat, ct);
        }
        return true;
    }

    /// <summary>It was not sent: what was held is free.</summary>
    private Task UnsentAsync(Work work, BatchItem item, string fault, DateTimeOffset from, CancellationToken ct) => item.ReservationId is null
        ? money.UnaskedAsync(work.TenantId, item, fault, from, ct)
        : money.UnbilledAsync(work.TenantId, item, work.Seat, BatchRules.Unasked(time.GetUtcNow() - item.CreatedAt), fault, from, ct);

    private Task<bool> FailedAsync(Work work, BatchRow row, string state, ModelException e, CancellationToken ct)
    {
        log.BatchCallFailed(row.Id, e.Fault.ToString());
        return MoveAsync(work, row with { Failures = row.Failures + 1 }, state, time.GetUtcNow() + BatchRules.AfterFailure(row.Failures + 1, e.RetryAfter), ct);
    }

    /// <summary>False, always: that is all for now.</summary>
    private async Task<bool> MoveAsync(Work work, BatchRow row, string state, DateTimeOffset next, CancellationToken ct)
    {
        await db.InTransactionAsync(work.TenantId, s => BatchStore.MoveAsync(s, row, state, next), ct);
        return false;
    }

    private async Task<bool> DropAsync(Work work, CancellationToken ct)
    {
        await db.InTransactionAsync(work.TenantId, s => s.ExecuteAsync(BatchStore.DropSql, new { tenantId = work.TenantId, work.Row.Id }), ct);
        return false;
    }

    /// <summary>One step's view.</summary>
    internal sealed record Work(Guid TenantId, BatchRow Row, IReadOnlyList<BatchItem> Items, ModelSeat? Seat, CheckedBatches? Client);
}
