using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Idempotency;

namespace Parley.Quality.Golden;

/// <summary>A golden question.</summary>
internal sealed record GoldenQuestionView
{
    public Guid Id { get; init; }
    public string Question { get; init; } = "";
    public string? ExpectedAnswer { get; init; }
    public Guid? ExpectedDocumentId { get; init; }

    /// <summary>Null: none is expected, or it was deleted.</summary>
    public string? ExpectedDocumentTitle { get; init; }

    public string ExpectedOutcome { get; init; } = "";
    public string Category { get; init; } = "";
    public string? Tier { get; init; }
    public string[] Tags { get; init; } = [];
    public string? Language { get; init; }
    public Guid? SourceConversationId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <param name="Question">1 to 4,000 characters.</param>
/// <param name="ExpectedOutcome">answered, clarified, abstained, handed_off or small_talk; answered where it is left out.</param>
/// <param name="ExpectedAnswer">Words that a right answer quotes.</param>
/// <param name="ExpectedDocumentId">The article that a right answer cites.</param>
/// <param name="Category">simple, moderate, complex or edge; simple where it is left out.</param>
/// <param name="Tier">extractive, small, medium or large: the cheapest that should do.</param>
/// <param name="Tags">At most 20.</param>
/// <param name="Language">A language tag.</param>
/// <param name="SourceConversationId">Where it was asked.</param>
/// <param name="ExpectedDocument">The article's title, where its id is not at hand; upper and lower case are the same.</param>
internal sealed record GoldenQuestionRequest(
    string? Question, string? ExpectedOutcome, string? ExpectedAnswer, Guid? ExpectedDocumentId, string? Category, string? Tier,
    IReadOnlyList<string>? Tags, string? Language, Guid? SourceConversationId, string? ExpectedDocument = null);

/// <param name="Items">At most 5,000; all are added, or none.</param>
/// <param name="DryRun">Only says what is wrong, for each question; adds nothing.</param>
internal sealed record AddGoldenQuestionsRequest(IReadOnlyList<GoldenQuestionRequest>? Items, bool DryRun = false);

/// <summary>Which golden questions are wanted; what is null chooses none out.</summary>
internal sealed class GoldenFilter
{
    public string? Category { get; init; }
    public string? Language { get; init; }

    /// <summary>That they have.</summary>
    public string? Tag { get; init; }

    /// <summary>That is expected.</summary>
    public string? Outcome { get; init; }

    /// <summary>What the question contains.</summary>
    public string? Q { get; init; }
}

/// <summary>What there is to choose among.</summary>
internal sealed record GoldenFacets
{
    /// <summary>How many golden questions there are.</summary>
    public int Questions { get; init; }

    /// <summary>In order.</summary>
    public string[] Languages { get; init; } = [];

    /// <summary>In order.</summary>
    public string[] Tags { get; init; } = [];
}

internal sealed record GoldenQuestionsAdded(int Added);

/// <summary>The tenant's golden questions: those whose right answer is known, by which a change is judged before it goes live.</summary>
internal sealed class GoldenQuestions(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxAtOnce = MaxPerTenant;
    private const long MaxImportBytes = 16 * 1024 * 1024;

    /// <summary>A run asks each twice.</summary>
    internal const int MaxPerTenant = 5000;

    private const string QuestionSelect = """
        select q.id, q.question, q.expected_answer, q.expected_document_id, d.title as expected_document_title, q.expected_outcome, q.category, q.tier, q.tags, q.language,
               q.source_conversation_id, q.created_at, q.updated_at
          from golden_questions q left join v_documents d on d.tenant_id = q.tenant_id and d.document_id = q.expected_document_id
        """;

    internal const string PageSql = QuestionSelect + """

         where q.tenant_id = @tenantId and q.archived_at is null and (@category::text is null or q.category = @category) and (@language::text is null or q.language = @language)
           and (@tag::text is null or @tag = any(q.tags)) and (@outcome::text is null or q.expected_outcome = @outcome) and (@q::text is null or q.question ilike @q)
           and (@at::timestamptz is null or (q.created_at, q.id) < (@at, @id::uuid))
         order by q.created_at desc, q.id desc limit @take
        """;

    internal const string ByIdSql = QuestionSelect + " where q.tenant_id = @tenantId and q.id = @id and q.archived_at is null";

    internal const string CountSql = "select count(*) from golden_questions where tenant_id = @tenantId and archived_at is null";

    internal const string FacetsSql = """
        select count(*)::int as questions,
               coalesce(array_agg(distinct language order by language) filter (where language is not null), '{}') as languages,
               coalesce((select array_agg(distinct t.tag order by t.tag) from golden_questions o cross join unnest(o.tags) as t (tag) where o.tenant_id = @tenantId and o.archived_at is null), '{}') as tags
          from golden_questions where tenant_id = @tenantId and archived_at is null
        """;

    internal const string InsertSql = """
        insert into golden_questions (tenant_id, id, question, expected_answer, expected_document_id, expected_outcome, category, tier, tags, language, source_conversation_id, created_by, created_at, updated_at)
        values (@tenantId, @id, @question, @expectedAnswer, @expectedDocumentId, @expectedOutcome, @category, @tier, @tags, @language, @sourceConversationId, @by, @now, @now)
        """;

    internal const string UpdateSql = """
        update golden_questions set question = @question, expected_answer = @expectedAnswer, expected_document_id = @expectedDocumentId, expected_outcome = @expectedOutcome,
               category = @category, tier = @tier, tags = @tags, language = @language, source_conversation_id = @sourceConversationId, updated_at = @now
         where tenant_id = @tenantId and id = @id and archived_at is null
        """;

    internal const string DeleteSql = "delete from golden_questions where tenant_id = @tenantId and id = @id";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async ([AsParameters] GoldenFilter filter, [AsParameters] PageQuery page, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.ListAsync(caller.TenantId, filter, page, ct)).ToHttp())
            .WithName("ListGoldenQuestions").RequirePermission(Permission.QualityRead);
        group.MapGet("/facets", async (Caller caller, GoldenQuestions handler, CancellationToken ct) => TypedResults.Ok(await handler.FacetsAsync(caller.TenantId, ct)))
            .WithName("GetGoldenFacets").RequirePermission(Permission.QualityRead);
        group.MapPost("", async (GoldenQuestionRequest request, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.AddAsync(request, caller, ct)).ToCreated(q => $"/v1/quality/golden-questions/{q.Id}"))
            .WithName("AddGoldenQuestion").RequirePermission(Permission.QualityWrite).WithIdempotency();
        group.MapPost("/bulk", async (AddGoldenQuestionsRequest request, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.AddAllAsync(request, caller, ct)).ToHttp())
            .WithName("AddGoldenQuestions").RequirePermission(Permission.QualityWrite).WithIdempotency().WithMetadata(new RequestSizeLimitAttribute(MaxImportBytes));
        group.MapPut("/{id:guid}", async (Guid id, GoldenQuestionRequest request, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.ChangeAsync(id, request, caller, ct)).ToHttp())
            .WithName("ChangeGoldenQuestion").RequirePermission(Permission.QualityWrite);
        group.MapDelete("/{id:guid}", async (Guid id, Caller caller, GoldenQuestions handler, CancellationToken ct) => (await handler.DeleteAsync(id, caller, ct)).ToNoContent())
            .WithName("DeleteGoldenQuestion").RequirePermission(Permission.QualityWrite);
    }

    private async Task<Result<Page<GoldenQuestionView>>> ListAsync(Guid tenantId, GoldenFilter filter, PageQuery page, CancellationToken ct)
    {
        if (filter.Category is not null && !GoldenQuestionCheck.Categories.Contains(filter.Category))
            return Error.Invalid("category", GoldenQuestionCheck.OneOf(GoldenQuestionCheck.Categories));
        if (filter.Outcome is not null && !GoldenQuestionCheck.Outcomes.Contains(filter.Outcome))
            return Error.Invalid("outcome", GoldenQuestionCheck.OneOf(GoldenQuestionCheck.Outcomes));
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<GoldenQuestionView>(PageSql, new
        {
            tenantId, filter.Category, filter.Language, filter.Tag, filter.Outcome, q = Containing(filter.Q), at = part.After?.At, id = part.After?.Id, take = part.Limit + 1,
        }), ct);
        return PageCursor.PageOf(rows, part.Limit, q => new PageCursor(q.CreatedAt, q.Id));
    }

    /// <summary>The typed text's own wildcards are taken literally.</summary>
    private static string? Containing(string? typed) => string.IsNullOrWhiteSpace(typed) ? null
        : "%" + typed.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";

    private Task<GoldenFacets> FacetsAsync(Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.QuerySingleAsync<GoldenFacets>(FacetsSql, new { tenantId }), ct);

    private async Task<Result<GoldenQuestionView>> AddAsync(GoldenQuestionRequest request, Caller caller, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        return await db.InTransactionAsync<Result<GoldenQuestionView>>(caller.TenantId, async s =>
        {
            if (await AddAsync(s, [(id, request)], caller, "") is { } error)
                return error;
            await audit.WriteAsync(s, caller, "quality.golden.added", "golden_question", id.ToString("D"));
            return await s.QuerySingleAsync<GoldenQuestionView>(ByIdSql, new { tenantId = s.TenantId, id });
        }, ct);
    }

    private async Task<Result<GoldenQuestionsAdded>> AddAllAsync(AddGoldenQuestionsRequest request, Caller caller, CancellationToken ct)
    {
        if (request.Items is not { Count: > 0 and <= MaxAtOnce } items || items.Any(i => i is null))
            return Error.Invalid("items", $"Give 1 to {MaxAtOnce:N0} questions.");
        var now = time.GetUtcNow();
        return await db.InTransactionAsync<Result<GoldenQuestionsAdded>>(caller.TenantId, async s =>
        {
            if (request.DryRun)
                return (await GoldenQuestionCheck.OfAsync(s, items, "items")).TryGet(out _, out var wrong) ? new GoldenQuestionsAdded(0) : wrong;
            if (await AddAsync(s, [.. items.Select(i => (Guid.CreateVersion7(now), i))], caller, "items") is { } error)
                return error;
            await audit.WriteAsync(s, caller, "quality.golden.imported", "golden_question", null, new { count = items.Count });
            return new GoldenQuestionsAdded(items.Count);
        }, ct);
    }

    private async Task<Error?> AddAsync(TenantSession s, IReadOnlyList<(Guid Id, GoldenQuestionRequest Request)> items, Caller caller, string prefix)
    {
        if (!(await GoldenQuestionCheck.OfAsync(s, [.. items.Select(i => i.Request)], prefix)).TryGet(out var whole, out var error))
            return error;
        if (await s.QuerySingleAsync<long>(CountSql, new { tenantId = s.TenantId }) + items.Count > MaxPerTenant)
            return Error.Conflict("too_many_golden_questions", $"There may be {MaxPerTenant:N0} golden questions. Delete some first.");
        foreach (var (item, request) in items.Zip(whole))
            await s.ExecuteAsync(InsertSql, Row(s, item.Id, request, caller));
        return null;
    }

    private async Task<Result<GoldenQuestionView>> ChangeAsync(Guid id, GoldenQuestionRequest request, Caller caller, CancellationToken ct) =>
        await db.InTransactionAsync<Result<GoldenQuestionView>>(caller.TenantId, async s =>
        {
            if (!(await GoldenQuestionCheck.OfAsync(s, [request], "")).TryGet(out var whole, out var error))
                return error;
            if (await s.ExecuteAsync(UpdateSql, Row(s, id, whole[0], caller)) == 0)
                return Error.NotFound("golden question");
            await audit.WriteAsync(s, caller, "quality.golden.changed", "golden_question", id.ToString("D"));
            return await s.QuerySingleAsync<GoldenQuestionView>(ByIdSql, new { tenantId = s.TenantId, id });
        }, ct);

    private Task<Result<bool>> DeleteAsync(Guid id, Caller caller, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id }) == 0)
            return Error.NotFound("golden question");
        await audit.WriteAsync(s, caller, "quality.golden.deleted", "golden_question", id.ToString("D"));
        return true;
    }, ct);

    private object Row(TenantSession s, Guid id, GoldenQuestionRequest request, Caller caller) => new
    {
        tenantId = s.TenantId, id, question = request.Question!.Trim(), expectedAnswer = string.IsNullOrWhiteSpace(request.ExpectedAnswer) ? null : request.ExpectedAnswer.Trim(),
        request.ExpectedDocumentId, expectedOutcome = request.ExpectedOutcome ?? "answered", category = request.Category ?? "simple", request.Tier,
        tags = (request.Tags ?? []).Select(t => t.Trim()).Distinct().ToArray(), request.Language, request.SourceConversationId,
        by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now = time.GetUtcNow(),
    };
}
