using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Identity;

/// <summary>What matches in the audit log as a table for a spreadsheet, the newest first, written while it is read.</summary>
internal sealed class ExportAudit(TenantDb db, ListAudit list, AuditLog audit)
{
    /// <summary>Rows at most; whoever needs more exports one period after the other.</summary>
    internal const int Most = 100_000;
    private const int AtOnce = 1_000;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/audit/export", async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ([AsParameters] AuditFilter filter, Caller caller, ExportAudit handler, CancellationToken ct) =>
            {
                if (filter.Problem() is { } invalid)
                {
                    return invalid.ToProblem();
                }
                await handler.RecordAsync(filter, caller, ct);
                return TypedResults.Stream(stream => handler.WriteAsync(stream, filter, caller.TenantId, ct), "text/csv; charset=utf-8", "audit.csv");
            })
            .WithName("ExportAudit").Produces<string>(StatusCodes.Status200OK, "text/csv").RequirePermission(Permission.AuditRead);

    /// <summary>Before the first row leaves: who breaks off has some of them. What was searched for may be somebody's name, and whose id was given may be of another tenant: only that there was something.</summary>
    private Task RecordAsync(AuditFilter filter, Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, async session =>
    {
        await audit.WriteAsync(session, caller, "audit.exported", null, null,
            new { filter.Action, ofOneMember = filter.MemberId is not null, filter.Since, filter.Until, searched = !string.IsNullOrWhiteSpace(filter.Q) });
        return true;
    }, ct);

    private async Task WriteAsync(Stream stream, AuditFilter filter, Guid tenantId, CancellationToken ct)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await writer.WriteAsync("at,actor_kind,actor_id,actor_name,action,target_kind,target_id,details\r\n");
        PageCursor? after = null;
        for (var written = 0; written < Most;)
        {
            var rows = await list.ReadAsync(tenantId, filter, after, Math.Min(AtOnce, Most - written), ct);
            foreach (var row in rows)
            {
                await writer.WriteAsync(Line(row));
            }
            await writer.FlushAsync(ct);
            written += rows.Count;
            if (rows.Count < AtOnce)
            {
                return;
            }
            after = new PageCursor(rows[^1].At, rows[^1].Id);
        }
    }

    private static string Line(AuditEntry entry) => string.Join(',', new[]
    {
        entry.At.ToString("O", CultureInfo.InvariantCulture), entry.ActorKind, entry.ActorId?.ToString("D"), entry.ActorName, entry.Action, entry.TargetKind, entry.TargetId,
        entry.Payload?.GetRawText(),
    }.Select(Cell)) + "\r\n";

    /// <summary>Quoted; a text that a spreadsheet would run as a formula is kept from it. Pure.</summary>
    internal static string Cell(string? text) => string.IsNullOrEmpty(text) ? ""
        : '"' + (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" : "") + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
