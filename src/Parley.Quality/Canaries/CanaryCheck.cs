using Parley.Assistant;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Quality.Canaries;

/// <summary>Asks every canary of a tenant what a customer would ask, through the same turn. No transaction is open meanwhile.</summary>
internal sealed class CanaryCheck(TenantDb db, Playground playground, TimeProvider time) : IJobHandler
{
    internal const string AllSql = """
        select c.source_id, c.question, s.source_id is not null as source_exists from canaries c
          left join v_sources s on s.tenant_id = c.tenant_id and s.source_id = c.source_id
         where c.tenant_id = @tenantId order by c.source_id
        """;

    // Nobody changed the question meanwhile.
    internal const string RecordSql = """
        update canaries set state = @state, confidence = @confidence, checked_at = @now,
               failing_since = case when @state in ('unanswered', 'leaking') then coalesce(failing_since, @now) end
         where tenant_id = @tenantId and source_id = @sourceId and question = @question
        """;

    private sealed record Row
    {
        public Guid SourceId { get; init; }
        public string Question { get; init; } = "";
        public bool SourceExists { get; init; }
    }

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var tenantId = job.TenantId;
        foreach (var canary in await db.InTransactionAsync(tenantId, s => s.QueryAsync<Row>(AllSql, new { tenantId }), ct))
        {
            var answer = (await playground.AskAsync(tenantId, new AskRequest(canary.Question, Escalation: false), ct)).Value;
            var cited = answer.Citations.Any(c => c.SourceId == canary.SourceId);
            var state = canary.SourceExists ? cited ? "answered" : "unanswered" : cited ? "leaking" : "gone";
            await db.InTransactionAsync(tenantId, s => s.ExecuteAsync(RecordSql, new
            {
                tenantId, sourceId = canary.SourceId, canary.Question, state, confidence = (float?)answer.Confidence, now = time.GetUtcNow(),
            }), ct);
        }
    }
}
