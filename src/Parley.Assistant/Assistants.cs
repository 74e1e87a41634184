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

/// <summary>The tenant's assistants and their profiles.</summary>
internal sealed class Assistants(TenantDb db, ConfigurationStore configurations, AuditLog audit)
{
    private const string ListSql = """
        select a.assistant_id as id, a.name, a.is_default, p.version as published_version
          from v_assistants a
          left join published_configurations p on p.tenant_id = a.tenant_id and p.kind = 'assistant' and p.subject_id = a.assistant_id
         where a.tenant_id = @tenantId and (@id::uuid is null or a.assistant_id = @id)
         order by a.is_default desc, a.created_at, a.assistant_id
        """;

    private static readonly Error NotFound = Error.NotFound("assistant");

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/assistants", async (Caller caller, Assistants handler, CancellationToken ct) => TypedResults.Ok(await handler.ListAsync(caller, ct)))
            .WithName("ListAssistants").RequirePermission(Permission.AssistantRead);
        app.MapGet("/assistants/{id}", async (Guid id, Caller caller, Assistants handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetAssistant").RequirePermission(Permission.AssistantRead);
        app.MapPut("/assistants/{id}/profile", async (Guid id, AssistantProfile profile, Caller caller, Assistants handler, CancellationToken ct) =>
                (await handler.SaveAsync(caller, id, profile, ct)).ToHttp())
            .WithName("SaveAssistantProfile").RequirePermission(Permission.AssistantWrite);
    }

    private Task<Page<AssistantItem>> ListAsync(Caller caller, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, async s =>
            new Page<AssistantItem>(await s.QueryAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id = (Guid?)null }), null), ct);

    private Task<Result<AssistantDetail>> GetAsync(Caller caller, Guid id, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, s => DetailAsync(s, id), ct);

    private async Task<Result<AssistantDetail>> SaveAsync(Caller caller, Guid id, AssistantProfile profile, CancellationToken ct)
    {
        if (profile.Problems() is { Count: > 0 } problems)
        {
            return Error.Invalid(problems);
        }
        return await db.InTransactionAsync<Result<AssistantDetail>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<AssistantItem>(ListSql, new { tenantId = s.TenantId, id }) is null)
            {
                return NotFound;
            }
            var version = await configurations.SaveAndPublishAsync(s, AssistantProfile.Kind, id, profile, caller.Kind == CallerKind.User ? caller.Id : null);
            await audit.WriteAsync(s, caller, "assistant.profile.published", "assistant", id.ToString(), new { version });
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
