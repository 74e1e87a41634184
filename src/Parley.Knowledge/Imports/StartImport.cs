using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Feed;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Imports;

/// <summary>Ends the upload and queues the work. Starting what is started already changes nothing.</summary>
internal sealed class StartImport(TenantDb db, JobQueue jobs, FeedHub hub)
{
    internal const string StartSql = "update imports set state = 'queued' where tenant_id = @tenantId and id = @importId";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/imports/{importId:guid}/start", async (Guid importId, Caller caller, StartImport handler, CancellationToken ct) =>
                (await handler.HandleAsync(importId, caller.TenantId, ct)).ToAccepted(i => $"/v1/knowledge/imports/{i.Id:D}"))
            .WithName("StartImport").RequirePermission(Permission.KnowledgeWrite);

    private Task<Result<ImportView>> HandleAsync(Guid importId, Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync<Result<ImportView>>(tenantId, async session =>
        {
            if (await ImportRows.LockAsync(session, importId) is not { } import)
                return KnowledgeErrors.NoImport;
            if (import.State is "queued" or "running")
                return import;
            if (import.State != "uploading")
                return KnowledgeErrors.Finished(import.State);
            if (import.Total == 0)
                return KnowledgeErrors.Empty;
            await session.ExecuteAsync(StartSql, new { tenantId, importId });
            await jobs.EnqueueAsync(session, ImportJob.JobKind, new ImportJob.Payload(importId), aggregateKey: "source:" + import.SourceId.ToString("N"));
            session.OnCommitted(() => hub.Publish(new FeedTopic(tenantId, ImportFeed.Topic, importId)));
            return import with { State = "queued" };
        }, ct);
}
