using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Jobs;

namespace Parley.Quality.Canaries;

/// <summary>A question that shows whether a source answers.</summary>
internal sealed record CanaryView
{
    public Guid SourceId { get; init; }
    public string SourceName { get; init; } = "";
    public string Question { get; init; } = "";

    /// <summary>unknown: not yet asked. answered, unanswered: the source is there. gone: it is not, and is not quoted. leaking: it is not, and was quoted.</summary>
    public string State { get; init; } = "";

    /// <summary>Of the last answer, 0 to 1.</summary>
    public double? Confidence { get; init; }

    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>Since when it is unanswered or leaking.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}

internal sealed record CanaryList(IReadOnlyList<CanaryView> Items);

/// <param name="Question">1 to 2,000 characters.</param>
internal sealed record SetCanaryRequest(string? Question);

/// <summary>Sets, shows and removes the canaries of sources. Each is asked after every change of knowledge.</summary>
internal sealed class Canaries(TenantDb db, JobQueue jobs, AuditLog audit, TimeProvider time)
{
    private const int MaxQuestion = 2000;

    internal const string ListSql = """
        select source_id, source_name, question, state, confidence::float8 as confidence, checked_at, failing_since from canaries
         where tenant_id = @tenantId order by failing_since nulls last, source_name, source_id limit 1000
        """;

    internal const string SourceSql = "select name from v_sources where tenant_id = @tenantId and source_id = @sourceId";

    internal const string SetSql = """
        insert into canaries (tenant_id, source_id, source_name, question, created_by, created_at) values (@tenantId, @sourceId, @name, @question, @by, @now)
        on conflict (tenant_id, source_id) do update set source_name = excluded.source_name, question = excluded.question, state = 'unknown', confidence = null, checked_at = null, failing_since = null
        """;

    internal const string DeleteSql = "delete from canaries where tenant_id = @tenantId and source_id = @sourceId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/quality/canaries", async (Caller caller, Canaries handler, CancellationToken ct) => (await handler.ListAsync(caller.TenantId, ct)).ToHttp())
            .WithName("ListCanaries").RequirePermission(Permission.QualityRead);
        app.MapPut("/quality/canaries/{sourceId:guid}", async (Guid sourceId, SetCanaryRequest request, Caller caller, Canaries handler, CancellationToken ct) =>
                (await handler.SetAsync(sourceId, request, caller, ct)).ToHttp())
            .WithName("SetCanary").RequirePermission(Permission.QualityWrite);
        app.MapDelete("/quality/canaries/{sourceId:guid}", async (Guid sourceId, Caller caller, Canaries handler, CancellationToken ct) =>
                (await handler.DeleteAsync(sourceId, caller, ct)).ToNoContent())
            .WithName("DeleteCanary").RequirePermission(Permission.QualityWrite);
    }

    private async Task<Result<CanaryList>> ListAsync(Guid tenantId, CancellationToken ct) =>
        new CanaryList(await db.InTransactionAsync(tenantId, s => s.QueryAsync<CanaryView>(ListSql, new { tenantId }), ct));

    private async Task<Result<CanaryView>> SetAsync(Guid sourceId, SetCanaryRequest request, Caller caller, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(request.Question) || request.Question.Length > MaxQuestion)
            return Error.Invalid("question", $"Give a question of 1 to {MaxQuestion:N0} characters that this source answers.");
        return await db.InTransactionAsync<Result<CanaryView>>(caller.TenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<string?>(SourceSql, new { tenantId = session.TenantId, sourceId }) is not { } name)
                return Error.NotFound("source");
            var question = request.Question.Trim();
            await session.ExecuteAsync(SetSql, new { tenantId = session.TenantId, sourceId, name, question, by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now = time.GetUtcNow() });
            await audit.WriteAsync(session, caller, "quality.canary.set", "knowledge_source", sourceId.ToString("D"));
            await jobs.EnqueueAsync(session, KnowledgeWork.Changed, new { });
            return new CanaryView { SourceId = sourceId, SourceName = name, Question = question, State = "unknown" };
        }, ct);
    }

    private Task<Result<bool>> DeleteAsync(Guid sourceId, Caller caller, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
    {
        if (await session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, sourceId }) == 0)
            return Error.NotFound("canary");
        await audit.WriteAsync(session, caller, "quality.canary.deleted", "knowledge_source", sourceId.ToString("D"));
        return true;
    }, ct);
}
