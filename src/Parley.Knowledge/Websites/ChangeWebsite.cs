using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Sources;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Websites;

/// <summary>What is left out stays as it is. The next run goes by it.</summary>
/// <param name="ScheduleHours">Hours between two runs; 0: only when somebody asks.</param>
/// <param name="Scope">folder or site.</param>
/// <param name="Include">All include patterns.</param>
/// <param name="Exclude">All exclude patterns.</param>
/// <param name="MaxPages">1 to 50,000.</param>
/// <param name="MaxDepth">0 to 50.</param>
internal sealed record ChangeWebsiteRequest(int? ScheduleHours, string? Scope, IReadOnlyList<string>? Include, IReadOnlyList<string>? Exclude, int? MaxPages, int? MaxDepth);

/// <summary>Changes what of a website is imported, and how often.</summary>
internal sealed class ChangeWebsite(TenantDb db, SourceRuns runs, AuditLog audit, TimeProvider time)
{
    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPatch("/websites/{websiteId:guid}", async (Guid websiteId, ChangeWebsiteRequest request, Caller caller, ChangeWebsite handler, CancellationToken ct) =>
                (await handler.HandleAsync(websiteId, request, caller, ct)).ToHttp())
            .WithName("ChangeWebsite").RequirePermission(Permission.KnowledgeWrite);

    private Task<Result<SourceView>> HandleAsync(Guid sourceId, ChangeWebsiteRequest request, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync<Result<SourceView>>(caller.TenantId, async session =>
        {
            if (await SourceRuns.LockAsync(session, sourceId) is not { } source)
                return KnowledgeErrors.NoSource;
            if (source.Kind != "website")
                return KnowledgeErrors.NotAWebsite;
            var (settings, invalid) = CrawlSettings.Read(
                new WebsiteFields(null, request.Scope, request.Include, request.Exclude, request.MaxPages, request.MaxDepth), CrawlSettings.Parse(source.Settings));
            if (request.ScheduleHours is not 0)
                AddWebsite.CheckSchedule(request.ScheduleHours, invalid);
            if (invalid.Count > 0)
                return Error.Invalid(invalid);
            var hours = request.ScheduleHours is { } given ? given == 0 ? null : given : source.ScheduleHours;
            await session.ExecuteAsync(AddWebsite.SettingsSql, new { tenantId = session.TenantId, sourceId, settings = settings.ToJson(), scheduleHours = hours, now = time.GetUtcNow() });
            if (request.ScheduleHours is not null)
                await runs.ScheduleAsync(session, sourceId, hours);
            await audit.WriteAsync(session, caller, "knowledge.website.changed", "knowledge_source", sourceId.ToString("D"));
            return (await SourceRow.ReadAsync(session, sourceId))!;
        }, ct);
}
