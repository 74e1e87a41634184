using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Assistant.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Assistant;

/// <summary>An assistant in a list.</summary>
internal sealed record AssistantItem
{
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public bool IsDefault { get; init; }

    /// <summary>Null: nothing was published, the defaults hold.</summary>
    public int? PublishedVersion { get; init; }
}

/// <summary>An assistant with the profile in force.</summary>
internal sealed record AssistantDetail(Guid Id, string Name, bool IsDefault, int? PublishedVersion, AssistantProfile Profile);

/// <summary>A saved version of a profile.</summary>
internal sealed record AssistantVersion
{
    public int Version { get; init; }

    public string? Note { get; init; }

    /// <summary>In force.</summary>
    public bool IsPublished { get; init; }

    public Guid? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A saved version with its profile.</summary>
internal sealed record AssistantVersionDetail(int Version, AssistantProfile Profile);

/// <param name="Profile">What to save; it changes nothing until it is published.</param>
/// <param name="Note">What it is about; at most 200 characters.</param>
internal sealed record SaveAssistantDraftRequest(AssistantProfile? Profile, string? Note);

/// <param name="Version">A saved version; 0: as shipped.</param>
/// <param name="WithoutComparison">Publish although it was not compared with the version in force.</param>
internal sealed record PublishAssistantRequest(int Version, bool WithoutComparison);

/// <summary>The tenant's assistants and their profiles.</summary>
internal sealed class Assistants(TenantDb db, ConfigurationStore configurations, AuditLog audit, IEnumerable<IPublishCheck> checks)
{
    private const int MaxNote = 200, MaxVersions = 200;

    private const string ListSql = """
        select a.assistant_id as id, a.name, a.is_default, p.version as published_version
          from v_assistants a
          left join published_configurations p on p.tenant_id = a.tenant_id and p.kind = 'assistant' and p.subject_id = a.assistant_id
         where a.tenant_id = @tenantId and (@id::uuid is null or a.assistant_id = @id)
         order by a.is_default desc, a.created_at, a.assistant_id
        """;

    private const string VersionsSql = """
        select c.version, c.note, c.version = p.version as is_published, c.created_by, c.created_at
          from configurations c
          left join published_configurations p on p.tenant_id = c.tenant_id and p.kind = c.kind and p.subject_id = c.subject_id
         where c.tenant_id = @tenantId and c.kind = 'assistant' and c.subject_id = @id order by c.version desc limit @take
        """;

    private static readonly Error NotFound = Error.NotFound("assistant");

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/assistants", async (Caller caller, Assistants handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller, ct)))
            .WithName("ListAssistants").RequirePermission(Permission.AssistantRead);
        app.MapGet("/assistants/{id}", async (Guid id, Caller caller, Assistants handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetAssistant").RequirePermission(Permission.AssistantRead);
        app.MapPut("/assistants/{id}/profile", async (Guid id, AssistantProfile profile, bool? withoutComparison, Caller caller, Assistants handler, CancellationToken ct) =>
                (await handler.SaveAsync(caller, id, profile, withoutComparison ?? false, ct)).ToHttp())
            .WithName("SaveAssistantProfile").RequirePermission(Permission.AssistantWrite);
        app.MapGet("/assistants/{id}/versions", async (Guid id, Caller caller, Assistants handler, CancellationToken ct) => (await handler.VersionsAsync(caller, id, ct)).ToHttp())
            .WithName("ListAssistantVersions").RequirePermission(Permission.AssistantRead);
        app.MapGet("/assistants/{id}/versions/{version:int}", async (Guid id, int version, Caller caller, Assistants handler, CancellationToken ct) =>
                (await handler.VersionAsync(caller, id, version, ct)).ToHttp())
            .WithName("GetAssistantVersion").RequirePermission(Permission.AssistantRead);
        app.MapPost("/assistants/{id}/versions", async (Guid id, SaveAssistantDraftRequest request, Caller caller, Assistants handler, CancellationToken ct) =>
                (await handler.DraftAsync(caller, id, request, ct)).ToCreated(v => $"/v1/assistants/{id}/versions/{v.Version}"))
            .WithName("SaveAssistantDraft").RequirePermission(Permission.AssistantWrite);
        app.MapPost("/assistants/{id}/publish", async (Guid id, PublishAssistantRequest request, Caller caller, Assistants handler, CancellationToken ct) =>
                (await handler.PublishAsync(caller, id, request, ct)).ToHttp())
            .WithName("PublishAssistant").RequirePermission(Permission.AssistantWrite);
    }

    private Task<Page<AssistantItem>> ListAsync(Caller caller, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, async s =>
            new Page<AssistantItem>(await s.QueryAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id = (Guid?)null }), null), ct);

    private Task<Result<AssistantDetail>> GetAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, s => DetailAsync(s, id), ct);

    private Task<Result<Page<AssistantVersion>>> VersionsAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<Page<AssistantVersion>>>(caller.TenantId, async s =>
    {
        if (await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is null)
        {
            return NotFound;
        }
        return new Page<AssistantVersion>(await s.QueryAsync<AssistantVersion>(VersionsSql, new { tenantId = s.TenantId, id, take = MaxVersions }), null);
    }, ct);

    private Task<Result<AssistantVersionDetail>> VersionAsync(Caller caller, Guid id, int version, CancellationToken ct) => db.InTransactionAsync<Result<AssistantVersionDetail>>(caller.TenantId, async s =>
        await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is not null && await ProfileAsync(s, id, version) is { } profile ? new AssistantVersionDetail(version, profile) : Error.NotFound("version"), ct);

    private async Task<Result<AssistantVersionDetail>> DraftAsync(Caller caller, Guid id, SaveAssistantDraftRequest request, CancellationToken ct)
    {
        if (request.Profile is not { } profile)
        {
            return Error.Invalid("profile", "Give a profile.");
        }
        if (profile.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems.ToDictionary(p => "profile." + p.Key, p => p.Value));
        }
        if (request.Note is { Length: > MaxNote })
        {
            return Error.Invalid("note", $"At most {MaxNote} characters.");
        }
        return await db.InTransactionAsync<Result<AssistantVersionDetail>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is null)
            {
                return NotFound;
            }
            if (await AssistantPictures.CheckAsync(s, id, profile, "profile.") is { } problem)
            {
                return problem;
            }
            var version = await configurations.SaveDraftAsync(s, AssistantProfile.Kind, id, profile, UserOf(caller), request.Note);
            await audit.WriteAsync(s, caller, "assistant.draft.saved", "assistant", id.ToString(), new { version });
            return new AssistantVersionDetail(version, profile);
        }, ct);
    }

    private Task<Result<AssistantDetail>> PublishAsync(Caller caller, Guid id, PublishAssistantRequest request, CancellationToken ct) =>
        db.InTransactionAsync<Result<AssistantDetail>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is not { } item)
            {
                return NotFound;
            }
            if (await ProfileAsync(s, id, request.Version) is null)
            {
                return Error.Invalid("version", "There is no such version.");
            }
            if (!request.WithoutComparison && await RefusalAsync(s, item, request.Version) is { } refusal)
            {
                return refusal;
            }
            if (request.Version == 0)
            {
                await ConfigurationStore.WithdrawAsync(s, AssistantProfile.Kind, id);
            }
            else
            {
                await configurations.PublishAsync(s, AssistantProfile.Kind, id, request.Version, UserOf(caller));
            }
            await audit.WriteAsync(s, caller, "assistant.profile.published", "assistant", id.ToString(), new { request.Version, request.WithoutComparison });
            return await DetailAsync(s, id);
        }, ct);

    /// <summary>Version 0 is what is in force where nothing was published.</summary>
    private async Task<AssistantProfile?> ProfileAsync(TenantSession s, Guid id, int version) =>
        version == 0 ? new AssistantProfile() : await configurations.VersionAsync<AssistantProfile>(s, AssistantProfile.Kind, id, version);

    private async Task<Error?> RefusalAsync(TenantSession s, AssistantItem item, int? version)
    {
        foreach (var check in checks)
        {
            if (await check.CheckAsync(s, item.Id, item.PublishedVersion ?? 0, version) is { } refusal)
            {
                return refusal;
            }
        }
        return null;
    }

    private static Guid? UserOf(Caller caller) => caller.Kind == CallerKind.User ? caller.Id : null;

    private async Task<Result<AssistantDetail>> SaveAsync(Caller caller, Guid id, AssistantProfile profile, bool withoutComparison, CancellationToken ct)
    {
        if (profile.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems);
        }
        return await db.InTransactionAsync<Result<AssistantDetail>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is not { } item)
            {
                return NotFound;
            }
            if (await AssistantPictures.CheckAsync(s, id, profile) is { } problem)
            {
                return problem;
            }
            if (!withoutComparison && await RefusalAsync(s, item, version: null) is { } refusal)
            {
                return refusal;
            }
            var version = await configurations.SaveAndPublishAsync(s, AssistantProfile.Kind, id, profile, UserOf(caller));
            await audit.WriteAsync(s, caller, "assistant.profile.published", "assistant", id.ToString(), new { version, withoutComparison });
            return await DetailAsync(s, id);
        }, ct);
    }

    private async Task<Result<AssistantDetail>> DetailAsync(TenantSession s, Guid id)
    {
        if (await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is not { } item)
        {
            return NotFound;
        }
        var profile = (await configurations.PublishedAsync<AssistantProfile>(s, AssistantProfile.Kind, id))?.Body ?? new AssistantProfile();
        return new AssistantDetail(item.Id, profile.Name.Length > 0 ? profile.Name : item.Name, item.IsDefault, item.PublishedVersion, profile);
    }
}
