using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Integrations.Webhooks;

/// <summary>One event for one webhook, without its content.</summary>
internal record WebhookDelivery
{
    public Guid Id { get; init; }

    public Guid WebhookId { get; init; }

    /// <summary>What the receiver sees as webhook-id.</summary>
    public string EventId { get; init; } = "";

    public string Type { get; init; } = "";

    /// <summary>pending | delivered | failed | cancelled.</summary>
    public string State { get; init; } = "";

    public Guid? ConversationId { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Of the last attempt; null: there was no answer, or no attempt.</summary>
    public int? LastStatus { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset OccurredAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>With what was sent and how each attempt went.</summary>
internal sealed record WebhookDeliveryDetail : WebhookDelivery
{
    /// <summary>The body; null where the caller may not read conversations.</summary>
    public JsonElement? Payload { get; init; }

    public IReadOnlyList<WebhookAttempt> AttemptLog { get; init; } = [];
}

internal sealed record WebhookAttempt
{
    public int Number { get; init; }

    public DateTimeOffset At { get; init; }

    public int DurationMs { get; init; }

    /// <summary>Null: there was no answer.</summary>
    public int? Status { get; init; }

    public string? Error { get; init; }

    /// <summary>How the answer began.</summary>
    public string? Response { get; init; }
}

/// <param name="Since">What was given up of all that was recorded from then on.</param>
internal sealed record ReplayWebhookRequest(DateTimeOffset? Since);

/// <param name="Count">So many are sent again.</param>
internal sealed record WebhookReplayed(int Count);

/// <summary>What was sent to a webhook, and sending it again: one, or all that was given up.</summary>
internal sealed class WebhookDeliveries(TenantDb db, WebhookSignal signal, AuditLog audit, TimeProvider time)
{
    private static readonly string[] States = ["pending", "delivered", "failed", "cancelled"];

    private const string Columns =
        "id, webhook_id, 'evt_' || replace(event_id::text, '-', '') as event_id, type, state, conversation_id, attempts, next_attempt_at, last_status, last_error, occurred_at, created_at, ended_at";

    internal const string PageSql = $"""
        select {Columns} from webhook_deliveries
         where tenant_id = @tenantId and webhook_id = @id and (@state::text is null or state = @state) and (@type::text is null or type = @type)
           and (@at::timestamptz is null or (created_at, id) < (@at, @after::uuid))
         order by created_at desc, id desc limit @take
        """;

    internal const string ExistsSql = "select exists (select 1 from webhooks where tenant_id = @tenantId and id = @id)";
    internal const string OneSql = $"select {Columns}, body from webhook_deliveries where tenant_id = @tenantId and id = @id";

    internal const string AttemptsSql = """
        select number, at, duration_ms, status, error, response from webhook_attempts where tenant_id = @tenantId and delivery_id = @id order by number desc limit 100
        """;

    internal const string ReplaySql = """
        update webhook_deliveries set state = 'pending', tries = 0, next_attempt_at = @now, ended_at = null where tenant_id = @tenantId and id = @id
        """;

    internal const string ReplayFailedSql = """
        update webhook_deliveries set state = 'pending', tries = 0, next_attempt_at = @now, ended_at = null
         where tenant_id = @tenantId and webhook_id = @id and state = 'failed' and created_at >= @since
        """;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/{id}/deliveries", async (Guid id, string? state, string? type, [AsParameters] PageQuery page, Caller caller, WebhookDeliveries handler, CancellationToken ct) =>
                (await handler.ListAsync(caller, id, state, type, page, ct)).ToHttp())
            .WithName("ListWebhookDeliveries").RequirePermission(Permission.WebhooksRead);
        group.MapPost("/{id}/replay", async (Guid id, ReplayWebhookRequest request, Caller caller, WebhookDeliveries handler, CancellationToken ct) =>
                (await handler.ReplayFailedAsync(caller, id, request, ct)).ToHttp())
            .WithName("ReplayWebhook").RequirePermission(Permission.WebhooksWrite);
        group.MapGet("/deliveries/{deliveryId}", async (Guid deliveryId, Caller caller, WebhookDeliveries handler, CancellationToken ct) => (await handler.GetAsync(caller, deliveryId, ct)).ToHttp())
            .WithName("GetWebhookDelivery").RequirePermission(Permission.WebhooksRead);
        group.MapPost("/deliveries/{deliveryId}/replay", async (Guid deliveryId, Caller caller, WebhookDeliveries handler, CancellationToken ct) =>
                (await handler.ReplayAsync(caller, deliveryId, ct)).ToHttp())
            .WithName("ReplayWebhookDelivery").RequirePermission(Permission.WebhooksWrite);
    }

    /// <summary>The content is personal data: that it was read is in the audit log.</summary>
    internal async Task<WebhookDeliveryDetail?> ReadAsync(TenantSession session, Caller caller, Guid id)
    {
        if (await session.QuerySingleOrDefaultAsync<Row>(OneSql, new { tenantId = session.TenantId, id }) is not { } row)
        {
            return null;
        }
        var attempts = await session.QueryAsync<WebhookAttempt>(AttemptsSql, new { tenantId = session.TenantId, id });
        if (!caller.Can(Permission.ConversationsRead))
        {
            return row.ToDetail(null, [.. attempts.Select(attempt => attempt with { Response = null })]);
        }
        if (row.ConversationId is not null)
        {
            await audit.WriteAsync(session, caller, "webhook.delivery_read", "webhook_delivery", id.ToString());
        }
        return row.ToDetail(JsonSerializer.Deserialize<JsonElement>(row.Body), attempts);
    }

    private async Task<Result<Page<WebhookDelivery>>> ListAsync(Caller caller, Guid id, string? state, string? type, PageQuery page, CancellationToken ct)
    {
        if (!page.Read().TryGet(out var part, out var error))
        {
            return error;
        }
        if (state is not null && !States.Contains(state, StringComparer.Ordinal))
        {
            return Error.Invalid("state", $"'state' is one of {string.Join(", ", States)}.");
        }
        if (type is not null && WebhookEvents.All.All(known => known.Type != type))
        {
            return Error.Invalid("type", $"'type' is one of {string.Join(", ", WebhookEvents.All.Select(known => known.Type))}.");
        }
        return await db.InTransactionAsync<Result<Page<WebhookDelivery>>>(caller.TenantId, async s =>
        {
            if (!await s.QuerySingleAsync<bool>(ExistsSql, new { tenantId = s.TenantId, id }))
            {
                return WebhookErrors.NotFound;
            }
            var rows = await s.QueryAsync<WebhookDelivery>(PageSql, new { tenantId = s.TenantId, id, state, type, at = part.After?.At, after = part.After?.Id, take = part.Limit + 1 });
            return PageCursor.PageOf(rows, part.Limit, row => new PageCursor(row.CreatedAt, row.Id));
        }, ct);
    }

    private Task<Result<WebhookDeliveryDetail>> GetAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<WebhookDeliveryDetail>>(caller.TenantId, async s =>
        await ReadAsync(s, caller, id) is { } detail ? detail : WebhookErrors.DeliveryNotFound, ct);

    /// <summary>Whatever became of it. The id stays, so that a receiver that had it after all knows it again.</summary>
    private Task<Result<WebhookDeliveryDetail>> ReplayAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<WebhookDeliveryDetail>>(caller.TenantId, async s =>
    {
        if (WebhookErrors.Beyond(caller) is { } beyond)
        {
            return beyond;
        }
        if (await s.ExecuteAsync(ReplaySql, new { tenantId = s.TenantId, id, now = time.GetUtcNow() }) == 0)
        {
            return WebhookErrors.DeliveryNotFound;
        }
        await audit.WriteAsync(s, caller, "webhook.replayed", "webhook_delivery", id.ToString());
        s.OnCommitted(signal.Set);
        return (await ReadAsync(s, caller, id))!;
    }, ct);

    private async Task<Result<WebhookReplayed>> ReplayFailedAsync(Caller caller, Guid id, ReplayWebhookRequest request, CancellationToken ct)
    {
        if (request.Since is not { } since)
        {
            return Error.Invalid("since", "'since' is missing: give a moment such as 2026-01-31T09:00:00Z.");
        }
        return await db.InTransactionAsync<Result<WebhookReplayed>>(caller.TenantId, async s =>
        {
            if (WebhookErrors.Beyond(caller) is { } beyond)
            {
                return beyond;
            }
            if (!await s.QuerySingleAsync<bool>(ExistsSql, new { tenantId = s.TenantId, id }))
            {
                return WebhookErrors.NotFound;
            }
            var count = await s.ExecuteAsync(ReplayFailedSql, new { tenantId = s.TenantId, id, since, now = time.GetUtcNow() });
            await audit.WriteAsync(s, caller, "webhook.replayed", "webhook", id.ToString(), new { since, count });
            s.OnCommitted(signal.Set);
            return new WebhookReplayed(count);
        }, ct);
    }

    private sealed record Row : WebhookDelivery
    {
        public string Body { get; init; } = "";

        internal WebhookDeliveryDetail ToDetail(JsonElement? payload, IReadOnlyList<WebhookAttempt> attempts) => new()
        {
            Id = Id, WebhookId = WebhookId, EventId = EventId, Type = Type, State = State, ConversationId = ConversationId, Attempts = Attempts, NextAttemptAt = NextAttemptAt,
            LastStatus = LastStatus, LastError = LastError, OccurredAt = OccurredAt, CreatedAt = CreatedAt, EndedAt = EndedAt, Payload = payload, AttemptLog = attempts,
        };
    }
}
