using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.Retention;

/// <summary>What is in force. The same is sent back to change it.</summary>
/// <param name="Version">0: nobody has set anything.</param>
internal sealed record RetentionView(int? ConversationDays, int? TraceDays, int? AuditDays, int Version);

/// <param name="Version">The one that was read; with another in force nothing is saved. Null: whatever is in force.</param>
internal sealed record SaveRetentionRequest(int? ConversationDays = null, int? TraceDays = null, int? AuditDays = null, int? Version = null);

/// <param name="Conversations">Would be deleted now.</param>
/// <param name="Customers">Visitors without a conversation who would be deleted now, besides those whose last conversation goes.</param>
/// <param name="Turns">Answers whose steps would be deleted.</param>
/// <param name="AuditEntries">Entries that would lose their details.</param>
internal sealed record RetentionPreview(int Conversations, int Customers, int Turns, int AuditEntries);

/// <summary>How long the workspace keeps conversations, traces and the audit log's details; with a look at what a setting would delete.</summary>
internal sealed class RetentionApi(TenantDb db, ConfigurationStore configuration, AuditLog audit, TimeProvider time)
{
    private const string PreviewSql = """
        select (select count(*)::int from conversations where tenant_id = @tenantId and status = 'closed' and closed_at < @conversations::timestamptz) as conversations,
               (select count(*)::int from end_users u where u.tenant_id = @tenantId and u.seen_at < @conversations::timestamptz
                   and not exists (select 1 from conversations c where c.tenant_id = u.tenant_id and c.end_user_id = u.id)
                   and not exists (select 1 from tasks t where t.tenant_id = u.tenant_id and t.end_user_id = u.id)) as customers,
               (select count(distinct turn_id)::int from turn_steps where tenant_id = @tenantId and created_at < @traces::timestamptz) as turns,
               (select count(*)::int from audit where tenant_id = @tenantId and at < @details::timestamptz and (payload_salt is not null or ip is not null)) as auditentries
        """;

    private static readonly Error Changed = Error.Conflict("retention.changed", "Somebody else has changed this meanwhile. Read it again, then save.");

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", (Caller caller, RetentionApi handler, CancellationToken ct) => handler.GetAsync(caller, ct))
            .WithName("GetRetention").RequirePermission(Permission.PrivacyRead);
        group.MapPost("/preview", async (SaveRetentionRequest request, Caller caller, RetentionApi handler, CancellationToken ct) => (await handler.PreviewAsync(caller, request, ct)).ToHttp())
            .WithName("PreviewRetention").RequirePermission(Permission.PrivacyRead);
        group.MapPut("", async (SaveRetentionRequest request, Caller caller, RetentionApi handler, CancellationToken ct) => (await handler.SaveAsync(caller, request, ct)).ToHttp())
            .WithName("SaveRetention").RequirePermission(Permission.PrivacyWrite);
    }

    private Task<RetentionView> GetAsync(Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, ReadAsync, ct);

    private async Task<Result<RetentionPreview>> PreviewAsync(Caller caller, SaveRetentionRequest request, CancellationToken ct)
    {
        var settings = Of(request);
        if (settings.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems);
        }
        var now = time.GetUtcNow();
        return await db.InTransactionAsync(caller.TenantId, async s =>
        {
            var row = await s.QuerySingleAsync<PreviewRow>(PreviewSql, new
            {
                tenantId = s.TenantId, conversations = Before(now, settings.ConversationDays), traces = Before(now, settings.TraceDays), details = Before(now, settings.AuditDays),
            });
            return new RetentionPreview(row.Conversations, row.Customers, row.Turns, row.AuditEntries);
        }, ct);
    }

    private async Task<Result<RetentionView>> SaveAsync(Caller caller, SaveRetentionRequest request, CancellationToken ct)
    {
        var settings = Of(request);
        if (settings.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems);
        }
        return await db.InTransactionAsync<Result<RetentionView>>(caller.TenantId, async s =>
        {
            await ConfigurationStore.LockAsync(s, RetentionSettings.Kind, s.TenantId);
            var before = await ReadAsync(s);
            if (request.Version is { } known && known != before.Version)
            {
                return Changed;
            }
            if (settings == new RetentionSettings(before.ConversationDays, before.TraceDays, before.AuditDays))
            {
                return before;
            }
            var version = await configuration.SaveAndPublishAsync(s, RetentionSettings.Kind, s.TenantId, settings, caller.Id);
            await audit.WriteAsync(s, caller, "retention.changed", "workspace", s.TenantId.ToString(),
                new { version, settings.ConversationDays, settings.TraceDays, settings.AuditDays });
            return new RetentionView(settings.ConversationDays, settings.TraceDays, settings.AuditDays, version);
        }, ct);
    }

    private async Task<RetentionView> ReadAsync(TenantSession session) => await configuration.PublishedAsync<RetentionSettings>(session, RetentionSettings.Kind, session.TenantId) is { } published
        ? new RetentionView(published.Body.ConversationDays, published.Body.TraceDays, published.Body.AuditDays, published.Version)
        : new RetentionView(null, null, null, 0);

    private static RetentionSettings Of(SaveRetentionRequest request) => new(request.ConversationDays, request.TraceDays, request.AuditDays);

    internal static DateTimeOffset? Before(DateTimeOffset now, int? days) => days is { } kept ? now.AddDays(-kept) : null;

    private sealed record PreviewRow
    {
        public int Conversations { get; init; }

        public int Customers { get; init; }

        public int Turns { get; init; }

        public int AuditEntries { get; init; }
    }
}
