using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Identity.Workspaces;

/// <summary>An archive of the workspace.</summary>
internal sealed record WorkspaceExport
{
    public Guid Id { get; init; }

    /// <summary>queued | running | ready | failed | expired.</summary>
    public string State { get; init; } = "";

    /// <summary>Parts written, of <see cref="Total"/>.</summary>
    public int Done { get; init; }
    public int Total { get; init; }
    public long Rows { get; init; }
    public long Files { get; init; }
    public long? Size { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Then its bytes are deleted.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Only who asked for it may have it.</summary>
    public bool Mine { get; init; }
}

/// <param name="Path">On this instance; works once, within ten minutes, for who asked for it.</param>
/// <param name="Until">Until then.</param>
internal sealed record ExportLink(string Path, DateTimeOffset Until);

/// <summary>Archives of everything a workspace holds: asked for, followed, fetched by who asked, and gone after a week.</summary>
internal sealed class WorkspaceExports(TenantDb db, ObjectStore objects, JobQueue jobs, AuditLog audit, TimeProvider time)
{
    private const string Columns = "id, state, done, total, rows, files, size, created_at, finished_at, expires_at, asked_kind = @kind and asked_by is not distinct from @by as mine";
    private const string ListSql = $"""
        select {Columns} from workspace_exports where tenant_id = @tenantId order by created_at desc, id desc limit 50
        """;
    private const string OneSql = $"select {Columns} from workspace_exports where tenant_id = @tenantId and id = @id";
    private const string BusySql = "select exists (select 1 from workspace_exports where tenant_id = @tenantId and state in ('queued', 'running'))";
    private const string InsertSql = """
        insert into workspace_exports (tenant_id, id, state, asked_kind, asked_by, created_at) values (@tenantId, @id, 'queued', @kind, @by, @now) on conflict do nothing
        """;
    private const string LinkSql = """
        update workspace_exports set link_hash = @hash, link_until = @until
         where tenant_id = @tenantId and id = @id and asked_kind = @kind and asked_by is not distinct from @by and state = 'ready' and expires_at > @now
        """;
    private const string TakeSql = """
        update workspace_exports set link_hash = null, link_until = null
         where tenant_id = @tenantId and id = @id and asked_kind = @kind and asked_by is not distinct from @by and state = 'ready' and expires_at > @now
           and link_hash = @hash and link_until > @now
        returning object_hash
        """;

    // Also what the last attempt left where its node died: nobody works on it after a day.
    private const string OverSql = """
        update workspace_exports e set state = 'expired', object_hash = null, link_hash = null from (
          select id, object_hash from workspace_exports where tenant_id = @tenantId and (state = 'ready' and expires_at <= @now or state in ('queued', 'running') and created_at < @abandoned) for update) o
         where e.tenant_id = @tenantId and e.id = o.id
        returning o.object_hash
        """;
    private const string ForgetSql = """
        delete from objects o where o.tenant_id = @tenantId and o.hash = @hash and not exists (select 1 from workspace_exports e where e.tenant_id = o.tenant_id and e.object_hash = o.hash)
        """;

    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private static readonly Error NotFound = Error.NotFound("export");
    private static readonly Error Busy = Error.Conflict("export.running", "An export is being made already. Wait until it is done.");
    private static readonly Error NotReady = Error.Conflict("export.not_ready", "This archive is not there: it is still being made, it failed, or its week is over.");
    private static readonly Error LinkOver = Error.Invalid("once", "This link was used already, is older than ten minutes, or is not yours. Ask for another.");
    private static readonly Error NotYours = new("export.not_yours", "Only who asked for this archive may have it. Start one of your own.", 403);
    private static readonly Error NeedsAll = new("export.needs_all", "An archive holds everything, so it needs every permission to read.", 403);

    internal static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/workspace/exports").WithTags("Privacy");
        group.MapGet("", (Caller caller, WorkspaceExports handler, CancellationToken ct) => handler.ListAsync(caller, ct))
            .WithName("ListExports").RequirePermission(Permission.PrivacyWrite);
        group.MapPost("", async (Caller caller, WorkspaceExports handler, CancellationToken ct) => (await handler.StartAsync(caller, ct)).ToAccepted(e => $"/v1/workspace/exports/{e.Id}"))
            .WithName("StartExport").RequirePermission(Permission.PrivacyWrite);
        group.MapGet("/{id}", async (Guid id, Caller caller, WorkspaceExports handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetExport").RequirePermission(Permission.PrivacyWrite);
        group.MapPost("/{id}/link", async (Guid id, Caller caller, WorkspaceExports handler, CancellationToken ct) => (await handler.LinkAsync(caller, id, ct)).ToHttp())
            .WithName("MakeExportLink").RequirePermission(Permission.PrivacyWrite);
        group.MapGet("/{id}/file", async Task<Results<FileStreamHttpResult, ProblemHttpResult>> (Guid id, string? once, Caller caller, WorkspaceExports handler, CancellationToken ct) =>
                (await handler.TakeAsync(caller, id, once, ct)).TryGet(out var file, out var error) ? file : error.ToProblem())
            .WithName("DownloadExport").Produces<byte[]>(StatusCodes.Status200OK, ExportWorkspaceJob.ContentType).RequirePermission(Permission.PrivacyWrite);
    }

    private Task<Page<WorkspaceExport>> ListAsync(Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, async s =>
        new Page<WorkspaceExport>(await s.QueryAsync<WorkspaceExport>(ListSql, Mine(caller, Guid.Empty)), null), ct);

    private Task<Result<WorkspaceExport>> GetAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<WorkspaceExport>>(caller.TenantId, async s =>
        await s.QuerySingleOrDefaultAsync<WorkspaceExport>(OneSql, Mine(caller, id)) is { } found ? found : NotFound, ct);

    private async Task<Result<WorkspaceExport>> StartAsync(Caller caller, CancellationToken ct)
    {
        if (!Permission.All.Where(p => p.EndsWith(":read", StringComparison.Ordinal)).All(caller.Can))
        {
            return NeedsAll;
        }
        return await db.InTransactionAsync<Result<WorkspaceExport>>(caller.TenantId, async s =>
        {
            var (id, actor) = (Ids.New(time), AuditActor.Of(caller));
            if (await s.QuerySingleAsync<bool>(BusySql, new { tenantId = s.TenantId })
                || await s.ExecuteAsync(InsertSql, new { tenantId = s.TenantId, id, kind = actor.Kind, by = actor.Id, now = time.GetUtcNow() }) == 0)
            {
                return Busy;
            }
            await audit.WriteAsync(s, caller, "workspace.export_started", "export", id.ToString());
            await jobs.EnqueueAsync(s, ExportWorkspaceJob.Kind, new ExportWorkspaceJob.Payload(id));
            return (await s.QuerySingleOrDefaultAsync<WorkspaceExport>(OneSql, Mine(caller, id)))!;
        }, ct);
    }

    private async Task<Result<ExportLink>> LinkAsync(Caller caller, Guid id, CancellationToken ct)
    {
        var (now, secret) = (time.GetUtcNow(), BearerToken.Create("px_"));
        var (until, actor) = (now + LinkLife, AuditActor.Of(caller));
        return await db.InTransactionAsync<Result<ExportLink>>(caller.TenantId, async s =>
            await s.ExecuteAsync(LinkSql, new { tenantId = s.TenantId, id, kind = actor.Kind, by = actor.Id, hash = BearerToken.Hash(secret), until, now }) > 0
                ? new ExportLink($"/v1/workspace/exports/{id:D}/file?once={secret}", until)
                : await s.QuerySingleOrDefaultAsync<WorkspaceExport>(OneSql, Mine(caller, id)) switch { null => NotFound, { Mine: false } => NotYours, _ => NotReady }, ct);
    }

    /// <summary>The link is used up by this, however far the download comes.</summary>
    private async Task<Result<FileStreamHttpResult>> TakeAsync(Caller caller, Guid id, string? once, CancellationToken ct)
    {
        var actor = AuditActor.Of(caller);
        var hash = await db.InTransactionAsync(caller.TenantId, async s =>
        {
            var taken = await s.QuerySingleOrDefaultAsync<byte[]>(TakeSql,
                new { tenantId = s.TenantId, id, kind = actor.Kind, by = actor.Id, hash = BearerToken.Hash(once ?? ""), now = time.GetUtcNow() });
            if (taken is not null)
            {
                await audit.WriteAsync(s, caller, "workspace.export_downloaded", "export", id.ToString());
            }
            return taken;
        }, ct);
        if (hash is null)
        {
            return (await GetAsync(caller, id, ct)).Error ?? LinkOver;
        }
        return await objects.OpenAsync(caller.TenantId, hash, ct) is { } content
            ? TypedResults.File(content, ExportWorkspaceJob.ContentType, string.Create(CultureInfo.InvariantCulture, $"parley-workspace-{time.GetUtcNow():yyyy-MM-dd}.zip"))
            : NotReady;
    }

    /// <summary>Deletes the bytes of archives whose week is over.</summary>
    internal async Task ExpireAsync(Guid tenantId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var gone = await db.InTransactionAsync(tenantId, async s =>
        {
            var hashes = new List<byte[]>();
            foreach (var hash in await s.QueryAsync<byte[]?>(OverSql, new { tenantId, now, abandoned = now - Abandoned }))
            {
                if (hash is not null && await s.ExecuteAsync(ForgetSql, new { tenantId, hash }) > 0)
                {
                    hashes.Add(hash);
                }
            }
            return hashes;
        }, ct);
        // Nobody stores the same archive again. What a kill leaves here is found by the daily sweep.
        foreach (var hash in gone)
        {
            await objects.RemoveAsync(tenantId, hash, ct);
        }
    }

    private static object Mine(Caller caller, Guid id) => new { tenantId = caller.TenantId, id, kind = AuditActor.Of(caller).Kind, by = AuditActor.Of(caller).Id };
}

/// <summary>Each night.</summary>
internal sealed class ExpireExportsJob(WorkspaceExports exports) : IJobHandler
{
    internal static readonly JobKind Kind = new("identity.expire_exports");

    public Task HandleAsync(JobContext job, CancellationToken ct) => exports.ExpireAsync(job.TenantId, ct);
}
