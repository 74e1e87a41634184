using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Idempotency;

namespace Parley.Integrations.Webhooks;

/// <param name="Url">Where to: https, or http to a host that the operator lists.</param>
/// <param name="Events">What to send; GET /v1/webhooks/events lists what there is.</param>
/// <param name="Description">For the console.</param>
/// <param name="Enabled">Null: yes.</param>
internal sealed record CreateWebhookRequest(string? Url, IReadOnlyList<string?>? Events, string? Description = null, bool? Enabled = null);

/// <summary>What is absent stays as it is.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Events">What to send from now on.</param>
/// <param name="Description">For the console.</param>
/// <param name="Enabled">Switches it on or off.</param>
/// <param name="SkipMissed">When it is switched on: begin with what happens from now on. Otherwise it catches up with all that happened meanwhile.</param>
/// <param name="Version">Of the webhook that was looked at: somebody else's change meanwhile is not overwritten. Null: whatever it is.</param>
internal sealed record ChangeWebhookRequest(
    string? Url = null, IReadOnlyList<string?>? Events = null, string? Description = null, bool? Enabled = null, bool? SkipMissed = null, int? Version = null);

/// <param name="Webhook">As it is listed.</param>
/// <param name="Secret">Shown this once.</param>
internal sealed record WebhookWithSecret(WebhookView Webhook, string Secret);

/// <summary>The tenant's webhooks: list, look at, make, change, remove.</summary>
internal sealed class Webhooks(TenantDb db, WebhookRules rules, WebhookSecrets secrets, WebhookSignal signal, AuditLog audit, TimeProvider time)
{
    private const int Max = 100;

    internal const string CountSql = "select count(*)::int from webhooks where tenant_id = @tenantId";

    /// <summary>What is committed and yet behind the place from which is read: a transaction that still ran was older.</summary>
    private const string Skip = "coalesce((select array_agg(e.position) from v_event_log e where e.tenant_id = @tenantId and e.xid >= pg_snapshot_xmin(pg_current_snapshot())), '{}')";

    // It begins at what is committed from now on.
    internal const string InsertSql = $"""
        insert into webhooks (tenant_id, id, url, description, events, enabled, secret_hint, xid, position, skip, read_at, created_by, created_at, updated_at)
        values (@tenantId, @id, @url, @description, @events, @enabled, @hint, pg_snapshot_xmin(pg_current_snapshot()),
                coalesce((select e.position from v_event_log e where e.tenant_id = @tenantId order by e.xid desc, e.position desc limit 1), 0), {Skip}, @now, @by, @now, @now)
        """;

    internal const string LockSql = "select enabled, url, version from webhooks where tenant_id = @tenantId and id = @id for update";

    // Another address is another receiver: nothing is known of it.
    internal const string ChangeSql = """
        update webhooks
           set description = coalesce(@description, description), events = coalesce(@events, events), url = coalesce(@url, url),
               enabled = coalesce(@enabled, enabled), version = version + 1, updated_at = @now,
               disabled_reason = case when @enabled is null then disabled_reason end, disabled_at = case when @enabled is null then disabled_at when @enabled then null else @now::timestamptz end,
               failing_since = case when @fresh then null else failing_since end, hold_until = case when @fresh then null else hold_until end
         where tenant_id = @tenantId and id = @id
        """;

    internal const string SkipSql = $"""
        update webhooks set xid = pg_snapshot_xmin(pg_current_snapshot()), skip = {Skip}, read_at = @now,
               position = coalesce((select e.position from v_event_log e where e.tenant_id = @tenantId order by e.xid desc, e.position desc limit 1), 0)
         where tenant_id = @tenantId and id = @id
        """;

    internal const string CancelSql = """
        update webhook_deliveries set state = 'cancelled', next_attempt_at = null, ended_at = @now where tenant_id = @tenantId and webhook_id = @id and state = 'pending'
        """;

    internal const string DeleteSql = "delete from webhooks where tenant_id = @tenantId and id = @id";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async (Caller caller, Webhooks handler, CancellationToken ct) => new Page<WebhookView>(await handler.ListAsync(caller, ct), null))
            .WithName("ListWebhooks").RequirePermission(Permission.WebhooksRead);
        group.MapGet("/{id}", async (Guid id, Caller caller, Webhooks handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetWebhook").RequirePermission(Permission.WebhooksRead);
        group.MapPost("", async (CreateWebhookRequest request, Caller caller, Webhooks handler, CancellationToken ct) =>
                (await handler.CreateAsync(caller, request, ct)).ToCreated(made => $"/v1/webhooks/{made.Webhook.Id}"))
            .WithName("CreateWebhook").RequirePermission(Permission.WebhooksWrite);
        group.MapPatch("/{id}", async (Guid id, ChangeWebhookRequest request, Caller caller, Webhooks handler, CancellationToken ct) => (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeWebhook").RequirePermission(Permission.WebhooksWrite);
        group.MapDelete("/{id}", async (Guid id, Caller caller, Webhooks handler, CancellationToken ct) => (await handler.DeleteAsync(caller, id, ct)).ToNoContent())
            .WithName("DeleteWebhook").RequirePermission(Permission.WebhooksWrite);
        group.MapPost("/{id}/secret", async (Guid id, Caller caller, Webhooks handler, CancellationToken ct) => (await handler.RotateAsync(caller, id, ct)).ToHttp())
            .WithName("RotateWebhookSecret").RequirePermission(Permission.WebhooksWrite);
    }

    private Task<IReadOnlyList<WebhookView>> ListAsync(Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, WebhookReader.AllAsync, ct);

    private Task<Result<WebhookView>> GetAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<WebhookView>>(caller.TenantId, async s => await WebhookReader.OneAsync(s, id) is { } webhook ? webhook : WebhookErrors.NotFound, ct);

    private async Task<Result<WebhookWithSecret>> CreateAsync(Caller caller, CreateWebhookRequest request, CancellationToken ct)
    {
        if (WebhookErrors.Beyond(caller) is { } beyond)
        {
            return beyond;
        }
        if (Problems(await rules.UrlProblemAsync(request.Url?.Trim(), ct), WebhookRules.EventsProblem(request.Events), WebhookRules.DescriptionProblem(request.Description)) is { } invalid)
        {
            return invalid;
        }
        var (id, secret, url, events) = (Ids.New(time), WebhookSignature.NewSecret(), request.Url!.Trim(), WebhookRules.Events(request.Events!));
        return await db.InTransactionAsync<Result<WebhookWithSecret>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleAsync<int>(CountSql, new { tenantId = s.TenantId }) >= Max)
            {
                return WebhookErrors.TooMany;
            }
            await s.ExecuteAsync(InsertSql, new
            {
                tenantId = s.TenantId, id, url, description = request.Description?.Trim() ?? "", events, enabled = request.Enabled ?? true, hint = WebhookSecrets.Hint(secret),
                now = time.GetUtcNow(), by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null,
            });
            await secrets.PutAsync(s, id, secret);
            await audit.WriteAsync(s, caller, "webhook.created", "webhook", id.ToString(), new { host = new Uri(url).Host, events });
            return new WebhookWithSecret((await WebhookReader.OneAsync(s, id))!, secret);
        }, ct);
    }

    private async Task<Result<WebhookView>> ChangeAsync(Caller caller, Guid id, ChangeWebhookRequest request, CancellationToken ct)
    {
        if (WebhookErrors.Beyond(caller) is { } beyond)
        {
            return beyond;
        }
        if (Problems(request.Url is null ? null : await rules.UrlProblemAsync(request.Url.Trim(), ct), request.Events is null ? null : WebhookRules.EventsProblem(request.Events),
                WebhookRules.DescriptionProblem(request.Description)) is { } invalid)
        {
            return invalid;
        }
        var (now, url, events) = (time.GetUtcNow(), request.Url?.Trim(), request.Events is null ? null : WebhookRules.Events(request.Events));
        return await db.InTransactionAsync<Result<WebhookView>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<Row>(LockSql, new { tenantId = s.TenantId, id }) is not { } before)
            {
                return WebhookErrors.NotFound;
            }
            if (request.Version is { } seen && seen != before.Version)
            {
                return WebhookErrors.Changed;
            }
            bool? enabled = request.Enabled == before.Enabled ? null : request.Enabled;
            var fresh = enabled == true || (url is not null && url != before.Url);
            await s.ExecuteAsync(ChangeSql, new { tenantId = s.TenantId, id, url, description = request.Description?.Trim(), events, enabled, fresh, now });
            if (enabled == true && request.SkipMissed == true)
            {
                await s.ExecuteAsync(SkipSql, new { tenantId = s.TenantId, id, now });
                await s.ExecuteAsync(CancelSql, new { tenantId = s.TenantId, id, now });
            }
            await audit.WriteAsync(s, caller, "webhook.changed", "webhook", id.ToString(), new { host = url is null ? null : new Uri(url).Host, events, enabled, request.SkipMissed });
            s.OnCommitted(signal.Set);
            return (await WebhookReader.OneAsync(s, id))!;
        }, ct);
    }

    private Task<Result<bool>> DeleteAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        if (await s.ExecuteAsync(DeleteSql, new { tenantId = s.TenantId, id }) == 0)
        {
            return WebhookErrors.NotFound;
        }
        await WebhookSecrets.ForgetAsync(s, id);
        await audit.WriteAsync(s, caller, "webhook.deleted", "webhook", id.ToString());
        return true;
    }, ct);

    internal const string RotatedSql = """
        update webhooks set secret_hint = @hint, previous_secret_until = @until, version = version + 1, updated_at = @now where tenant_id = @tenantId and id = @id
        """;

    /// <summary>The old secret signs for one more day: a receiver is changed over without losing anything.</summary>
    private Task<Result<WebhookWithSecret>> RotateAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<WebhookWithSecret>>(caller.TenantId, async s =>
    {
        if (await s.QuerySingleOrDefaultAsync<Row>(LockSql, new { tenantId = s.TenantId, id }) is null)
        {
            return WebhookErrors.NotFound;
        }
        var (now, secret) = (time.GetUtcNow(), await secrets.RotateAsync(s, id));
        await s.ExecuteAsync(RotatedSql, new { tenantId = s.TenantId, id, hint = WebhookSecrets.Hint(secret), until = now + WebhookSecrets.Overlap, now });
        await audit.WriteAsync(s, caller, "webhook.secret_rotated", "webhook", id.ToString());
        return new WebhookWithSecret((await WebhookReader.OneAsync(s, id))!, secret);
    }, ct);

    private static Error? Problems(string? url, string? events, string? description)
    {
        var fields = new[] { ("url", url), ("events", events), ("description", description) }.Where(p => p.Item2 is not null).ToDictionary(p => p.Item1, p => (string[])[p.Item2!]);
        return fields.Count == 0 ? null : Error.Invalid(fields);
    }

    private sealed record Row
    {
        public bool Enabled { get; init; }

        public string Url { get; init; } = "";

        public int Version { get; init; }
    }
}
