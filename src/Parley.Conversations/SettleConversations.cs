using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Conversations;

/// <summary>Settles the conversations of one tenant that were silent for 24 hours: the silent ones of the ledger, and the abandoned.</summary>
internal sealed class SettleConversations(TenantDb db, ConversationLifecycle lifecycle, TimeProvider time, ILogger<SettleConversations> log) : IJobHandler
{
    internal static readonly JobKind Kind = new("conversations.settle");

    /// <summary>Each five minutes, away from the full minute at which everything else happens.</summary>
    internal const string Cron = "20 2/5 * * * ?";

    private const int Batch = 100;

    private const string TenantsSql = "select conversations_due(@now)";

    private const string DueSql = """
        select id from conversations
         where tenant_id = @tenantId and settle_at <= @now and (status = 'closed' or owner = 'assistant')
         order by settle_at limit @batch
        """;

    /// <summary>A job for every tenant that has something to settle; no job for the others.</summary>
    internal static async Task FanOutAsync(IServiceProvider services, CancellationToken ct)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var tenant in await services.GetRequiredService<SystemDb>().QueryAsync<Guid>(TenantsSql, new { now }, ct))
        {
            await services.GetRequiredService<TenantDb>().InTransactionAsync(tenant,
                s => services.GetRequiredService<JobQueue>().EnqueueAsync(s, Kind, new { }, aggregateKey: "schedule:" + Kind.Name), ct);
        }
    }

    /// <summary>One transaction each: a conversation whose customer writes at this moment holds up no other.</summary>
    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var settled = await SettleAsync(job.TenantId, ct);
        if (settled > 0)
        {
            log.Settled(settled);
        }
    }

    internal async Task<int> SettleAsync(Guid tenantId, CancellationToken ct)
    {
        var (settled, more) = (0, true);
        while (more)
        {
            var due = await db.InTransactionAsync(tenantId, s => s.QueryAsync<Guid>(DueSql, new { tenantId, now = time.GetUtcNow(), batch = Batch }), ct);
            var before = settled;
            foreach (var id in due)
            {
                settled += await db.InTransactionAsync(tenantId, s => lifecycle.SettleAsync(s, id), ct) ? 1 : 0;
            }
            // A batch that settled none would be read again for ever.
            more = due.Count == Batch && settled > before;
        }
        return settled;
    }
}
