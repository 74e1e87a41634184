using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Jobs;

namespace Parley.Identity;

/// <summary>The tenant's work that failed for good: see it, try it again, give it up. Here and not in Platform, because each change is audited.</summary>
internal sealed class DeadJobsApi(TenantDb db, DeadJobs jobs, AuditLog audit)
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/dead", async ([AsParameters] PageQuery page, Caller caller, DeadJobsApi handler, CancellationToken ct) => (await handler.ListAsync(page, caller, ct)).ToHttp())
            .WithName("ListDeadJobs").RequirePermission(Permission.JobsRead);
        group.MapPost("/{id}/retry", async (Guid id, Caller caller, DeadJobsApi handler, CancellationToken ct) =>
                (await handler.ChangeAsync(caller, id, "job.retried", s => handler.RetryAsync(s, id), ct)).ToNoContent())
            .WithName("RetryJob").RequirePermission(Permission.JobsWrite);
        group.MapDelete("/{id}", async (Guid id, Caller caller, DeadJobsApi handler, CancellationToken ct) =>
                (await handler.ChangeAsync(caller, id, "job.discarded", s => DeadJobs.DiscardAsync(s, id), ct)).ToNoContent())
            .WithName("DiscardJob").RequirePermission(Permission.JobsWrite);
    }

    private async Task<Result<Page<DeadJob>>> ListAsync(PageQuery page, Caller caller, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        var rows = await db.InTransactionAsync(caller.TenantId, s => DeadJobs.ListAsync(s, part.After?.At, part.After?.Id, part.Limit + 1), ct);
        return PageCursor.PageOf(rows, part.Limit, job => new PageCursor(job.DeadAt, job.Id));
    }

    private Task<bool> RetryAsync(TenantSession s, Guid id) => jobs.RetryAsync(s, id);

    private Task<Result<bool>> ChangeAsync(Caller caller, Guid id, string action, Func<TenantSession, Task<bool>> change, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
        {
            if (!await change(s))
            {
                return Error.NotFound("dead job");
            }
            await audit.WriteAsync(s, caller, action, "job", id.ToString());
            return true;
        }, ct);
}
