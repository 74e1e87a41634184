using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Assistant;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Quality.Golden;

/// <summary>
/// Asks each question of both versions through the same turn as customers get, without a conversation and without calling anybody.
/// What was asked stays: another attempt goes on with the rest. No transaction is open meanwhile.
/// </summary>
internal sealed class GoldenRunJob(TenantDb db, Playground playground, TimeProvider time, ILogger<GoldenRunJob> log) : IJobHandler
{
    internal static readonly JobKind JobKind = new("quality.golden_run");

    internal sealed record Payload(Guid RunId);

    private const string Base = "base";

    internal const string BeginSql = "update golden_runs set state = 'running' where tenant_id = @tenantId and id = @id and state in ('queued', 'running')";

    internal const string QuestionsSql = """
        select q.id, q.question, q.expected_answer, q.expected_document_id, q.expected_outcome, q.category, q.language
          from golden_questions q join golden_runs r on r.tenant_id = q.tenant_id and r.id = @id
         where q.tenant_id = @tenantId and q.archived_at is null and q.created_at <= r.created_at
           and (r.category is null or q.category = r.category) and (r.language is null or q.language = r.language) and (r.tag is null or r.tag = any(q.tags))
         order by q.id
        """;

    internal const string VerdictsSql = """
        select question_id, side, outcome, confidence, correct, rank, answer, cited, raw_confidence, draft_right from golden_results where tenant_id = @tenantId and run_id = @id
        """;

    // The run, or the question, may have been deleted meanwhile.
    internal const string RecordSql = """
        insert into golden_results (tenant_id, run_id, question_id, side, outcome, confidence, correct, rank, answer, cited, raw_confidence, draft_right)
        select @tenantId, r.id, q.id, @side, @outcome, @confidence, @correct, @rank, @answer, @cited, @rawConfidence, @draftRight
          from golden_runs r join golden_questions q on q.tenant_id = r.tenant_id and q.id = @questionId
         where r.tenant_id = @tenantId and r.id = @id
           for key share of r, q
        on conflict (tenant_id, run_id, question_id, side) do nothing
        """;

    internal const string ProgressSql = "update golden_runs set done = @done where tenant_id = @tenantId and id = @id and state = 'running'";

    internal const string EndSql = """
        update golden_runs set state = @state, summary = @summary::jsonb, error = @error, total = coalesce(@total, total), done = coalesce(@total, done), finished_at = @now
         where tenant_id = @tenantId and id = @id and state = 'running'
        """;

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var id = job.Payload<Payload>().RunId;
        try
        {
            await RunAsync(job, id, ct);
        }
        catch (Exception e) when (e is not (OperationCanceledException or LeaseLostException) && job.IsLastAttempt)
        {
            log.GoldenRunFailed(id, e);
            await db.InTransactionAsync(job.TenantId, s => EndAsync(s, id, "failed", null, "Something in Parley failed. Compare again; if it happens again, look into the server's log for this run.", null), ct);
        }
    }

    private async Task RunAsync(JobContext job, Guid id, CancellationToken ct)
    {
        var tenantId = job.TenantId;
        var (run, questions, known) = await db.InTransactionAsync(tenantId, async s => (
            await s.ExecuteAsync(BeginSql, new { tenantId, id }) == 0 ? null : await s.QuerySingleAsync<GoldenRunRow>(GoldenRuns.ByIdSql, new { tenantId, id }),
            await s.QueryAsync<GoldenExpectation>(QuestionsSql, new { tenantId, id }), await s.QueryAsync<GoldenVerdict>(VerdictsSql, new { tenantId, id })), ct);
        if (run is null)
            return;
        var verdicts = known.ToDictionary(v => (v.QuestionId, v.Side));
        for (var i = 0; i < questions.Count; i++)
        {
            if (await JudgeAsync(tenantId, run, questions[i], verdicts, ct) is { Count: > 0 } judged
                && !await RecordAsync(tenantId, id, judged, i + 1, ct))
                return;
        }
        var kept = verdicts.Values.ToList();
        await db.InTransactionAsync(tenantId, async s =>
        {
            var summary = GoldenComparison.Of(questions, kept);
            await EndAsync(s, id, "done", JsonSerializer.Serialize(summary, JsonSerializerOptions.Web), null, summary.All.Questions);
            await job.CompleteAsync(s);
        }, ct);
    }

    private async Task<List<GoldenVerdict>> JudgeAsync(Guid tenantId, GoldenRunRow run, GoldenExpectation question, Dictionary<(Guid, string), GoldenVerdict> verdicts, CancellationToken ct)
    {
        var judged = new List<GoldenVerdict>();
        foreach (var (side, version) in new[] { (Base, run.BaseVersion), ("candidate", run.CandidateVersion) })
        {
            if (verdicts.ContainsKey((question.Id, side)))
                continue;
            // What cannot be asked (the assistant was archived) cannot be compared either: that fails the run.
            var request = new AskRequest(question.Question, AssistantId: run.AssistantId);
            var answer = (await playground.AskAsync(tenantId, request, version, ct)).Value;
            var verdict = GoldenVerdict.Of(question, side, answer);
            // The confidence is the same on either side: one of them tells the calibration.
            if (side == Base)
                verdict = verdict.WithDraft(question, GoldenVerdict.NeedsDraft(question, answer) ? (await playground.AskAsync(tenantId, request with { Threshold = 0 }, version, ct)).Value : answer);
            judged.Add(verdicts[(question.Id, side)] = verdict);
        }
        return judged;
    }

    /// <summary>False: the run was deleted.</summary>
    private Task<bool> RecordAsync(Guid tenantId, Guid id, List<GoldenVerdict> judged, int done, CancellationToken ct) => db.InTransactionAsync(tenantId, async s =>
    {
        foreach (var v in judged)
            await s.ExecuteAsync(RecordSql, new { tenantId, id, questionId = v.QuestionId, v.Side, v.Outcome, v.Confidence, v.Correct, v.Rank, v.Answer, v.Cited, v.RawConfidence, v.DraftRight });
        return await s.ExecuteAsync(ProgressSql, new { tenantId, id, done }) > 0;
    }, ct);

    private Task EndAsync(TenantSession s, Guid id, string state, string? summary, string? error, int? total) =>
        s.ExecuteAsync(EndSql, new { tenantId = s.TenantId, id, state, summary, error, total, now = time.GetUtcNow() });
}
