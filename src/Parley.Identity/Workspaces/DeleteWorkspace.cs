using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Jobs;
using Parley.Platform.Objects;

namespace Parley.Identity.Workspaces;

/// <summary>The end of a workspace: closed at once, so that nobody and nothing opens it any more; then a job deletes everything it holds.</summary>
internal sealed class DeleteWorkspace(SystemDb system, TenantDb db, JobQueue jobs, OwnerConfirmation confirmation, TimeProvider time)
{
    private const string CloseSql = "select workspace_close(@tenantId, @now)";
    private const string ClosedSql = "select * from workspaces_closed()";
    private const string WaitingSql = "select exists (select 1 from jobs where tenant_id = @tenantId and kind = @kind and state <> 'dead')";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/workspace/delete", async (ConfirmedRequest request, Caller caller, DeleteWorkspace handler, CancellationToken ct) =>
                (await handler.HandleAsync(caller, request, ct)).ToNoContent())
            .WithName("DeleteWorkspace").WithTags("Privacy").RequirePermission(Permission.PrivacyWrite);

    private async Task<Result<bool>> HandleAsync(Caller caller, ConfirmedRequest request, CancellationToken ct)
    {
        if (await confirmation.CheckAsync(caller, request, ct) is { } refused)
        {
            return refused;
        }
        await CloseAsync(caller.TenantId, ct);
        return true;
    }

    /// <summary>From here on there is no way back, also where this process dies: the schedule finds what was closed.</summary>
    private async Task CloseAsync(Guid tenantId, CancellationToken ct)
    {
        await system.ExecuteAsync(CloseSql, new { tenantId, now = time.GetUtcNow() }, ct);
        await EnqueueAsync(db, jobs, tenantId, ct);
    }

    /// <summary>Those whose deletion did not come to its end: a node died before it was enqueued, or every attempt failed.</summary>
    internal static async Task ResumeAsync(IServiceProvider services, CancellationToken ct)
    {
        var (db, jobs) = (services.GetRequiredService<TenantDb>(), services.GetRequiredService<JobQueue>());
        foreach (var tenantId in await services.GetRequiredService<SystemDb>().QueryAsync<Guid>(ClosedSql, null, ct))
        {
            await EnqueueAsync(db, jobs, tenantId, ct);
        }
    }

    private static Task EnqueueAsync(TenantDb db, JobQueue jobs, Guid tenantId, CancellationToken ct) => db.InTransactionAsync(tenantId, async s =>
    {
        if (!await s.QuerySingleAsync<bool>(WaitingSql, new { tenantId, kind = DeleteWorkspaceJob.Kind.Name }))
        {
            await jobs.EnqueueAsync(s, DeleteWorkspaceJob.Kind, new { });
        }
    }, ct);
}

internal sealed class DeleteWorkspaceJob(WorkspaceDeletion deletion) : IJobHandler
{
    internal static readonly JobKind Kind = new("identity.delete_workspace", MaxAttempts: 20);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        await deletion.DeleteAsync(job.TenantId, ct);
        job.Gone();
    }
}

/// <summary>Deletes a closed workspace: its largest tables row by row, its files, then the rest in one transaction. Begun again it goes on.</summary>
public sealed class WorkspaceDeletion
{
    private const int Batch = 2_000;
    private const string CloseSql = "select workspace_close(@tenantId, @now)";
    private const string BySlugSql = "select * from workspace_by_slug(@slug)";
    private const string ClearSql = "select workspace_clear(@tenantId, @table, @take)";
    private const string DeleteSql = "select workspace_delete(@tenantId)";
    private const string TablesSql = """
        select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relforcerowsecurity
           and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') and c.relname not in ('jobs', 'memberships')
         order by (select sum(p.reltuples) from pg_class p where p.oid = c.oid or p.oid in (select i.inhrelid from pg_inherits i where i.inhparent = c.oid)) desc, c.relname
        """;

    private readonly TenantDb _db;
    private readonly SystemDb _system;
    private readonly ObjectStore _objects;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    internal WorkspaceDeletion(TenantDb db, SystemDb system, ObjectStore objects, TimeProvider time, ILogger<WorkspaceDeletion> log) =>
        (_db, _system, _objects, _time, _log) = (db, system, objects, time, log);

    /// <summary>The operator's way: closes and deletes at once. Fails where the name is not that of the workspace.</summary>
    public async Task<Result<string>> DeleteAsync(string slug, string? confirm, CancellationToken ct)
    {
        if (await _system.QuerySingleOrDefaultAsync<Found>(BySlugSql, new { slug }, ct) is not { } found)
        {
            return Error.NotFound($"workspace '{slug}'");
        }
        if (confirm != found.Name)
        {
            return Error.Invalid("confirm", $"The workspace {slug} would be deleted with everything in it, for good. Repeat with --confirm \"{found.Name}\".");
        }
        await _system.ExecuteAsync(CloseSql, new { tenantId = found.Id, now = _time.GetUtcNow() }, ct);
        await DeleteAsync(found.Id, ct);
        return found.Name;
    }

    internal async Task DeleteAsync(Guid tenantId, CancellationToken ct)
    {
        foreach (var table in await _db.InTransactionAsync(tenantId, s => s.QueryAsync<string>(TablesSql), ct))
        {
            try
            {
                while (await _system.QuerySingleOrDefaultAsync<int>(ClearSql, new { tenantId, table, take = Batch }, ct) > 0)
                {
                    ct.ThrowIfCancellationRequested();
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                // Another table's rows still need these: they go together, in the end.
            }
        }
        await _objects.RemoveTenantAsync(tenantId, ct);
        await _system.ExecuteAsync(DeleteSql, new { tenantId }, ct);
        // What a request that was under way has stored meanwhile.
        await _objects.RemoveTenantAsync(tenantId, ct);
        Log.WorkspaceDeleted(_log);
    }

    private sealed record Found
    {
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public string Status { get; init; } = "";
    }
}
