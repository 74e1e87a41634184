using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Conversations.Search;

/// <summary>Makes the words of messages that have none: written by an earlier Parley, or changed since. Messages that are written now bring theirs.</summary>
internal sealed class FillTerms(TenantDb db, ILogger<FillTerms> log) : IJobHandler
{
    internal static readonly JobKind Kind = new("conversations.terms");

    internal const string Cron = "50 3/5 * * * ?";

    private const int Batch = 500;

    private const string TenantsSql = "select tenants_without_terms()";

    private const string MissingSql = """
        select m.id, (select string_agg(p.content ->> 'text', E'\n' order by p.ordinal) from message_parts p
                       where p.tenant_id = m.tenant_id and p.message_id = m.id and p.type in ('text', 'transcript')) as text
          from messages m where m.tenant_id = @tenantId and m.terms is null
         order by m.id limit @batch for update of m skip locked
        """;

    private const string FillSql = """
        update messages m set terms = array_to_tsvector(string_to_array(f.terms, ' '))
          from unnest(@ids::uuid[], @terms::text[]) f (id, terms) where m.tenant_id = @tenantId and m.id = f.id
        """;

    internal static async Task FanOutAsync(IServiceProvider services, CancellationToken ct)
    {
        foreach (var tenant in await services.GetRequiredService<SystemDb>().QueryAsync<Guid>(TenantsSql, null, ct))
        {
            await services.GetRequiredService<TenantDb>().InTransactionAsync(tenant,
                s => services.GetRequiredService<JobQueue>().EnqueueAsync(s, Kind, new { }, aggregateKey: "schedule:" + Kind.Name), ct);
        }
    }

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var filled = await FillAsync(job.TenantId, ct);
        if (filled > 0)
        {
            log.TermsFilled(filled);
        }
    }

    internal async Task<int> FillAsync(Guid tenantId, CancellationToken ct)
    {
        var (all, last) = (0, Batch);
        while (last == Batch)
        {
            last = await db.InTransactionAsync(tenantId, s => FillBatchAsync(s, tenantId), ct);
            all += last;
        }
        return all;
    }

    private static async Task<int> FillBatchAsync(TenantSession s, Guid tenantId)
    {
        var rows = await s.QueryAsync<Row>(MissingSql, new { tenantId, batch = Batch });
        // A term holds no space: one text for each message, where PostgreSQL has no arrays of arrays of different lengths.
        return rows.Count == 0 ? 0 : await s.ExecuteAsync(FillSql, new
        {
            tenantId, ids = rows.Select(r => r.Id).ToArray(), terms = rows.Select(r => string.Join(' ', SearchTerms.Of(tenantId, [r.Text]))).ToArray(),
        });
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string? Text { get; init; }
    }
}
