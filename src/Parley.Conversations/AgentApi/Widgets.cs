using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Idempotency;

namespace Parley.Conversations.AgentApi;

/// <param name="Name">For the console.</param>
/// <param name="AssistantId">Who answers; null: the tenant's default assistant. Cannot be changed later.</param>
/// <param name="AllowedOrigins">Pages that may embed it; empty: only Parley's own.</param>
/// <param name="Settings">Look and texts; null: the defaults.</param>
/// <param name="BrandId">Whose name, logo and colour it shows where it has none of its own; null: the workspace's first brand.</param>
internal sealed record CreateWidgetRequest(string? Name, Guid? AssistantId = null, IReadOnlyList<string?>? AllowedOrigins = null, WidgetSettings? Settings = null, Guid? BrandId = null);

/// <summary>What is absent stays as it is; settings are replaced as a whole, as a new version.</summary>
internal sealed record ChangeWidgetRequest(string? Name = null, IReadOnlyList<string?>? AllowedOrigins = null, WidgetSettings? Settings = null, Guid? BrandId = null);

/// <summary>The tenant's widgets: list, create, change, remove.</summary>
internal sealed class Widgets(TenantDb db, WidgetReader reader, ConfigurationStore configuration, AuditLog audit, TimeProvider time)
{
    // No row: the assistant that was named is not one of this tenant.
    private const string InsertSql = """
        insert into widgets (tenant_id, id, public_key, assistant_id, brand_id, name, allowed_origins, created_at)
        select a.tenant_id, @id::uuid, @publicKey::text, a.id, coalesce(@brandId::uuid, a.brand_id), @name::text, @origins::text[], @now::timestamptz
          from assistants a
         where a.tenant_id = @tenantId and a.archived_at is null and case when @assistantId::uuid is null then a.is_default else a.id = @assistantId end
        """;

    private const string ChangeSql = """
        update widgets set name = coalesce(@name, name), allowed_origins = coalesce(@origins, allowed_origins), brand_id = coalesce(@brandId, brand_id)
         where tenant_id = @tenantId and id = @id and archived_at is null
        """;

    private const string BrandSql = "select exists (select 1 from brands where tenant_id = @tenantId and id = @brandId)";

    private const string ArchiveSql = "update widgets set archived_at = @now where tenant_id = @tenantId and id = @id and archived_at is null";

    private static readonly Error NoSuchBrand = Error.Invalid("brandId", "There is no such brand.");

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", (Caller caller, Widgets handler, CancellationToken ct) => handler.ListAsync(caller, ct))
            .WithName("ListWidgets").RequirePermission(Permission.WidgetsRead);
        group.MapPost("", async (CreateWidgetRequest request, Caller caller, Widgets handler, CancellationToken ct) =>
            (await handler.CreateAsync(caller, request, ct)).ToCreated(w => $"/v1/widgets/{w.Id}"))
            .WithName("CreateWidget").RequirePermission(Permission.WidgetsWrite).WithIdempotency();
        group.MapPatch("/{id}", async (Guid id, ChangeWidgetRequest request, Caller caller, Widgets handler, CancellationToken ct) =>
            (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeWidget").RequirePermission(Permission.WidgetsWrite);
        group.MapDelete("/{id}", async (Guid id, Caller caller, Widgets handler, CancellationToken ct) => (await handler.RemoveAsync(caller, id, ct)).ToNoContent())
            .WithName("RemoveWidget").RequirePermission(Permission.WidgetsWrite);
    }

    private async Task<Page<WidgetView>> ListAsync(Caller caller, CancellationToken ct) =>
        new(await db.InTransactionAsync(caller.TenantId, reader.AllAsync, ct), null);

    private async Task<Result<WidgetView>> CreateAsync(Caller caller, CreateWidgetRequest request, CancellationToken ct)
    {
        var problems = request.Settings is null ? [] : new Dictionary<string, string[]>(request.Settings.Problems());
        WidgetRules.CheckName(request.Name, problems);
        var origins = WidgetRules.ReadOrigins(request.AllowedOrigins ?? [], problems);
        if (problems.Count > 0)
        {
            return Error.Invalid(problems);
        }
        return await db.InTransactionAsync<Result<WidgetView>>(caller.TenantId, async s =>
        {
            var now = time.GetUtcNow();
            var id = Ids.New(time);
            if (await NoBrandAsync(s, request.BrandId))
            {
                return NoSuchBrand;
            }
            var created = await s.ExecuteAsync(InsertSql, new
            {
                tenantId = s.TenantId, id, publicKey = ConversationsBootstrap.NewPublicKey(), assistantId = request.AssistantId, brandId = request.BrandId, name = request.Name!.Trim(), origins, now,
            });
            if (created == 0)
            {
                return Error.Invalid("assistantId", "There is no such assistant.");
            }
            await PublishAsync(s, caller, id, request.Settings);
            await audit.WriteAsync(s, caller, "widget.created", "widget", id.ToString(), new { name = request.Name.Trim(), allowedOrigins = origins });
            return (await reader.OneAsync(s, id))!;
        }, ct);
    }

    private async Task<Result<WidgetView>> ChangeAsync(Caller caller, Guid id, ChangeWidgetRequest request, CancellationToken ct)
    {
        var problems = request.Settings is null ? [] : new Dictionary<string, string[]>(request.Settings.Problems());
        if (request.Name is not null)
        {
            WidgetRules.CheckName(request.Name, problems);
        }
        var origins = request.AllowedOrigins is null ? null : WidgetRules.ReadOrigins(request.AllowedOrigins, problems);
        if (problems.Count > 0)
        {
            return Error.Invalid(problems);
        }
        return await db.InTransactionAsync<Result<WidgetView>>(caller.TenantId, async s =>
        {
            var name = request.Name?.Trim();
            if (await NoBrandAsync(s, request.BrandId))
            {
                return NoSuchBrand;
            }
            if (await s.ExecuteAsync(ChangeSql, new { tenantId = s.TenantId, id, name, origins, brandId = request.BrandId }) == 0)
            {
                return ConversationErrors.WidgetNotFound;
            }
            var version = await PublishAsync(s, caller, id, request.Settings);
            await audit.WriteAsync(s, caller, "widget.changed", "widget", id.ToString(), new { name, allowedOrigins = origins, settingsVersion = version, request.BrandId });
            return (await reader.OneAsync(s, id))!;
        }, ct);
    }

    private Task<Result<bool>> RemoveAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
        {
            if (await s.ExecuteAsync(ArchiveSql, new { tenantId = s.TenantId, id, now = time.GetUtcNow() }) == 0)
            {
                return ConversationErrors.WidgetNotFound;
            }
            await audit.WriteAsync(s, caller, "widget.removed", "widget", id.ToString());
            return true;
        }, ct);

    private static async Task<bool> NoBrandAsync(TenantSession session, Guid? brandId) =>
        brandId is not null && !await session.QuerySingleAsync<bool>(BrandSql, new { tenantId = session.TenantId, brandId });

    private async Task<int?> PublishAsync(TenantSession session, Caller caller, Guid id, WidgetSettings? settings) =>
        settings is null ? null
        : await configuration.SaveAndPublishAsync(session, WidgetSettings.Kind, id, settings, caller.Kind == CallerKind.User ? caller.Id : null);
}
