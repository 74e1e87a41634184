using Parley.Platform.Data;

namespace Parley.Integrations.Webhooks;

/// <summary>A webhook as its managers see it: never the secret.</summary>
internal sealed record WebhookView
{
    public Guid Id { get; init; }

    public string Url { get; init; } = "";

    public string Description { get; init; } = "";

    public string[] Events { get; init; } = [];

    public bool Enabled { get; init; }

    /// <summary>gone | failing: Parley switched it off. Null: it is on, or a person did.</summary>
    public string? DisabledReason { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Nothing has arrived since then.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>The receiver asked to be left alone until then.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>How the secret ends.</summary>
    public string SecretHint { get; init; } = "";

    /// <summary>Until then the secret before it signs too.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Deliveries that wait to be sent, or to be sent again.</summary>
    public int Waiting { get; init; }

    /// <summary>Deliveries that were given up, of the last 30 days.</summary>
    public int Failed { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Moves with every change.</summary>
    public int Version { get; init; }
}

/// <summary>Reads webhooks.</summary>
internal static class WebhookReader
{
    internal const string AllSelect = """
        select w.id, w.url, w.description, w.events, w.enabled, w.disabled_reason, w.disabled_at, w.failing_since, w.last_success_at, w.hold_until, w.secret_hint,
               w.previous_secret_until, w.created_at, w.version,
               (select count(*)::int from webhook_deliveries d where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.state = 'pending') as waiting,
               (select count(*)::int from webhook_deliveries d where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.state = 'failed') as failed
          from webhooks w where w.tenant_id = @tenantId and (@id::uuid is null or w.id = @id)
         order by w.created_at, w.id
        """;

    internal static Task<IReadOnlyList<WebhookView>> AllAsync(TenantSession session) =>
        session.QueryAsync<WebhookView>(AllSelect, new { tenantId = session.TenantId, id = (Guid?)null });

    internal static Task<WebhookView?> OneAsync(TenantSession session, Guid id) =>
        session.QuerySingleOrDefaultAsync<WebhookView>(AllSelect, new { tenantId = session.TenantId, id });
}
