using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Integrations.Webhooks;

/// <summary>Sends one test event at once, also to a webhook that is off, and says what came of it. It is not tried again by itself.</summary>
internal sealed class TestWebhook(TenantDb db, WebhookSender sender, WebhookSecrets secrets, WebhookDeliveries deliveries, AuditLog audit, TimeProvider time)
{
    internal const string TargetSql = "select url, previous_secret_until from webhooks where tenant_id = @tenantId and id = @id";

    internal const string AddSql = """
        with d as (
          insert into webhook_deliveries (tenant_id, id, webhook_id, event_id, type, body, state, attempts, tries, last_status, last_error, occurred_at, created_at, ended_at)
          select w.tenant_id, @deliveryId::uuid, w.id, @eventId::uuid, @type::text, @body::text, @state::text, 1, 1, @status::int, @error::text, @at::timestamptz, @at, @now::timestamptz
            from webhooks w where w.tenant_id = @tenantId and w.id = @id
          returning tenant_id, id
        )
        insert into webhook_attempts (tenant_id, delivery_id, number, at, duration_ms, status, error, response)
        select d.tenant_id, d.id, 1, @at, @duration, @status, @error, @response from d
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/{id}/test", async (Guid id, Caller caller, TestWebhook handler, CancellationToken ct) => (await handler.HandleAsync(caller, id, ct)).ToHttp())
            .WithName("TestWebhook").RequirePermission(Permission.WebhooksWrite);

    private async Task<Result<WebhookDeliveryDetail>> HandleAsync(Caller caller, Guid id, CancellationToken ct)
    {
        var at = time.GetUtcNow();
        var target = await db.InTransactionAsync(caller.TenantId, async s => await s.QuerySingleOrDefaultAsync<Target>(TargetSql, new { tenantId = s.TenantId, id }) is { } found
            ? found with { Secrets = await secrets.ValidAsync(s, id, found.PreviousSecretUntil, at) } : null, ct);
        if (target is null)
        {
            return WebhookErrors.NotFound;
        }
        var (deliveryId, eventId) = (Ids.New(time), Ids.New(time));
        var body = WebhookRendering.Body(caller.TenantId, eventId, WebhookEvents.Test, at, new WebhookTestData("This is a test. Nothing has happened."));
        var answer = await sender.SendAsync(target.Url, WebhookEvents.IdOf(eventId), body, target.Secrets, ct);
        return await db.InTransactionAsync<Result<WebhookDeliveryDetail>>(caller.TenantId, async s =>
        {
            await s.ExecuteAsync(AddSql, new
            {
                tenantId = s.TenantId, id, deliveryId, eventId, type = WebhookEvents.Test, body, at, now = time.GetUtcNow(), state = answer.IsAccepted ? "delivered" : "failed",
                status = answer.Status, error = answer.Error, response = answer.Response, duration = (int)answer.Duration.TotalMilliseconds,
            });
            await audit.WriteAsync(s, caller, "webhook.tested", "webhook", id.ToString(), new { answer.Status });
            return await deliveries.ReadAsync(s, caller, deliveryId) is { } detail ? detail : WebhookErrors.NotFound;
        }, ct);
    }

    private sealed record Target
    {
        public string Url { get; init; } = "";

        public DateTimeOffset? PreviousSecretUntil { get; init; }

        public IReadOnlyList<string> Secrets { get; init; } = [];
    }
}
