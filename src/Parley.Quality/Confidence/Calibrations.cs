using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Assistant;
using Parley.Assistant.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Quality.Confidence;

/// <param name="Evidence">Of the report whose proposal is to be put in force; or</param>
/// <param name="Version">an earlier version; 0: as shipped.</param>
internal sealed record PublishCalibrationRequest(string? Evidence, int? Version);

/// <summary>Fits what the confidence is worth on golden questions and judged answers, shows what that changes, and puts it in force.</summary>
internal sealed class Calibrations(TenantDb db, ConfigurationStore configurations, AuditLog audit)
{
    // Each golden question as it was last asked; of judged answers all.
    internal const string SamplesSql = """
        select id, raw, is_right, is_golden from (
          select distinct on (g.question_id) g.question_id as id, g.raw_confidence as raw, g.draft_right as is_right, true as is_golden
            from golden_results g join golden_runs r on r.tenant_id = g.tenant_id and r.id = g.run_id
           where g.tenant_id = @tenantId and g.side = 'base' and r.state = 'done'
           order by g.question_id, r.finished_at desc, r.id desc) asked
         where raw is not null and is_right is not null
        union all
        select turn_id, raw_confidence, is_right, false from answer_judgements where tenant_id = @tenantId and outcome = 'answered' and raw_confidence is not null
        """;

    internal const string DefaultAssistantSql = "select assistant_id from v_assistants where tenant_id = @tenantId and is_default";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async (Caller caller, Calibrations handler, CancellationToken ct) => (await handler.ReportAsync(caller, ct)).ToHttp())
            .WithName("GetConfidence").RequirePermission(Permission.QualityRead);
        group.MapPost("/publish", async (PublishCalibrationRequest request, Caller caller, Calibrations handler, CancellationToken ct) =>
                (await handler.PublishAsync(request, caller, ct)).ToHttp())
            .WithName("PublishCalibration").RequirePermission(Permission.AssistantWrite);
    }

    private async Task<Result<ConfidenceReport>> ReportAsync(Caller caller, CancellationToken ct) =>
        await db.InTransactionAsync(caller.TenantId, ReportAsync, ct);

    private async Task<Result<ConfidenceReport>> PublishAsync(PublishCalibrationRequest request, Caller caller, CancellationToken ct)
    {
        if (request.Evidence is null == request.Version is null)
            return Error.Invalid("evidence", "Give either 'evidence' of the report whose proposal you have seen, or 'version', an earlier one (0: as shipped).");
        return await db.InTransactionAsync<Result<ConfidenceReport>>(caller.TenantId, async s =>
        {
            var by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null;
            int version;
            if (request.Version is null or 0)
            {
                var report = await ReportAsync(s);
                if (request.Version is null && report.Proposal is null)
                    return Error.Conflict("too_few_samples", $"There are {report.Golden + report.Judged} judged questions; with {Calibration.LeastSamples} and more, some right and some wrong, a calibration can be fitted. Add golden questions and compare.");
                if (request.Version is null && report.Evidence != request.Evidence)
                    return Error.Conflict("evidence_changed", "Questions were judged since you looked. Look again, then publish.");
                version = await configurations.SaveDraftAsync(s, Calibration.Kind, s.TenantId, report.Proposal is { } proposal && request.Version is null ? proposal.Curve : Calibration.Shipped, by);
            }
            else
            {
                version = request.Version.Value;
            }
            if (!await configurations.PublishAsync(s, Calibration.Kind, s.TenantId, version, by))
                return Error.Invalid("version", "There is no such version.");
            await audit.WriteAsync(s, caller, "quality.calibration.published", "calibration", s.TenantId.ToString("D"), new { version, asShipped = request.Version == 0 });
            return await ReportAsync(s);
        }, ct);
    }

    private async Task<ConfidenceReport> ReportAsync(TenantSession s)
    {
        var rows = await s.QueryAsync<SampleRow>(SamplesSql, new { tenantId = s.TenantId });
        var inForce = await configurations.PublishedAsync<Calibration>(s, Calibration.Kind, s.TenantId);
        var profile = await s.QuerySingleOrDefaultAsync<Guid?>(DefaultAssistantSql, new { tenantId = s.TenantId }) is { } assistant
            ? await configurations.PublishedAsync<AssistantProfile>(s, AssistantProfile.Kind, assistant) : null;
        return ConfidenceReport.Of([.. rows.Select(r => new ConfidenceSample(r.Id, r.Raw, r.IsRight, r.IsGolden))],
            inForce?.Version ?? 0, inForce?.Body ?? Calibration.Shipped, profile?.Body.Threshold ?? Playground.ShippedThreshold);
    }

    private sealed record SampleRow
    {
        public Guid Id { get; init; }
        public double Raw { get; init; }
        public bool IsRight { get; init; }
        public bool IsGolden { get; init; }
    }
}
