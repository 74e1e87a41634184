using Parley.Identity;
using Parley.Platform.Data;

namespace Parley.Integrations.Webhooks;

/// <summary>A delivery that is due.</summary>
internal sealed record DueDelivery
{
    public Guid Id { get; init; }

    public Guid EventId { get; init; }

    public string Body { get; init; } = "";

    public int Attempts { get; init; }

    public int Tries { get; init; }
}

/// <summary>Writes down how an attempt went, and what follows from it for the delivery and for its webhook.</summary>
internal sealed class WebhookRecords(AuditLog audit, TimeProvider time)
{
    // Of an attempt that somebody else has recorded already, or whose delivery is gone, nothing is written.
    internal const string RecordSql = """
        with d as (
          update webhook_deliveries
             set state = @state, attempts = @number, tries = @tries, next_attempt_at = @next, last_status = @status, last_error = @error,
                 ended_at = case when @state = 'pending' then null else @now::timestamptz end
           where tenant_id = @tenantId and id = @id and attempts = @number - 1
          returning tenant_id, id, webhook_id
        ), a as (
          insert into webhook_attempts (tenant_id, delivery_id, number, at, duration_ms, status, error, response)
          select d.tenant_id, d.id, @number, @at, @duration, @status, @error, @response from d
        )
        update webhooks w
           set failing_since = case when @accepted then null else coalesce(w.failing_since, @now) end,
               last_success_at = case when @accepted then @now else w.last_success_at end,
               hold_until = case when @accepted then null when @holdUntil::timestamptz is null then w.hold_until else greatest(w.hold_until, @holdUntil) end
          from d where w.tenant_id = d.tenant_id and w.id = d.webhook_id
        returning w.failing_since
        """;

    internal const string DisableSql = """
        update webhooks set enabled = false, disabled_reason = @reason, disabled_at = @now, version = version + 1, updated_at = @now
         where tenant_id = @tenantId and id = @id and enabled
        """;

    /// <summary>True: the webhook may be sent more at once.</summary>
    internal async Task<bool> WriteAsync(TenantSession session, Guid webhookId, DueDelivery delivery, WebhookAnswer answer, DateTimeOffset at)
    {
        var now = time.GetUtcNow();
        var tries = delivery.Tries + 1;
        // Whoever is gone for good is not asked again by itself: its deliveries wait for a person to switch the webhook on.
        var next = answer.IsAccepted ? null : WebhookSchedule.Next(tries, now, answer.RetryAfter, Random.Shared.NextDouble());
        var failingSince = await session.QuerySingleOrDefaultAsync<DateTimeOffset?>(RecordSql, new
        {
            tenantId = session.TenantId, id = delivery.Id, number = delivery.Attempts + 1, tries, next, now, at,
            state = answer.IsAccepted ? "delivered" : next is null ? "failed" : "pending",
            status = answer.Status, error = answer.Error, response = answer.Response, duration = (int)answer.Duration.TotalMilliseconds,
            accepted = answer.IsAccepted, holdUntil = now + answer.Hold,
        });
        var reason = answer.IsGone ? "gone" : failingSince <= now - WebhookSchedule.DisableAfter ? "failing" : null;
        if (reason is not null && await session.ExecuteAsync(DisableSql, new { tenantId = session.TenantId, id = webhookId, reason, now }) > 0)
        {
            await audit.WriteAsync(session, AuditActor.System, "webhook.disabled", "webhook", webhookId.ToString(), new { reason });
        }
        return reason is null && answer.Hold is null;
    }
}
