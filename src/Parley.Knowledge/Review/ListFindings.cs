using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Review;

/// <summary>Two passages of different documents that say the same (duplicate), or the same but for a number, a date, a version or a negation (contradiction).</summary>
internal sealed record FindingView
{
    public Guid Id { get; init; }
    public string Kind { get; init; } = "";
    public string State { get; init; } = "";
    public double Similarity { get; init; }
    public Guid DocumentId { get; init; }
    public string Title { get; init; } = "";
    public string SourceName { get; init; } = "";
    public string Passage { get; init; } = "";
    public Guid OtherDocumentId { get; init; }
    public string OtherTitle { get; init; } = "";
    public string OtherSourceName { get; init; } = "";
    public string OtherPassage { get; init; } = "";
    public DateTimeOffset FoundAt { get; init; }
}

/// <summary>Shows findings, the newest first, dismisses them, and looks again.</summary>
internal sealed class ListFindings(TenantDb db, JobQueue jobs, AuditLog audit)
{
    private static readonly string[] Kinds = ["duplicate", "contradiction"];
    private static readonly string[] States = ["open", "dismissed"];

    internal const string SelectSql = """
        select f.id, f.kind, f.state, f.similarity::float8 as similarity, a.document_id, d.title, s.name as source_name, f.passage,
               b.document_id as other_document_id, e.title as other_title, t.name as other_source_name, f.other_passage, f.found_at
          from knowledge_findings f
          join chunks a on a.tenant_id = f.tenant_id and a.id = f.chunk_id
          join documents d on d.tenant_id = a.tenant_id and d.id = a.document_id
          join knowledge_sources s on s.tenant_id = d.tenant_id and s.id = d.source_id and s.state <> 'deleting'
          join chunks b on b.tenant_id = f.tenant_id and b.id = f.other_chunk_id
          join documents e on e.tenant_id = b.tenant_id and e.id = b.document_id
          join knowledge_sources t on t.tenant_id = e.tenant_id and t.id = e.source_id and t.state <> 'deleting'
         where f.tenant_id = @tenantId
        """;

    internal const string ListSql = SelectSql + """
         and (@kind::text is null or f.kind = @kind) and f.state = @state and (@sourceId::uuid is null or d.source_id = @sourceId or e.source_id = @sourceId)
           and (@at::timestamptz is null or (f.found_at, f.id) < (@at, @id))
         order by f.found_at desc, f.id desc limit @take
        """;

    internal const string DismissSql = "update knowledge_findings set state = @state where tenant_id = @tenantId and id = @findingId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/findings", async ([AsParameters] PageQuery page, string? kind, string? state, Guid? sourceId, Caller caller, ListFindings handler, CancellationToken ct) =>
                (await handler.ListAsync(page, kind, state, sourceId, caller.TenantId, ct)).ToHttp())
            .WithName("ListFindings").RequirePermission(Permission.KnowledgeRead);
        app.MapPost("/review", async (Caller caller, ListFindings handler, CancellationToken ct) => (await handler.ReviewAsync(caller.TenantId, ct)).ToNoContent())
            .WithName("ReviewKnowledge").RequirePermission(Permission.KnowledgeWrite);
        app.MapPost("/findings/{findingId:guid}/dismiss", async (Guid findingId, Caller caller, ListFindings handler, CancellationToken ct) =>
                (await handler.SetAsync(findingId, "dismissed", caller, ct)).ToNoContent())
            .WithName("DismissFinding").RequirePermission(Permission.KnowledgeWrite);
        app.MapPost("/findings/{findingId:guid}/reopen", async (Guid findingId, Caller caller, ListFindings handler, CancellationToken ct) =>
                (await handler.SetAsync(findingId, "open", caller, ct)).ToNoContent())
            .WithName("ReopenFinding").RequirePermission(Permission.KnowledgeWrite);
    }

    private async Task<Result<Page<FindingView>>> ListAsync(PageQuery page, string? kind, string? state, Guid? sourceId, Guid tenantId, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
            return error;
        if (kind is not null && !Kinds.Contains(kind))
            return Error.Invalid("kind", "Give duplicate or contradiction.");
        if (state is not null && !States.Contains(state))
            return Error.Invalid("state", "Give open or dismissed.");
        var rows = await db.InTransactionAsync(tenantId, s => s.QueryAsync<FindingView>(ListSql,
            new { tenantId, kind, state = state ?? "open", sourceId, at = part.After?.At, id = part.After?.Id, take = part.Limit + 1 }), ct);
        return PageCursor.PageOf(rows, part.Limit, f => new PageCursor(f.FoundAt, f.Id));
    }

    /// <summary>Compares all passages now, instead of some time after the next change.</summary>
    private Task<Result<bool>> ReviewAsync(Guid tenantId, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(tenantId, async session =>
    {
        await jobs.EnqueueAsync(session, ReviewJob.JobKind, new { });
        return true;
    }, ct);

    private Task<Result<bool>> SetAsync(Guid findingId, string state, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
        {
            if (await session.ExecuteAsync(DismissSql, new { tenantId = session.TenantId, findingId, state }) == 0)
                return Error.NotFound("finding");
            await audit.WriteAsync(session, caller, state == "open" ? "knowledge.finding.reopened" : "knowledge.finding.dismissed", "finding", findingId.ToString("D"));
            return true;
        }, ct);
}
