using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Knowledge.Sources;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Feed;
using Parley.Platform.Idempotency;

namespace Parley.Knowledge.Imports;

/// <summary>What to import into: an existing source, or one named by kind and canonical form.</summary>
/// <param name="SourceId">Updates this source.</param>
/// <param name="Name">Of a new source.</param>
/// <param name="Kind">upload or folder; upload where it is left out.</param>
/// <param name="Canonical">What identifies the source among those of its kind: an absolute path, or any text. The source that has it is updated. Left out: the name, which must be new.</param>
/// <param name="Audience">public (the widget answers from it), customers or internal.</param>
/// <param name="Language">Of documents that state none.</param>
/// <param name="Mode">complete: documents that this import does not carry are removed at its end. partial: they stay.</param>
internal sealed record CreateImportRequest(Guid? SourceId, string? Name, string? Kind, string? Canonical, string? Audience, string? Language, string? Mode);

/// <summary>Opens an import; files are added to it until it is started.</summary>
internal sealed class CreateImport(TenantDb db, AuditLog audit, FeedHub hub, TimeProvider time)
{
    /// <summary>An upload to which nothing has been added for this long has been given up by its sender.</summary>
    internal static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(2);

    internal const string LockSourceSql = "select kind from knowledge_sources where tenant_id = @tenantId and id = @sourceId and state <> 'deleting' for no key update";

    internal const string FindSourceSql =
        "select id from knowledge_sources where tenant_id = @tenantId and kind = @kind and canonical = @canonical and state <> 'deleting' for no key update";

    internal const string InsertSourceSql = """
        insert into knowledge_sources (tenant_id, id, kind, canonical, name, language, audience, created_by, created_at, updated_at)
        values (@tenantId, @id, @kind, @canonical, @name, @language, @audience, @createdBy, @now, @now)
        on conflict (tenant_id, kind, canonical) do nothing returning id
        """;

    internal const string ExpireSql = """
        update imports set state = 'cancelled', error = 'The upload was given up.', finished_at = @now
         where tenant_id = @tenantId and source_id = @sourceId and state = 'uploading' and active_at < @before
        """;

    internal const string ActiveSql = $"""
        select {ImportRows.Columns} from imports where tenant_id = @tenantId and source_id = @sourceId and state in ('uploading', 'crawling', 'queued', 'running')
        """;

    internal const string InsertSql = """
        insert into imports (tenant_id, id, source_id, state, mode, requested_by, created_at, active_at)
        values (@tenantId, @id, @sourceId, 'uploading', @mode, @requestedBy, @now, @now)
        on conflict (tenant_id, source_id) where state in ('uploading', 'crawling', 'queued', 'running') do nothing
        """;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/imports", async (CreateImportRequest request, Caller caller, CreateImport handler, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller, ct)).ToCreated(i => $"/v1/knowledge/imports/{i.Id:D}"))
            .WithName("CreateImport").RequirePermission(Permission.KnowledgeWrite).WithIdempotency();

    private Task<Result<ImportView>> HandleAsync(CreateImportRequest request, Caller caller, CancellationToken ct)
    {
        var invalid = SourceFields.Check(request.Name, request.Audience, request.Language, nameRequired: request.SourceId is null);
        if (request.Mode is not (null or "complete" or "partial"))
            invalid["mode"] = ["Give complete (what is not uploaded is removed) or partial (it stays)."];
        if (request.Kind is not (null or "upload" or "folder"))
            invalid["kind"] = ["Give upload or folder."];
        if (request.Canonical is { } canonical && (string.IsNullOrWhiteSpace(canonical) || canonical.Length > 2000 || canonical.Any(char.IsControl)))
            invalid["canonical"] = ["Give 1 to 2,000 printable characters, or leave it out."];
        if (invalid.Count > 0)
            return Task.FromResult<Result<ImportView>>(Error.Invalid(invalid));
        return db.InTransactionAsync<Result<ImportView>>(caller.TenantId, async session =>
            (await SourceAsync(session, request, caller)).TryGet(out var sourceId, out var error) ? await OpenAsync(session, sourceId, request, caller) : error, ct);
    }

    private async Task<Result<Guid>> SourceAsync(TenantSession session, CreateImportRequest request, Caller caller)
    {
        if (request.SourceId is { } given)
        {
            var kindOf = await session.QuerySingleOrDefaultAsync<string?>(LockSourceSql, new { tenantId = session.TenantId, sourceId = given });
            return kindOf is null ? KnowledgeErrors.NoSource : kindOf is "upload" or "folder" ? given : KnowledgeErrors.NotUploadable(kindOf);
        }
        var now = time.GetUtcNow();
        var name = request.Name!.Trim();
        var (kind, canonical) = (request.Kind ?? "upload", request.Canonical?.Trim() ?? name);
        var made = await session.QuerySingleOrDefaultAsync<Guid?>(InsertSourceSql, new
        {
            tenantId = session.TenantId, id = Ids.New(time), kind, canonical, name, language = request.Language, audience = request.Audience ?? "public",
            createdBy = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now,
        });
        if (made is { } id)
        {
            await audit.WriteAsync(session, caller, "knowledge.source.created", "knowledge_source", id.ToString("D"), new { kind, audience = request.Audience ?? "public" });
            return id;
        }
        // It exists (or is being deleted just now: then there is nothing to find).
        var existing = await session.QuerySingleOrDefaultAsync<Guid?>(FindSourceSql, new { tenantId = session.TenantId, kind, canonical });
        return existing is null ? Error.Conflict("source.deleting", "The source of this name is being deleted. Try again in a moment.")
            : request.Canonical is null ? KnowledgeErrors.SourceExists(existing.Value)
            : existing.Value;
    }

    private async Task<Result<ImportView>> OpenAsync(TenantSession session, Guid sourceId, CreateImportRequest request, Caller caller)
    {
        var now = time.GetUtcNow();
        await session.ExecuteAsync(ExpireSql, new { tenantId = session.TenantId, sourceId, now, before = now - Abandoned });
        var id = Ids.New(time);
        var opened = await session.ExecuteAsync(InsertSql, new
        {
            tenantId = session.TenantId, id, sourceId, mode = request.Mode ?? "partial", requestedBy = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now,
        });
        if (opened == 0)
        {
            var active = await session.QuerySingleOrDefaultAsync<ImportView>(ActiveSql, new { tenantId = session.TenantId, sourceId });
            return active is null ? Error.Conflict("import.running", "An import of this source has just ended. Try again.") : KnowledgeErrors.ImportRunning(active.Id, active.State);
        }
        await audit.WriteAsync(session, caller, "knowledge.import.created", "import", id.ToString("D"), new { sourceId, mode = request.Mode ?? "partial" });
        session.OnCommitted(() => hub.Publish(new FeedTopic(caller.TenantId, ImportFeed.Topic, id)));
        return (await ImportRows.ReadAsync(session, id))!;
    }
}
