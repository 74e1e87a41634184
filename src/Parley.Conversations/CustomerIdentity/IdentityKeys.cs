using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Secrets;

namespace Parley.Conversations.CustomerIdentity;

/// <summary>A key as its managers see it: never the secret.</summary>
internal sealed record IdentityKey
{
    /// <summary>What a token's header names as kid.</summary>
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    /// <summary>How the secret ends.</summary>
    public string SecretHint { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}

/// <param name="Name">Which of your servers has it.</param>
internal sealed record CreateIdentityKeyRequest(string? Name);

/// <param name="Key">As it is listed.</param>
/// <param name="Secret">Shown this once; its text as UTF-8 is the key of HS256.</param>
internal sealed record CreatedIdentityKey(IdentityKey Key, string Secret);

/// <summary>The keys by which a company's server says who a visitor is: list, make, revoke. Several are valid at once, so that they can be changed without a gap.</summary>
internal sealed class IdentityKeys(TenantDb db, SecretStore secrets, AuditLog audit, TimeProvider time)
{
    private const int MaxKeys = 50;
    private const int MaxName = 100;
    private const int HintLength = 4;

    private const string ListSql = "select id, name, secret_hint, created_at, last_used_at, revoked_at from identity_keys where tenant_id = @tenantId and (@id::uuid is null or id = @id) order by created_at desc, id desc";
    private const string CountSql = "select count(*)::int from identity_keys where tenant_id = @tenantId and revoked_at is null";

    private const string InsertSql = """
        insert into identity_keys (tenant_id, id, name, secret_hint, created_by, created_at) values (@tenantId, @id, @name, @hint, @by, @now)
        """;

    private const string RevokeSql = "update identity_keys set revoked_at = coalesce(revoked_at, @now) where tenant_id = @tenantId and id = @id returning revoked_at = @now";
    private const string EndSessionsSql = "update end_user_sessions set revoked_at = @now where tenant_id = @tenantId and identity_key_id = @id and revoked_at is null";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async (Caller caller, IdentityKeys handler, CancellationToken ct) => new Page<IdentityKey>(await handler.ListAsync(caller, ct), null))
            .WithName("ListIdentityKeys").RequirePermission(Permission.WidgetsRead);
        group.MapPost("", async (CreateIdentityKeyRequest request, Caller caller, IdentityKeys handler, CancellationToken ct) =>
                (await handler.CreateAsync(caller, request, ct)).ToCreated(made => $"/v1/identity-keys/{made.Key.Id}"))
            .WithName("CreateIdentityKey").RequirePermission(Permission.WidgetsWrite);
        group.MapDelete("/{id}", async (Guid id, Caller caller, IdentityKeys handler, CancellationToken ct) => (await handler.RevokeAsync(caller, id, ct)).ToNoContent())
            .WithName("RevokeIdentityKey").RequirePermission(Permission.WidgetsWrite);
    }

    private Task<IReadOnlyList<IdentityKey>> ListAsync(Caller caller, CancellationToken ct) =>
        db.InTransactionAsync(caller.TenantId, s => s.QueryAsync<IdentityKey>(ListSql, new { tenantId = s.TenantId, id = (Guid?)null }), ct);

    private async Task<Result<CreatedIdentityKey>> CreateAsync(Caller caller, CreateIdentityKeyRequest request, CancellationToken ct)
    {
        var name = request.Name?.Trim() ?? "";
        if (name.Length is 0 or > MaxName || !MessageText.IsText(name))
        {
            return Error.Invalid("name", string.Create(CultureInfo.InvariantCulture, $"Give a name of 1 to {MaxName} characters, such as that of your server."));
        }
        var (id, secret) = (Ids.New(time), BearerToken.Create("pi_"));
        return await db.InTransactionAsync<Result<CreatedIdentityKey>>(caller.TenantId, async s =>
        {
            if (await s.QuerySingleAsync<int>(CountSql, new { tenantId = s.TenantId }) >= MaxKeys)
            {
                return Error.Conflict("identity_key.too_many", $"There are {MaxKeys} keys already. Revoke one that is not used.");
            }
            await s.ExecuteAsync(InsertSql, new { tenantId = s.TenantId, id, name, hint = "…" + secret[^HintLength..], by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null, now = time.GetUtcNow() });
            await secrets.PutAsync(s, IdentityTokens.SecretName(id), secret);
            await audit.WriteAsync(s, caller, "identity_key.created", "identity_key", id.ToString(), new { name });
            return new CreatedIdentityKey((await s.QuerySingleAsync<IdentityKey>(ListSql, new { tenantId = s.TenantId, id })), secret);
        }, ct);
    }

    /// <summary>Tokens that it signed are refused from now on, and sessions that rest on it end with this commit.</summary>
    private Task<Result<bool>> RevokeAsync(Caller caller, Guid id, CancellationToken ct) => db.InTransactionAsync<Result<bool>>(caller.TenantId, async s =>
    {
        var now = time.GetUtcNow();
        var revokedNow = await s.QuerySingleOrDefaultAsync<bool?>(RevokeSql, new { tenantId = s.TenantId, id, now });
        if (revokedNow is null)
        {
            return Error.NotFound("identity key");
        }
        if (revokedNow.Value)
        {
            await s.ExecuteAsync(EndSessionsSql, new { tenantId = s.TenantId, id, now });
            await SecretStore.RemoveAsync(s, IdentityTokens.SecretName(id));
            await audit.WriteAsync(s, caller, "identity_key.revoked", "identity_key", id.ToString());
        }
        return true;
    }, ct);
}
