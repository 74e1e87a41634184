using Parley.Inference.Accounts;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Inference.Batches;

/// <summary>Puts a tenant's waiting work into files, one for each account and model; what a model does not take so is asked by itself.</summary>
internal sealed class BatchCollect(TenantDb db, ModelAccounts accounts, BatchMoney money, JobQueue jobs, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("inference.batch_collect");

    private const int AtOnce = 1000;

    private static readonly TimeSpan UntilChosen = TimeSpan.FromHours(1);

    public Task HandleAsync(JobContext job, CancellationToken ct) => CollectAsync(job.TenantId, ct);

    internal async Task CollectAsync(Guid tenantId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var waiting = await db.InTransactionAsync(tenantId, s => s.QueryAsync<BatchItem>(BatchStore.WaitingSql, new { tenantId, now, take = AtOnce }), ct);
        var setup = await accounts.SetupAsync(tenantId, ct);
        foreach (var group in waiting.GroupBy(item => setup.For(item.Feature).OrderBy(seat => seat.Tier).FirstOrDefault() is { } seat ? (seat.Account, seat.Info.Model, seat) : (default, default, default(ModelSeat))))
        {
            if (group.Key.Item3 is not { } seat)
            {
                foreach (var item in group)
                {
                    await money.UnaskedAsync(tenantId, item, "no_model", now + UntilChosen, ct);
                }
            }
            else if (ModelProviders.HasBatches(seat.Account.Provider, seat.Info.Capabilities))
            {
                await FilesAsync(tenantId, [.. group], seat, now, ct);
            }
            else
            {
                await AloneAsync(tenantId, [.. group], now, ct);
            }
        }
    }

    /// <summary>Those that have waited long enough take all others with them.</summary>
    private async Task FilesAsync(Guid tenantId, IReadOnlyList<BatchItem> items, ModelSeat seat, DateTimeOffset now, CancellationToken ct)
    {
        if (items.Count < BatchRules.MostItems && items.Min(item => item.WaitsFrom) > now - BatchRules.Company)
        {
            return;
        }
        foreach (var file in items.Chunk(BatchRules.MostItems))
        {
            await db.InTransactionAsync(tenantId, s => s.ExecuteAsync(BatchStore.TakeSql, new
            {
                tenantId, id = Ids.New(time), accountId = seat.Account.Id, provider = seat.Account.Provider, model = seat.Info.Model, now, ids = file.Select(item => item.Id).ToArray(),
            }), ct);
        }
    }

    private async Task AloneAsync(Guid tenantId, IReadOnlyList<BatchItem> items, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var item in items)
        {
            await db.InTransactionAsync(tenantId, async session =>
            {
                if (item.Attempts >= BatchRules.Tries)
                {
                    if (await BatchStore.LockAsync(session, item.Id) is { State: "waiting" } mine)
                    {
                        await money.NextAsync(session, mine, BatchNext.Fail, "lost", now);
                    }
                }
                else if (await session.ExecuteAsync(BatchStore.TakeAloneSql, new { tenantId, item.Id, now }) == 1)
                {
                    await jobs.EnqueueAsync(session, BatchAlone.Kind, new BatchAlone.Payload(item.Id));
                }
            }, ct);
        }
    }
}
