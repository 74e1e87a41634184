using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Secrets;

namespace Parley.Conversations.CustomerIdentity;

/// <summary>Who a visitor is, as the company's own server says.</summary>
/// <param name="KeyId">Which key signed it.</param>
/// <param name="Subject">The company's own id of the person.</param>
/// <param name="Email">Null: not told.</param>
/// <param name="Name">Null: not told.</param>
internal sealed record VerifiedIdentity(Guid KeyId, string Subject, string? Email, string? Name);

/// <summary>
/// Checks identity tokens: JSON Web Tokens signed with HS256, and with nothing else, by a key of the tenant that their header names. They say
/// <c>sub</c>, and may say <c>email</c> and <c>name</c>; they end within an hour.
/// </summary>
internal sealed class IdentityTokens(TenantDb db, SecretStore secrets, TimeProvider time)
{
    internal static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(1);

    /// <summary>So far clocks may differ.</summary>
    internal static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private const int MaxToken = 4_096;
    private const int MaxSubject = 200;
    private const int MaxEmail = 254;
    private const int MaxName = 200;

    // Held until the session is stored: a revocation that comes meanwhile finds it and ends it.
    private const string KeySql = "select id from identity_keys where tenant_id = @tenantId and id = @id and revoked_at is null for share";
    private const string UsedSql = "update identity_keys set last_used_at = @now where tenant_id = @tenantId and id = @id and (last_used_at is null or last_used_at < @now::timestamptz - interval '1 hour')";

    // The handler is made to read the claims as they are called in the token.
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxToken };

    internal static string SecretName(Guid keyId) => $"identity:{keyId:D}";

    internal async Task<Result<VerifiedIdentity>> VerifyAsync(TenantSession session, string token)
    {
        if (token.Length > MaxToken || Read(token) is not { } unverified)
        {
            return Refused("It is no JSON Web Token.");
        }
        if (unverified.Alg != SecurityAlgorithms.HmacSha256)
        {
            return Refused("It must be signed with HS256.");
        }
        // Only a key of this tenant is looked at: another tenant's is as unknown as one that never was.
        if (!Guid.TryParse(unverified.Kid, out var keyId) || await session.QuerySingleOrDefaultAsync<Guid?>(KeySql, new { tenantId = session.TenantId, id = keyId }) is null
            || await secrets.GetAsync(session, SecretName(keyId)) is not { } secret)
        {
            return Refused("Its header names no identity key of this workspace (kid), or one that was revoked.");
        }
        var now = time.GetUtcNow();
        var result = await Handler.ValidateTokenAsync(token, Parameters(keyId, secret, now));
        if (!result.IsValid)
        {
            return Refused(result.Exception switch
            {
                SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenInvalidLifetimeException => "It has expired, or is not valid yet. Make a new one for each page.",
                SecurityTokenNoExpirationException => "It has no end (exp).",
                _ => "Its signature does not match the key that it names.",
            });
        }
        var jwt = (JsonWebToken)result.SecurityToken;
        if (jwt.ValidTo > (now + MaxLifetime + Skew).UtcDateTime)
        {
            return Refused("It is valid for longer than an hour (exp). Make it end sooner.");
        }
        return Identity(keyId, jwt);
    }

    /// <summary>Apart from the start of the session, which holds the key's row with many others: once an hour it is noted that the key is in use.</summary>
    internal Task UsedAsync(Guid tenantId, Guid keyId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, s => s.ExecuteAsync(UsedSql, new { tenantId, id = keyId, now = time.GetUtcNow() }), ct);

    private static TokenValidationParameters Parameters(Guid keyId, string secret, DateTimeOffset now) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)) { KeyId = keyId.ToString("D") },
        TryAllIssuerSigningKeys = true,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuer = false,
        ValidateAudience = false,
        // By the application's clock, not the machine's.
        LifetimeValidator = (from, to, _, _) => to is not null && to > (now - Skew).UtcDateTime && (from is null || from <= (now + Skew).UtcDateTime),
    };

    private static Result<VerifiedIdentity> Identity(Guid keyId, JsonWebToken jwt)
    {
        if (Text(jwt, JwtRegisteredClaimNames.Sub, MaxSubject) is not { } subject)
        {
            return Refused($"It does not say who it is about (sub): your own id of the person, a text of at most {MaxSubject} characters.");
        }
        return new VerifiedIdentity(keyId, subject, Text(jwt, JwtRegisteredClaimNames.Email, MaxEmail) is { } email && email.Contains('@', StringComparison.Ordinal) ? email.ToLowerInvariant() : null,
            Text(jwt, JwtRegisteredClaimNames.Name, MaxName));
    }

    private static string? Text(JsonWebToken jwt, string claim, int max) =>
        jwt.TryGetPayloadValue<string>(claim, out var value) && !string.IsNullOrWhiteSpace(value) && value.Trim() is { } text && text.Length <= max && MessageText.IsText(text) ? text : null;

    private static JsonWebToken? Read(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    private static Error Refused(string why) => new("identity.refused", "The identity token is refused. " + why, 401);
}
