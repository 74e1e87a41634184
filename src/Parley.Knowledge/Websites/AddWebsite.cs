using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Imports;
using Parley.Knowledge.Readers;
using Parley.Knowledge.Sources;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Idempotency;

namespace Parley.Knowledge.Websites;

/// <summary>A website to import.</summary>
/// <param name="Url">A page from which links are followed, or a sitemap.</param>
/// <param name="Name">Left out: the site's host.</param>
/// <param name="Audience">public (the widget answers from it), customers or internal.</param>
/// <param name="Language">Of pages that state none.</param>
/// <param name="ScheduleHours">Hours between two runs, 1 to 8760; left out: only when somebody asks.</param>
/// <param name="Update">true: the source that has this address already takes these settings and runs again. Otherwise that is refused.</param>
/// <param name="Scope">folder: pages below the start's folder. site: every page of the site.</param>
/// <param name="Include">Where there are any, a page's path must match one. From the path's beginning; * for any characters, a last $ for the end.</param>
/// <param name="Exclude">Pages whose path matches one stay out.</param>
/// <param name="MaxPages">1 to 50,000; 1,000 where it is left out.</param>
/// <param name="MaxDepth">0 to 50 links away from the start; 10 where it is left out.</param>
internal sealed record AddWebsiteRequest(
    string? Url, string? Name, string? Audience, string? Language, int? ScheduleHours, bool? Update, string? Scope, IReadOnlyList<string>? Include, IReadOnlyList<string>? Exclude,
    int? MaxPages, int? MaxDepth);

/// <summary>The source, and the import that has begun.</summary>
internal sealed record WebsiteStarted(SourceView Source, ImportView Import);

/// <summary>Adds a website as a source and starts to import it.</summary>
internal sealed class AddWebsite(TenantDb db, SourceRuns runs, AuditLog audit, TimeProvider time)
{
    internal const int MaxScheduleHours = 8760;

    internal const string SettingsSql = """
        update knowledge_sources set settings = @settings::jsonb, schedule_hours = @scheduleHours, updated_at = @now where tenant_id = @tenantId and id = @sourceId
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/websites", async (AddWebsiteRequest request, Caller caller, AddWebsite handler, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller, ct)).ToCreated(s => $"/v1/knowledge/sources/{s.Source.Id:D}"))
            .WithName("AddWebsite").RequirePermission(Permission.KnowledgeWrite).WithIdempotency();

    internal static void CheckSchedule(int? hours, Dictionary<string, string[]> invalid)
    {
        if (hours is < 1 or > MaxScheduleHours)
            invalid["scheduleHours"] = [$"Give hours from 1 to {MaxScheduleHours}, or leave it out."];
    }

    private async Task<Result<WebsiteStarted>> HandleAsync(AddWebsiteRequest request, Caller caller, CancellationToken ct)
    {
        var (settings, invalid) = CrawlSettings.Read(new WebsiteFields(request.Url, request.Scope, request.Include, request.Exclude, request.MaxPages, request.MaxDepth));
        foreach (var (field, messages) in SourceFields.Check(request.Name, request.Audience, request.Language, nameRequired: false))
            invalid[field] = messages;
        CheckSchedule(request.ScheduleHours, invalid);
        if (invalid.Count > 0)
            return Error.Invalid(invalid);
        return await db.InTransactionAsync<Result<WebsiteStarted>>(caller.TenantId, async session =>
        {
            if (!(await SourceAsync(session, settings, request, caller)).TryGet(out var sourceId, out var error))
                return error;
            var source = (await SourceRuns.LockAsync(session, sourceId))!;
            if (source.State == "paused")
                return KnowledgeErrors.Paused;
            if (!(await runs.StartAsync(session, source with { Settings = settings.ToJson() }, acceptRemovals: false, SourceRuns.UserOf(caller))).TryGet(out var import, out var running))
                return running;
            var hours = request.ScheduleHours ?? source.ScheduleHours;
            await session.ExecuteAsync(SettingsSql, new { tenantId = session.TenantId, sourceId, settings = settings.ToJson(), scheduleHours = hours, now = time.GetUtcNow() });
            await runs.ScheduleAsync(session, sourceId, hours);
            return new WebsiteStarted((await SourceRow.ReadAsync(session, sourceId))!, import);
        }, ct);
    }

    private async Task<Result<Guid>> SourceAsync(TenantSession session, CrawlSettings settings, AddWebsiteRequest request, Caller caller)
    {
        var made = await session.QuerySingleOrDefaultAsync<Guid?>(CreateImport.InsertSourceSql, new
        {
            tenantId = session.TenantId, id = Ids.New(time), kind = "website", canonical = settings.Start, name = request.Name?.Trim() ?? settings.StartUri.Host,
            language = LanguageTag.Parse(request.Language), audience = request.Audience ?? "public", createdBy = SourceRuns.UserOf(caller), now = time.GetUtcNow(),
        });
        if (made is { } id)
        {
            await audit.WriteAsync(session, caller, "knowledge.source.created", "knowledge_source", id.ToString("D"), new { kind = "website", audience = request.Audience ?? "public" });
            return id;
        }
        var existing = await session.QuerySingleOrDefaultAsync<Guid?>(CreateImport.FindSourceSql, new { tenantId = session.TenantId, kind = "website", canonical = settings.Start });
        return existing is null ? Error.Conflict("source.deleting", "The source of this address is being deleted. Try again in a moment.")
            : request.Update is true ? existing.Value
            : Error.Conflict("source.exists", $"This website is a source already ({existing.Value:D}). Run it again, or send update: true to give it these settings.");
    }
}
