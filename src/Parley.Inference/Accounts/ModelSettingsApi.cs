using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Inference.Accounts;

/// <summary>What is in force.</summary>
/// <param name="Version">0: nothing was published, or it was taken back; no model is asked.</param>
/// <param name="Settings">Which models serve what.</param>
/// <param name="Warnings">What will surprise: a choice that serves nobody, a price that may be old.</param>
internal sealed record ModelSettingsDetail(int Version, ModelSettings Settings, IReadOnlyList<string> Warnings);

/// <param name="Settings">Takes the place of what is in force, as a whole.</param>
/// <param name="Note">What it is about; at most 200 characters.</param>
/// <param name="Version">The version that was changed; null: whichever is in force.</param>
internal sealed record SaveModelSettingsRequest(ModelSettings? Settings, string? Note, int? Version);

/// <param name="Version">A saved version; 0: no models at all.</param>
internal sealed record PublishModelSettingsRequest(int Version);

/// <summary>A version in the list.</summary>
internal sealed record ModelSettingsVersion
{
    public int Version { get; init; }

    public string? Note { get; init; }

    /// <summary>In force.</summary>
    public bool IsPublished { get; init; }

    public Guid? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Which models a tenant uses for what: versions, of which one is in force.</summary>
internal sealed class ModelSettingsApi(TenantDb db, ConfigurationStore configuration, InstanceAccounts instance, ModelCatalogue catalogue, AuditLog audit, TimeProvider time)
{
    private const int MaxNote = 200, MaxVersions = 200;

    private const string VersionsSql = """
        select c.version, c.note, coalesce(c.version = p.version, false) as ispublished, c.created_by as createdby, c.created_at as createdat
          from configurations c left join published_configurations p on p.tenant_id = c.tenant_id and p.kind = c.kind and p.subject_id = c.subject_id
         where c.tenant_id = @tenantId and c.kind = 'models' and c.subject_id = @tenantId order by c.version desc limit @take
        """;

    internal static void Map(RouteGroupBuilder models)
    {
        models.MapGet("/settings", async (Caller caller, ModelSettingsApi handler, CancellationToken ct) => TypedResults.Ok(await handler.GetAsync(caller, ct)))
            .WithName("GetModelSettings").RequirePermission(Permission.ModelsRead);
        models.MapPut("/settings", async (SaveModelSettingsRequest request, Caller caller, ModelSettingsApi handler, CancellationToken ct) => (await handler.SaveAsync(caller, request, ct)).ToHttp())
            .WithName("SaveModelSettings").RequirePermission(Permission.ModelsWrite);
        models.MapGet("/settings/versions", async (Caller caller, ModelSettingsApi handler, CancellationToken ct) => TypedResults.Ok(await handler.VersionsAsync(caller, ct)))
            .WithName("ListModelSettingsVersions").RequirePermission(Permission.ModelsRead);
        models.MapGet("/settings/versions/{version:int}", async (int version, Caller caller, ModelSettingsApi handler, CancellationToken ct) => (await handler.VersionAsync(caller, version, ct)).ToHttp())
            .WithName("GetModelSettingsVersion").RequirePermission(Permission.ModelsRead);
        models.MapPost("/settings/publish", async (PublishModelSettingsRequest request, Caller caller, ModelSettingsApi handler, CancellationToken ct) => (await handler.PublishAsync(caller, request, ct)).ToHttp())
            .WithName("PublishModelSettings").RequirePermission(Permission.ModelsWrite);
    }

    internal static Guid? UserOf(Caller caller) => caller.Kind == CallerKind.User ? caller.Id : null;

    private async Task<ModelSettingsDetail> GetAsync(Caller caller, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync(caller.TenantId, session => DetailAsync(session, shared), ct);
    }

    private async Task<Result<ModelSettingsDetail>> SaveAsync(Caller caller, SaveModelSettingsRequest request, CancellationToken ct)
    {
        if (request.Settings is not { } given)
        {
            return Error.Invalid("settings", "Give settings.");
        }
        if (request.Note is { Length: > MaxNote })
        {
            return Error.Invalid("note", $"At most {MaxNote} characters.");
        }
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync<Result<ModelSettingsDetail>>(caller.TenantId, async session =>
        {
            // Before anything is compared: what is in force then stays so until the end.
            await ConfigurationStore.LockAsync(session, ModelSettings.Kind, session.TenantId);
            if (Problem(given, await AccountsApi.FactsAsync(session, shared), "settings.") is { } problem)
            {
                return problem;
            }
            var before = await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId);
            if (request.Version is { } changed && changed != (before?.Version ?? 0))
            {
                return Error.Conflict("model_settings.changed", "Somebody else has changed the settings. Look at them again and repeat your change.");
            }
            var settings = given with { Models = [.. given.Models.Select(model => Dated(model, before?.Body.Models ?? []))] };
            var version = await configuration.SaveAndPublishAsync(session, ModelSettings.Kind, session.TenantId, settings, UserOf(caller), request.Note);
            await audit.WriteAsync(session, caller, "models.published", "models", null, new { version, choices = settings.Choices.Count, settings.ForCustomers });
            return await DetailAsync(session, shared);
        }, ct);
    }

    private Task<Page<ModelSettingsVersion>> VersionsAsync(Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, async session =>
        new Page<ModelSettingsVersion>(await session.QueryAsync<ModelSettingsVersion>(VersionsSql, new { tenantId = session.TenantId, take = MaxVersions }), null), ct);

    private async Task<Result<ModelSettingsDetail>> VersionAsync(Caller caller, int version, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync<Result<ModelSettingsDetail>>(caller.TenantId, async session =>
            await configuration.VersionAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId, version) is { } settings
                ? new ModelSettingsDetail(version, settings, ModelSettingsRules.Warnings(settings, await AccountsApi.FactsAsync(session, shared), catalogue, Today))
                : Error.NotFound("version"), ct);
    }

    private async Task<Result<ModelSettingsDetail>> PublishAsync(Caller caller, PublishModelSettingsRequest request, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync<Result<ModelSettingsDetail>>(caller.TenantId, async session =>
        {
            await ConfigurationStore.LockAsync(session, ModelSettings.Kind, session.TenantId);
            if (request.Version == 0)
            {
                await ConfigurationStore.WithdrawAsync(session, ModelSettings.Kind, session.TenantId);
            }
            else if (await configuration.VersionAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId, request.Version) is not { } settings)
            {
                return Error.Invalid("version", "There is no such version.");
            }
            else if (Problem(settings, await AccountsApi.FactsAsync(session, shared), "") is { } problem)
            {
                // What it names may be gone since it was saved.
                return problem;
            }
            else
            {
                await configuration.PublishAsync(session, ModelSettings.Kind, session.TenantId, request.Version, UserOf(caller));
            }
            await audit.WriteAsync(session, caller, "models.published", "models", null, new { request.Version });
            return await DetailAsync(session, shared);
        }, ct);
    }

    private async Task<ModelSettingsDetail> DetailAsync(TenantSession session, InstanceAccounts.Snapshot shared)
    {
        var published = await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId);
        var settings = published?.Body ?? new ModelSettings();
        return new ModelSettingsDetail(published?.Version ?? 0, settings, ModelSettingsRules.Warnings(settings, await AccountsApi.FactsAsync(session, shared), catalogue, Today));
    }

    private Error? Problem(ModelSettings settings, IReadOnlyList<AccountFacts> accounts, string prefix) =>
        ModelSettingsRules.Problems(settings, accounts, catalogue) is { Count: > 0 } problems ? Error.Invalid(problems.ToDictionary(p => prefix + p.Key, p => p.Value)) : null;

    /// <summary>An entry that is as it was keeps its date; what was entered or confirmed now has today's, whatever the caller says.</summary>
    private ModelInfo Dated(ModelInfo model, IReadOnlyList<ModelInfo> before) => before.Contains(model) ? model : model with { AsOf = Today };

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
