using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
internal sealed record GoldenQuestionRequest(
    string? Question, string? ExpectedOutcome, string? ExpectedAnswer, Guid? ExpectedDocumentId, string? Category, string? Tier,
    IReadOnlyList<string>? Tags, string? Language, Guid? SourceConversationId);

/// <param name="Items">At most 1,000; all are added, or none.</param>
internal sealed record AddGoldenQuestionsRequest(IReadOnlyList<GoldenQuestionRequest>? Items);

internal sealed record GoldenQuestionsAdded(int Added);

/// <summary>The tenant's golden questions: those whose right answer is known, by which a change is judged before it goes live.</summary>
internal sealed class GoldenQuestions(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const int MaxText = 4000, MaxTags = 20, MaxTag = 50, MaxAtOnce = 1000, MaxLanguage = 35;

    /// <summary>A run asks each twice.</summary>
    internal const int MaxPerTenant = 5000;

    private static readonly string[] Outcomes = ["answered", "clarified", "abstained", "handed_off", "small_talk"];
    private static readonly string[] Categories = ["simple", "moderate", "complex", "edge"];
    private static readonly string[] Tiers = ["extractive", "small", "medium", "large"];

    private const string QuestionSelect = """
        select q.id, q.question, q.expected_answer, q.expected_document_id, d.title as expected_document_title, q.expected_outcome, q.category, q.tier, q.tags, q.language,
               q.source_conversation_id, q.created_at, q.updated_at
          from golden_questions q left join v_documents d on d.tenant_id = q.tenant_id and d.document_id = q.expected_document_id
        """;

    internal const string PageSql = QuestionSelect + """

         where q.tenant_id = @tenantId and q.archived_at is null and (@category::text is null or q.category = @category) and (@language::text is null or q.language = @language)
           and (@tag::text is null or @tag = any(q.tags)) and (@at::timestamptz is null or (q.created_at, q.id) < (@at, @id::uuid))
         order by q.created_at desc, q.id desc limit @take
        """;

    internal const string ByIdSql = QuestionSelect + " where q.tenant_id = @tenantId and q.id = @id and q.archived_at is null";

    internal const string CountSql = "select count(*) from golden_questions where tenant_id = @tenantId and archived_at is null";

    internal const string MissingDocumentSql = """
        select i.id from unnest(@ids::uuid[]) as i (id) where not exists (select 1 from v_documents d where d.tenant_id = @tenantId and d.document_id = i.id) limit 1
        """;

    internal const string MissingConversationSql = """
        select i.id from unnest(@ids::uuid[]) as i (id) where not exists (select 1 from v_conversations c where c.tenant_id = @tenantId and c.conversation_id = i.id) limit 1
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
        group.MapGet("", async (string? category, string? language, string? tag, [AsParameters] PageQuery page, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.ListAsync(caller.TenantId, category, language, tag, page, ct)).ToHttp())
            .WithName("ListGoldenQuestions").RequirePermission(Permission.QualityRead);
        group.MapPost("", async (GoldenQuestionRequest request, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.AddAsync(request, caller, ct)).ToCreated(q => $"/v1/quality/golden-questions/{q.Id}"))
            .WithName("AddGoldenQuestion").RequirePermission(Permission.QualityWrite).WithIdempotency();
        group.MapPost("/bulk", async (AddGoldenQuestionsRequest request, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.AddAllAsync(request, caller, ct)).ToHttp())
            .WithName("AddGoldenQuestions").RequirePermission(Permission.QualityWrite).WithIdempotency();
        group.MapPut("/{id:guid}", async (Guid id, GoldenQuestionRequest request, Caller caller, GoldenQuestions handler, CancellationToken ct) =>
                (await handler.ChangeAsync(id, request, caller, ct)).ToHttp())
            .WithName("ChangeGoldenQuestion").RequirePermission(Permission.QualityWrite);
        group.MapDelete("/{id:guid}", async (Guid id, Caller caller, GoldenQuestions handler, CancellationToken ct) => (await handler.DeleteAsync(id, caller, ct)).ToNoContent())
            .WithName("DeleteGoldenQuestion").RequirePermission(Permission.QualityWrite);
    }

    private async Task<Result<Page<GoldenQuestionView>>> ListAsync(Guid tenantId, string? category, string? language, string? tag, PageQuery page, CancellationToken ct)
    {
        if (category is not null && !Categories.Contains(category))
            return Error.Invalid("category", OneOf(Categories));
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<GoldenQuestionView>(PageSql,
            new { tenantId, category, language, tag, at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, q => new PageCursor(q.CreatedAt, q.Id));
    }

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
            if (await AddAsync(s, [.. items.Select(i => (Guid.CreateVersion7(now), i))], caller, "items") is { } error)
                return error;
            await audit.WriteAsync(s, caller, "quality.golden.imported", "golden_question", null, new { count = items.Count });
            return new GoldenQuestionsAdded(items.Count);
        }, ct);
    }

    private async Task<Error?> AddAsync(TenantSession s, IReadOnlyList<(Guid Id, GoldenQuestionRequest Request)> items, Caller caller, string prefix)
    {
        if (await CheckAsync(s, [.. items.Select(i => i.Request)], prefix) is { } error)
            return error;
        if (await s.QuerySingleAsync<long>(CountSql, new { tenantId = s.TenantId }) + items.Count > MaxPerTenant)
            return Error.Conflict("too_many_golden_questions", $"There may be {MaxPerTenant:N0} golden questions. Delete some first.");
        foreach (var (id, request) in items)
            await s.ExecuteAsync(InsertSql, Row(s, id, request, caller));
        return null;
    }

    private async Task<Result<GoldenQuestionView>> ChangeAsync(Guid id, GoldenQuestionRequest request, Caller caller, CancellationToken ct) =>
        await db.InTransactionAsync<Result<GoldenQuestionView>>(caller.TenantId, async s =>
        {
            if (await CheckAsync(s, [request], "") is { } error)
                return error;
            if (await s.ExecuteAsync(UpdateSql, Row(s, id, request, caller)) == 0)
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

    private static async Task<Error?> CheckAsync(TenantSession s, IReadOnlyList<GoldenQuestionRequest> items, string prefix)
    {
        var problems = new Dictionary<string, string[]>();
        for (var i = 0; i < items.Count; i++)
            Check(items[i], prefix.Length == 0 ? "" : $"{prefix}[{i}].", problems);
        if (problems.Count > 0)
            return Error.Invalid(problems);
        string Field(string name, Func<GoldenQuestionRequest, Guid?> of, Guid missing) => prefix.Length == 0 ? name : $"{prefix}[{items.ToList().FindIndex(i => of(i) == missing)}].{name}";
        var documents = items.Select(i => i.ExpectedDocumentId).OfType<Guid>().Distinct().ToArray();
        if (documents.Length > 0 && await s.QuerySingleOrDefaultAsync<Guid?>(MissingDocumentSql, new { tenantId = s.TenantId, ids = documents }) is { } document)
            return Error.Invalid(Field("expectedDocumentId", i => i.ExpectedDocumentId, document), "There is no such document.");
        var conversations = items.Select(i => i.SourceConversationId).OfType<Guid>().Distinct().ToArray();
        if (conversations.Length > 0 && await s.QuerySingleOrDefaultAsync<Guid?>(MissingConversationSql, new { tenantId = s.TenantId, ids = conversations }) is { } conversation)
            return Error.Invalid(Field("sourceConversationId", i => i.SourceConversationId, conversation), "There is no such conversation.");
        return null;
    }

    private static void Check(GoldenQuestionRequest item, string prefix, Dictionary<string, string[]> problems)
    {
        void Hold(bool holds, string field, string message)
        {
            if (!holds)
                problems.TryAdd(prefix + field, [message]);
        }
        Hold(!string.IsNullOrWhiteSpace(item.Question) && item.Question.Length <= MaxText, "question", $"Give a question of 1 to {MaxText:N0} characters.");
        Hold(item.ExpectedAnswer is null or { Length: <= MaxText }, "expectedAnswer", $"At most {MaxText:N0} characters.");
        Hold(item.ExpectedOutcome is null || Outcomes.Contains(item.ExpectedOutcome), "expectedOutcome", OneOf(Outcomes));
        Hold(item.ExpectedOutcome is null or "answered" || (item.ExpectedAnswer is null or "" && item.ExpectedDocumentId is null), "expectedOutcome", "An answer or an article can be expected only of a question that is to be answered.");
        Hold(item.Category is null || Categories.Contains(item.Category), "category", OneOf(Categories));
        Hold(item.Tier is null || Tiers.Contains(item.Tier), "tier", OneOf(Tiers));
        Hold(item.Tags is null || (item.Tags.Count <= MaxTags && item.Tags.All(t => t is { Length: > 0 and <= MaxTag } && !string.IsNullOrWhiteSpace(t))), "tags", $"At most {MaxTags} tags of 1 to {MaxTag} characters.");
        Hold(item.Language is null || (item.Language.Length is > 0 and <= MaxLanguage && item.Language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')), "language", "Give a language tag such as en or pt-BR.");
    }

    private static string OneOf(string[] values) => "Give one of " + string.Join(", ", values) + ".";
}
