using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Identity.Workspaces;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Jobs;

namespace Parley.Conversations.Retention;

/// <param name="Conversations">That many there are, and go.</param>
internal sealed record ErasureBegun(int Conversations);

/// <summary>All conversations and customers of the workspace, gone for good. Knowledge, settings and members stay.</summary>
internal sealed class EraseAllConversations(TenantDb db, JobQueue jobs, OwnerConfirmation confirmation, AuditLog audit)
{
    private const string CountSql = "select count(*)::int from conversations where tenant_id = @tenantId";

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/erase-conversations", async (ConfirmedRequest request, Caller caller, EraseAllConversations handler, CancellationToken ct) =>
            (await handler.HandleAsync(caller, request, ct)).ToAccepted(_ => null))
            .WithName("EraseAllConversations").RequirePermission(Permission.PrivacyWrite);

    private async Task<Result<ErasureBegun>> HandleAsync(Caller caller, ConfirmedRequest request, CancellationToken ct)
    {
        if (await confirmation.CheckAsync(caller, request, ct) is { } refused)
        {
            return refused;
        }
        return await db.InTransactionAsync(caller.TenantId, async s =>
        {
            var conversations = await s.QuerySingleAsync<int>(CountSql, new { tenantId = s.TenantId });
            await audit.WriteAsync(s, caller, "workspace.conversations_erased", "workspace", s.TenantId.ToString(), new { conversations });
            await jobs.EnqueueAsync(s, EraseAllJob.Kind, new { }, EraseAllJob.Kind.Name);
            return new ErasureBegun(conversations);
        }, ct);
    }
}

/// <summary>Batch after batch until none is left of those that there were when it began.</summary>
internal sealed class EraseAllJob(TenantDb db, SystemDb system, Erasure erasure, TimeProvider time) : IJobHandler
{
    internal static readonly JobKind Kind = new("conversations.erase_all");

    private const string SomeSql = "select id from conversations where tenant_id = @tenantId and created_at <= @until order by id limit @take";
    private const string VisitorsSql = "select end_users_expire(@tenantId, @before, @take)";
    private const int VisitorBatch = 1_000;

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        // What begins while it runs was not meant: otherwise a busy widget would keep it from ever ending.
        var until = time.GetUtcNow();
        while (true)
        {
            var ids = await db.InTransactionAsync(job.TenantId, s => s.QueryAsync<Guid>(SomeSql, new { tenantId = job.TenantId, until, take = RetentionJob.Batch }), ct);
            if (ids.Count == 0)
            {
                break;
            }
            await erasure.EraseAsync(new ErasedConversations(job.TenantId, [.. ids], "conversations.erased") { WithGoldenQuestions = true }, AuditActor.System, ct);
        }
        while (await system.QuerySingleOrDefaultAsync<int>(VisitorsSql, new { tenantId = job.TenantId, before = until, take = VisitorBatch }, ct) > 0)
        {
            ct.ThrowIfCancellationRequested();
        }
    }
}
