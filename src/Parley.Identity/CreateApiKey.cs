using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Identity;

internal sealed record CreateApiKeyRequest(string? Name, IReadOnlyList<string>? Scopes, DateTimeOffset? ExpiresAt);

/// <summary>A new key; <see cref="Key"/> is shown this once.</summary>
internal sealed record CreatedApiKey(
    Guid Id, string Name, string Prefix, string Key, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>Makes an API key with scopes that its maker holds.</summary>
internal sealed class CreateApiKey(TenantDb db, AuditLog audit, TimeProvider time)
{
    private const string InsertSql = """
        insert into api_keys (tenant_id, id, name, prefix, key_hash, scopes, created_by, created_at, expires_at)
        values (@tenantId, @id, @name, @prefix, @hash, @scopes, @createdBy, @now, @expiresAt)
        """;
    private const int MaxNameLength = 100;
    private const int ShownLength = 9; // pk_ and six characters of 43: enough to tell keys apart, nothing to guess from

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/api-keys", async (CreateApiKeyRequest request, Caller caller, CreateApiKey handler, CancellationToken ct) =>
                (await handler.HandleAsync(request, caller, ct)).ToCreated(key => $"/v1/api-keys/{key.Id:D}"))
            .WithName("CreateApiKey").RequirePermission(Permission.ApiKeysWrite);

    private async Task<Result<CreatedApiKey>> HandleAsync(CreateApiKeyRequest request, Caller caller, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        string[] scopes = [.. (request.Scopes ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (new FieldErrors().Add("name", Fields.NameProblem(request.Name, MaxNameLength)).Add("scopes", ScopesProblem(scopes, caller))
                .Add("expiresAt", request.ExpiresAt <= now ? "Give a time in the future, or leave it out." : null).ToError() is { } invalid)
        {
            return invalid;
        }
        var key = BearerToken.Create(ApiKeyHandler.Prefix);
        var made = new CreatedApiKey(Guid.CreateVersion7(now), request.Name!.Trim(), key[..ShownLength], key, scopes, now, request.ExpiresAt?.ToUniversalTime());
        await db.InTransactionAsync(caller.TenantId, async session =>
        {
            await session.ExecuteAsync(InsertSql, new
            {
                tenantId = session.TenantId, made.Id, made.Name, made.Prefix, hash = BearerToken.Hash(key), scopes,
                createdBy = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now, made.ExpiresAt,
            });
            await audit.WriteAsync(session, caller, "api_key.created", "api_key", made.Id.ToString("D"), new { scopes, expiresAt = made.ExpiresAt });
        }, ct);
        return made;
    }

    private static string? ScopesProblem(string[] scopes, Caller caller)
    {
        if (scopes.Length == 0)
        {
            return "Give at least one permission, such as knowledge:read. GET /v1/permissions lists them.";
        }
        if (scopes.Where(scope => !Permission.All.Contains(scope)).ToList() is { Count: > 0 } unknown)
        {
            return "These are no permissions: " + string.Join(", ", unknown.Select(Shorten)) + ". GET /v1/permissions lists them.";
        }
        return scopes.Where(scope => !caller.Can(scope)).ToList() is { Count: > 0 } beyond
            ? "A key cannot hold permissions that you do not hold: " + string.Join(", ", beyond) + "."
            : null;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
