using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Readers;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Knowledge.Sources;

/// <summary>What is left out stays as it is; an empty language takes the label away.</summary>
internal sealed record ChangeSourceRequest(string? Name, string? Audience, string? Language);

/// <summary>Changes a source's name and labels. Another audience holds from this moment on for every answer.</summary>
internal sealed class ChangeSource(TenantDb db, KnowledgeChanges changes, AuditLog audit, TimeProvider time)
{
    internal const string LockSql = "select name, audience, language from knowledge_sources where tenant_id = @tenantId and id = @sourceId and state <> 'deleting' for update";

    internal const string UpdateSql = """
        update knowledge_sources set name = @name, audience = @audience, language = @language, updated_at = @now where tenant_id = @tenantId and id = @sourceId
        """;

    private sealed record Labels
    {
        public string Name { get; init; } = "";
        public string Audience { get; init; } = "";
        public string? Language { get; init; }
    }

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPatch("/sources/{sourceId:guid}", async (Guid sourceId, ChangeSourceRequest request, Caller caller, ChangeSource handler, CancellationToken ct) =>
                (await handler.HandleAsync(sourceId, request, caller, ct)).ToHttp())
            .WithName("ChangeSource").RequirePermission(Permission.KnowledgeWrite);

    private Task<Result<SourceView>> HandleAsync(Guid sourceId, ChangeSourceRequest request, Caller caller, CancellationToken ct)
    {
        if (SourceFields.Check(request.Name, request.Audience, request.Language, nameRequired: false) is { Count: > 0 } invalid)
            return Task.FromResult<Result<SourceView>>(Error.Invalid(invalid));
        return db.InTransactionAsync<Result<SourceView>>(caller.TenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<Labels>(LockSql, new { tenantId = session.TenantId, sourceId }) is not { } before)
                return KnowledgeErrors.NoSource;
            var after = new Labels
            {
                Name = request.Name?.Trim() ?? before.Name,
                Audience = request.Audience ?? before.Audience,
                Language = request.Language is null ? before.Language : LanguageTag.Parse(request.Language),
            };
            await session.ExecuteAsync(UpdateSql, new { tenantId = session.TenantId, sourceId, after.Name, after.Audience, after.Language, now = time.GetUtcNow() });
            if (after.Audience != before.Audience || after.Language != before.Language)
                await changes.TouchSourceAsync(session, sourceId);
            await audit.WriteAsync(session, caller, "knowledge.source.changed", "knowledge_source", sourceId.ToString("D"), new { from = before.Audience, to = after.Audience });
            return (await SourceRow.ReadAsync(session, sourceId))!;
        }, ct);
    }
}
