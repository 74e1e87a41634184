using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Sources;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Websites;

/// <param name="AcceptRemovals">true: pages that the site no longer shows are removed, however many they are.</param>
internal sealed record RunWebsiteRequest(bool? AcceptRemovals);

/// <summary>Runs a website now, pauses it and resumes it. A paused one still answers; it is only not fetched.</summary>
internal sealed class RunWebsite(TenantDb db, SourceRuns runs, AuditLog audit, TimeProvider time)
{
    internal const string StateSql = "update knowledge_sources set state = @state, updated_at = @now where tenant_id = @tenantId and id = @sourceId";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/websites/{websiteId:guid}/run", async (Guid websiteId, RunWebsiteRequest request, Caller caller, RunWebsite handler, CancellationToken ct) =>
                (await handler.RunAsync(websiteId, request, caller, ct)).ToAccepted(i => $"/v1/knowledge/imports/{i.Id:D}"))
            .WithName("RunWebsite").RequirePermission(Permission.KnowledgeWrite);
        app.MapPost("/websites/{websiteId:guid}/pause", async (Guid websiteId, Caller caller, RunWebsite handler, CancellationToken ct) =>
                (await handler.SetAsync(websiteId, "paused", caller, ct)).ToHttp())
            .WithName("PauseWebsite").RequirePermission(Permission.KnowledgeWrite);
        app.MapPost("/websites/{websiteId:guid}/resume", async (Guid websiteId, Caller caller, RunWebsite handler, CancellationToken ct) =>
                (await handler.SetAsync(websiteId, "active", caller, ct)).ToHttp())
            .WithName("ResumeWebsite").RequirePermission(Permission.KnowledgeWrite);
    }

    private Task<Result<ImportView>> RunAsync(Guid sourceId, RunWebsiteRequest request, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<ImportView>>(caller.TenantId, async session =>
        {
            if (await SourceRuns.LockAsync(session, sourceId) is not { } source)
                return KnowledgeErrors.NoSource;
            if (source.Kind != "website")
                return KnowledgeErrors.NotAWebsite;
            if (source.State == "paused")
                return KnowledgeErrors.Paused;
            var started = await runs.StartAsync(session, source, request.AcceptRemovals is true, SourceRuns.UserOf(caller));
            if (started.Error is null)
            {
                await runs.ScheduleAsync(session, sourceId, source.ScheduleHours);
                await audit.WriteAsync(session, caller, "knowledge.source.run", "knowledge_source", sourceId.ToString("D"), new { acceptRemovals = request.AcceptRemovals is true });
            }
            return started;
        }, ct);

    private Task<Result<SourceView>> SetAsync(Guid sourceId, string state, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<SourceView>>(caller.TenantId, async session =>
        {
            if (await SourceRuns.LockAsync(session, sourceId) is not { } source)
                return KnowledgeErrors.NoSource;
            if (source.Kind != "website")
                return KnowledgeErrors.NotAWebsite;
            if (source.State != state)
            {
                await session.ExecuteAsync(StateSql, new { tenantId = session.TenantId, sourceId, state, now = time.GetUtcNow() });
                await audit.WriteAsync(session, caller, state == "paused" ? "knowledge.source.paused" : "knowledge.source.resumed", "knowledge_source", sourceId.ToString("D"));
            }
            return (await SourceRow.ReadAsync(session, sourceId))!;
        }, ct);
}
