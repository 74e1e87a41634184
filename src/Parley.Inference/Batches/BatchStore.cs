using Parley.Platform.Data;

namespace Parley.Inference.Batches;

/// <summary>Reads and moves rows of the batch lane. Whoever changes a piece of work has locked its row first, before anything of the budget.</summary>
internal static class BatchStore
{
    internal const string WaitingSql = $"select {BatchItem.Columns} from batch_items where tenant_id = @tenantId and state = 'waiting' and waits_from <= @now order by waits_from, id limit @take";

    /// <summary>All of them that nobody else has taken.</summary>
    internal const string TakeSql = """
        with b as (
          insert into batches (tenant_id, id, account_id, provider, model, created_at, next_at) values (@tenantId, @id, @accountId, @provider, @model, @now, @now) returning id)
        update batch_items i set state = 'taken', batch_id = b.id, waits_from = @now from b where i.tenant_id = @tenantId and i.id = any (@ids) and i.state = 'waiting'
        """;

    internal const string TakeAloneSql = "update batch_items set state = 'taken', attempts = attempts + 1, waits_from = @now where tenant_id = @tenantId and id = @id and state = 'waiting'";

    internal const string BatchSql = """
        select id, account_id as accountid, provider, model, state, provider_id as providerid, created_at as createdat, submit_at as submitat, running_at as runningat, cancel_at as cancelat, failures, reads
          from batches where tenant_id = @tenantId and id = @id
        """;

    internal const string OfBatchSql = $"select {BatchItem.Columns} from batch_items where tenant_id = @tenantId and batch_id = @id and state = 'taken' order by id";

    internal const string LockSql = $"select {BatchItem.Columns} from batch_items where tenant_id = @tenantId and id = @id for update";

    internal const string ContentSql = "select request, outcome from batch_contents where tenant_id = @tenantId and item_id = @id";

    internal const string KnownSql = "select provider_id from batches where tenant_id = @tenantId and id <> @id and provider_id is not null";

    internal const string HeldSql = "update batch_items set reservation_id = @reservation, attempts = attempts + 1 where tenant_id = @tenantId and id = @id";

    /// <summary>It waits anew, and holds nothing.</summary>
    internal const string WaitSql = """
        update batch_items set state = 'waiting', batch_id = null, reservation_id = null, waits_from = @from, attempts = attempts - @uncounted where tenant_id = @tenantId and id = @id
        """;

    /// <summary>What was asked is not needed any more. False: it was erased, and there is nobody to be told.</summary>
    internal const string DoneSql = """
        with item as (update batch_items set state = 'done', batch_id = null, reservation_id = null, waits_from = @now where tenant_id = @tenantId and id = @id returning id)
        update batch_contents c set request = null, outcome = @outcome from item where c.tenant_id = @tenantId and c.item_id = item.id
        """;

    internal const string DeleteSql = "delete from batch_items where tenant_id = @tenantId and id = @id";

    internal const string MoveSql = """
        update batches set state = @state, next_at = @next, failures = @failures, reads = @reads, provider_id = coalesce(@providerId, provider_id), submit_at = @submitAt, running_at = @runningAt, cancel_at = @cancelAt
         where tenant_id = @tenantId and id = @id
        """;

    internal const string DropSql = "delete from batches where tenant_id = @tenantId and id = @id";

    internal const string ClaimSql = "update batches set next_at = @until where tenant_id = @tenantId and id = @id and next_at <= @now";

    internal static Task<BatchRow?> BatchAsync(TenantSession session, Guid id) => session.QuerySingleOrDefaultAsync<BatchRow>(BatchSql, new { tenantId = session.TenantId, id });

    internal static Task<IReadOnlyList<BatchItem>> OfBatchAsync(TenantSession session, Guid id) => session.QueryAsync<BatchItem>(OfBatchSql, new { tenantId = session.TenantId, id });

    /// <summary>Null: it is gone.</summary>
    internal static Task<BatchItem?> LockAsync(TenantSession session, Guid id) => session.QuerySingleOrDefaultAsync<BatchItem>(LockSql, new { tenantId = session.TenantId, id });

    /// <summary>Null: it was erased.</summary>
    internal static Task<BatchContent?> ContentAsync(TenantSession session, Guid id) => session.QuerySingleOrDefaultAsync<BatchContent>(ContentSql, new { tenantId = session.TenantId, id });

    internal static Task MoveAsync(TenantSession session, BatchRow batch, string state, DateTimeOffset next) => session.ExecuteAsync(MoveSql, new
    {
        tenantId = session.TenantId, batch.Id, state, next, batch.Failures, batch.Reads, batch.ProviderId, batch.SubmitAt, batch.RunningAt, batch.CancelAt,
    });

    internal static Task DeleteAsync(TenantSession session, Guid id) => session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, id });
}

/// <summary>Texts of a piece of work.</summary>
internal sealed record BatchContent
{
    public string? Request { get; init; }

    public string? Outcome { get; init; }
}
