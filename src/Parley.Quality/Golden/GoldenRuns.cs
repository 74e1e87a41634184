using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Assistant;
using Parley.Assistant.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Jobs;

namespace Parley.Quality.Golden;

/// <summary>A comparison of two versions of an assistant's configuration.</summary>
internal sealed record GoldenRunView
{
    public Guid Id { get; init; }
    public Guid AssistantId { get; init; }

    /// <summary>0: as shipped.</summary>
    public int BaseVersion { get; init; }

    public int CandidateVersion { get; init; }

    /// <summary>queued, running, done or failed.</summary>
    public string State { get; init; } = "";

    public string? Category { get; init; }
    public string? Language { get; init; }
    public string? Tag { get; init; }

    /// <summary>Questions.</summary>
    public int Total { get; init; }

    /// <summary>Questions asked of both sides.</summary>
    public int Done { get; init; }

    public string? Error { get; init; }
    public GoldenSummary? Summary { get; init; }

    /// <summary>It compared with the version that is in force now: its candidate may be published.</summary>
    public bool IsCurrent { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>A row of <c>golden_runs</c>.</summary>
internal sealed record GoldenRunRow
{
    public Guid Id { get; init; }
    public Guid AssistantId { get; init; }
    public int BaseVersion { get; init; }
    public int CandidateVersion { get; init; }
    public int PublishedVersion { get; init; }
    public string State { get; init; } = "";
    public string? Category { get; init; }
    public string? Language { get; init; }
    public string? Tag { get; init; }
    public int Total { get; init; }
    public int Done { get; init; }
    public string? Error { get; init; }
    public string? Summary { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    internal GoldenRunView View() => new()
    {
        Id = Id, AssistantId = AssistantId, BaseVersion = BaseVersion, CandidateVersion = CandidateVersion, State = State, Category = Category, Language = Language, Tag = Tag,
        Total = Total, Done = Done, Error = Error, Summary = Summary is null ? null : JsonSerializer.Deserialize<GoldenSummary>(Summary, JsonSerializerOptions.Web),
        IsCurrent = BaseVersion == PublishedVersion, CreatedAt = CreatedAt, FinishedAt = FinishedAt,
    };
}

/// <param name="AssistantId">Null: the default one.</param>
/// <param name="BaseVersion">Null: the one in force; 0: as shipped.</param>
/// <param name="CandidateVersion">A saved version; or</param>
/// <param name="Candidate">a profile, which is saved as a version.</param>
/// <param name="Category">Only these questions.</param>
/// <param name="Language">Only these questions.</param>
/// <param name="Tag">Only these questions.</param>
internal sealed record StartGoldenRunRequest(Guid? AssistantId, int? BaseVersion, int? CandidateVersion, AssistantProfile? Candidate, string? Category, string? Language, string? Tag);

/// <summary>A question of a run with both answers.</summary>
internal sealed record GoldenResultView
{
    public Guid QuestionId { get; init; }
    public string Question { get; init; } = "";
    public string Category { get; init; } = "";
    public string? Language { get; init; }
    public string ExpectedOutcome { get; init; } = "";
    public string? ExpectedAnswer { get; init; }
    public Guid? ExpectedDocumentId { get; init; }

    /// <summary>better, worse, right or wrong (on both sides).</summary>
    public string Change { get; init; } = "";

    public required GoldenVerdict Base { get; init; }
    public required GoldenVerdict Candidate { get; init; }
}

/// <summary>A question asked of both versions now, with everything either saw: ranks, scores by leg, passages, marked words.</summary>
internal sealed record GoldenExplanation(GoldenQuestionView Question, AskAnswer Base, AskAnswer Candidate);

/// <summary>Starts, shows and removes comparisons.</summary>
internal sealed class GoldenRuns(TenantDb db, ConfigurationStore configurations, JobQueue jobs, Playground playground, AuditLog audit, TimeProvider time)
{
    internal static readonly string[] Changes = ["better", "worse", "right", "wrong"];

    private const string RunSelect = """
        select r.id, r.assistant_id, r.base_version, r.candidate_version, coalesce(p.version, 0) as published_version, r.state, r.category, r.language, r.tag, r.total, r.done, r.error,
               r.summary::text as summary, r.created_at, r.finished_at
          from golden_runs r left join published_configurations p on p.tenant_id = r.tenant_id and p.kind = 'assistant' and p.subject_id = r.assistant_id
        """;

    internal const string PageSql = RunSelect + """

         where r.tenant_id = @tenantId and (@at::timestamptz is null or (r.created_at, r.id) < (@at, @id::uuid)) order by r.created_at desc, r.id desc limit @take
        """;

    internal const string ByIdSql = RunSelect + " where r.tenant_id = @tenantId and r.id = @id";

    internal const string AssistantSql =
        "select assistant_id from v_assistants where tenant_id = @tenantId and (assistant_id = @id or (@id::uuid is null and is_default)) limit 1";

    internal const string CountSql = """
        select count(*)::int from golden_questions where tenant_id = @tenantId and archived_at is null
           and (@category::text is null or category = @category) and (@language::text is null or language = @language) and (@tag::text is null or @tag = any(tags))
        """;

    internal const string InsertSql = """
        insert into golden_runs (tenant_id, id, assistant_id, base_version, candidate_version, category, language, tag, total, created_by, created_at)
        values (@tenantId, @id, @assistantId, @baseVersion, @candidateVersion, @category, @language, @tag, @total, @by, @now)
        """;

    internal const string DeleteSql = "delete from golden_runs where tenant_id = @tenantId and id = @id";

    internal const string ResultsSql = """
        select q.id as question_id, q.question, q.category, q.language, q.expected_outcome, q.expected_answer, q.expected_document_id,
               b.outcome as base_outcome, b.confidence as base_confidence, b.correct as base_correct, b.rank as base_rank, b.answer as base_answer, b.cited as base_cited,
               c.outcome, c.confidence, c.correct, c.rank, c.answer, c.cited
          from golden_results b
          join golden_results c on c.tenant_id = b.tenant_id and c.run_id = b.run_id and c.question_id = b.question_id and c.side = 'candidate'
          join golden_questions q on q.tenant_id = b.tenant_id and q.id = b.question_id
         where b.tenant_id = @tenantId and b.run_id = @runId and b.side = 'base' and (@after::uuid is null or q.id > @after)
           and (@change::text is null or case when c.correct and not b.correct then 'better' when b.correct and not c.correct then 'worse' when b.correct then 'right' else 'wrong' end = @change)
         order by q.id limit @take
        """;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async ([AsParameters] PageQuery page, Caller caller, GoldenRuns handler, CancellationToken ct) => (await handler.ListAsync(caller.TenantId, page, ct)).ToHttp())
            .WithName("ListGoldenRuns").RequirePermission(Permission.QualityRead);
        group.MapPost("", async (StartGoldenRunRequest request, Caller caller, GoldenRuns handler, CancellationToken ct) =>
                (await handler.StartAsync(request, caller, ct)).ToAccepted(run => $"/v1/quality/golden-runs/{run.Id}"))
            .WithName("StartGoldenRun").RequirePermission(Permission.QualityWrite);
        group.MapGet("/{id:guid}", async (Guid id, Caller caller, GoldenRuns handler, CancellationToken ct) => (await handler.GetAsync(caller.TenantId, id, ct)).ToHttp())
            .WithName("GetGoldenRun").RequirePermission(Permission.QualityRead);
        group.MapGet("/{id:guid}/results", async (Guid id, string? change, string? cursor, int? limit, Caller caller, GoldenRuns handler, CancellationToken ct) =>
                (await handler.ResultsAsync(caller.TenantId, id, change, cursor, limit, ct)).ToHttp())
            .WithName("ListGoldenResults").RequirePermission(Permission.QualityRead);
        group.MapGet("/{id:guid}/results/{goldenQuestionId:guid}", async (Guid id, Guid goldenQuestionId, Caller caller, GoldenRuns handler, CancellationToken ct) =>
                (await handler.ExplainAsync(caller.TenantId, id, goldenQuestionId, ct)).ToHttp())
            .WithName("ExplainGoldenResult").RequirePermission(Permission.QualityRead);
        group.MapDelete("/{id:guid}", async (Guid id, Caller caller, GoldenRuns handler, CancellationToken ct) => (await handler.DeleteAsync(id, caller, ct)).ToNoContent())
            .WithName("DeleteGoldenRun").RequirePermission(Permission.QualityWrite);
    }

    private async Task<Result<Page<GoldenRunView>>> ListAsync(Guid tenantId, PageQuery page, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<GoldenRunRow>(PageSql, new { tenantId, at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf([.. rows.Select(r => r.View())], part.Limit, r => new PageCursor(r.CreatedAt, r.Id));
    }

    private async Task<Result<GoldenRunView>> StartAsync(StartGoldenRunRequest request, Caller caller, CancellationToken ct)
    {
        if (request.CandidateVersion is null == request.Candidate is null)
            return Error.Invalid("candidate", "Give either 'candidate', a profile, or 'candidateVersion', a saved version.");
        if (request.Candidate?.Problems() is { Count: > 0 } problems)
            return Error.Invalid(problems.ToDictionary(p => "candidate." + p.Key, p => p.Value));
        return await db.InTransactionAsync<Result<GoldenRunView>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<Guid?>(AssistantSql, new { tenantId = s.TenantId, id = request.AssistantId }) is not { } assistantId)
                return Error.Invalid("assistantId", "There is no such assistant.");
            var by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null;
            var baseVersion = request.BaseVersion ?? (await configurations.PublishedAsync<AssistantProfile>(s, AssistantProfile.Kind, assistantId))?.Version ?? 0;
            if (!await ExistsAsync(s, assistantId, baseVersion))
                return Error.Invalid("baseVersion", "There is no such version.");
            if (request.CandidateVersion is { } version && !await ExistsAsync(s, assistantId, version))
                return Error.Invalid("candidateVersion", "There is no such version.");
            if (request.Candidate is { } profile && await AssistantPictures.CheckAsync(s, assistantId, profile, "candidate.") is { } picture)
                return picture;
            var filter = new { tenantId = s.TenantId, request.Category, request.Language, request.Tag };
            var total = await s.QuerySingleAsync<int>(CountSql, filter);
            if (total == 0)
                return Error.Conflict("no_golden_questions", "There are no such golden questions. Add some first.");
            var candidate = request.CandidateVersion ?? await configurations.SaveDraftAsync(s, AssistantProfile.Kind, assistantId, request.Candidate!, by);
            var id = Guid.CreateVersion7(time.GetUtcNow());
            await s.ExecuteAsync(InsertSql, new
            {
                tenantId = s.TenantId, id, assistantId, baseVersion, candidateVersion = candidate, request.Category, request.Language, request.Tag, total, by, now = time.GetUtcNow(),
            });
            await jobs.EnqueueAsync(s, GoldenRunJob.JobKind, new GoldenRunJob.Payload(id));
            await audit.WriteAsync(s, caller, "quality.golden_run.started", "golden_run", id.ToString("D"), new { assistantId, baseVersion, candidateVersion = candidate });
            return (await s.QuerySingleAsync<GoldenRunRow>(ByIdSql, new { tenantId = s.TenantId, id })).View();
        }, ct);
    }

    private async Task<bool> ExistsAsync(TenantSession s, Guid assistantId, int version) =>
        version == 0 || (version > 0 && await configurations.VersionAsync<AssistantProfile>(s, AssistantProfile.Kind, assistantId, version) is not null);

    private async Task<Result<GoldenRunView>> GetAsync(Guid tenantId, Guid id, CancellationToken ct) =>
        await db.InTransactionAsync(tenantId, s => s.QuerySingleOrDefaultAsync<GoldenRunRow>(ByIdSql, new { tenantId, id }), ct) is { } row ? row.View() : Error.NotFound("golden run");

    private async Task<Result<Page<GoldenResultView>>> ResultsAsync(Guid tenantId, Guid runId, string? change, string? cursor, int? limit, CancellationToken ct)
    {
        if (change is not null && !Changes.Contains(change))
            return Error.Invalid("change", "Give one of " + string.Join(", ", Changes) + ".");
        if (limit is < 1 or > PageQuery.MaxLimit)
            return Error.Invalid("limit", $"Give a number from 1 to {PageQuery.MaxLimit}.");
        Guid? after = Guid.TryParseExact(cursor, "D", out var last) ? last : null;
        if (!string.IsNullOrEmpty(cursor) && after is null)
            return Error.Invalid("cursor", "Give the value of `next` of an earlier answer.");
        var take = limit ?? PageQuery.DefaultLimit;
        return await db.InTransactionAsync<Result<Page<GoldenResultView>>>(tenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<GoldenRunRow>(ByIdSql, new { tenantId, id = runId }) is null)
                return Error.NotFound("golden run");
            var rows = await s.QueryAsync<GoldenResultRow>(ResultsSql, new { tenantId, runId, change, after, take = take + 1 });
            IReadOnlyList<GoldenResultView> items = [.. rows.Take(take).Select(r => r.View())];
            return new Page<GoldenResultView>(items, rows.Count > take ? items[^1].QuestionId.ToString("D") : null);
        }, ct);
    }

    private async Task<Result<GoldenExplanation>> ExplainAsync(Guid tenantId, Guid runId, Guid questionId, CancellationToken ct)
    {
        var (run, question) = await db.InTransactionAsync(tenantId, async s => (
            await s.QuerySingleOrDefaultAsync<GoldenRunRow>(ByIdSql, new { tenantId, id = runId }),
            await s.QuerySingleOrDefaultAsync<GoldenQuestionView>(GoldenQuestions.ByIdSql, new { tenantId, id = questionId })), ct);
        if (run is null)
            return Error.NotFound("golden run");
        if (question is null)
            return Error.NotFound("golden question");
        var request = new AskRequest(question.Question, AssistantId: run.AssistantId);
        if (!(await playground.AskAsync(tenantId, request, run.BaseVersion, ct)).TryGet(out var before, out var error)
            || !(await playground.AskAsync(tenantId, request, run.CandidateVersion, ct)).TryGet(out var after, out error))
            return error;
        return new GoldenExplanation(question, before, after);
    }

    private Task<Result<bool>> DeleteAsync(Guid id, Caller caller, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id }) == 0)
            return Error.NotFound("golden run");
        await audit.WriteAsync(s, caller, "quality.golden_run.deleted", "golden_run", id.ToString("D"));
        return true;
    }, ct);
}
