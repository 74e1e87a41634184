using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Jobs;

namespace Parley.Inference.Batches;

/// <summary>Hands an outcome to its handler and deletes it, in one transaction: whoever is killed before its commit does it again, nobody after it.</summary>
internal sealed class BatchDelivery(TenantDb db, IServiceProvider services, IEnumerable<BatchHandlerRegistration> handlers) : IJobHandler
{
    internal static readonly JobKind Kind = new("inference.batch_delivery");

    /// <param name="ItemId">The piece of work.</param>
    internal sealed record Payload(Guid ItemId);

    public Task HandleAsync(JobContext job, CancellationToken ct) => db.InTransactionAsync(job.TenantId, async session =>
    {
        await DeliverAsync(session, job.Payload<Payload>().ItemId);
        await job.CompleteAsync(session);
    }, ct);

    internal async Task DeliverAsync(TenantSession session, Guid id)
    {
        var told = false;
        // Read before the row is locked: the handler locks what it is about first, as those do who erase it.
        if (await BatchStore.ContentAsync(session, id) is { Outcome: { } json } && await session.QuerySingleOrDefaultAsync<string>(HandlerSql, new { tenantId = session.TenantId, id }) is { } name)
        {
            var registration = handlers.FirstOrDefault(each => each.Name == name) ?? throw new JobAbandonedException($"Nobody takes outcomes named '{name}' in this version.");
            await ((IBatchHandler)services.GetRequiredService(registration.Handler)).HandleAsync(session, Read(json));
            told = true;
        }
        // Of two that tell at once one deletes it; what the other has done is taken back.
        if (await session.ExecuteAsync(DeleteSql, new { tenantId = session.TenantId, id }) == 0 && told)
        {
            throw new LeaseLostException();
        }
    }

    internal const string HandlerSql = "select handler from batch_items where tenant_id = @tenantId and id = @id and state = 'done'";

    internal const string DeleteSql = "delete from batch_items where tenant_id = @tenantId and id = @id and state = 'done'";

    internal static string Write(BatchOutcome outcome) => JsonSerializer.Serialize(outcome, JsonSerializerOptions.Web);

    internal static BatchOutcome Read(string json) => JsonSerializer.Deserialize<BatchOutcome>(json, JsonSerializerOptions.Web)!;
}
