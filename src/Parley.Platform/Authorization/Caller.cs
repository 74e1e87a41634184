using System.Collections.Frozen;
using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Parley.Platform.Authorization;

/// <summary>What kind of principal makes a request.</summary>
public enum CallerKind
{
    /// <summary>A person signed in to the console.</summary>
    User,

    /// <summary>An API key.</summary>
    ApiKey,

    /// <summary>A customer in a widget session.</summary>
    EndUser,

    /// <summary>The command line on the instance's own machine (local token).</summary>
    Operator,
}

/// <summary>Who makes a request, in which tenant, with which permissions. Bound into endpoint handlers as a parameter.</summary>
/// <param name="Kind">The kind of principal.</param>
/// <param name="TenantId">The tenant whose rows it may touch.</param>
/// <param name="Id">User id, API key id or end-user id.</param>
/// <param name="Permissions">What it may do, from the catalogue in <see cref="Permission"/>.</param>
public sealed record Caller(CallerKind Kind, Guid TenantId, Guid Id, FrozenSet<string> Permissions)
{
    /// <summary>A person's name, a key's name; null for visitors.</summary>
    public string? Name { get; init; }

    /// <summary>The widget of an end user's session.</summary>
    public Guid? WidgetId { get; init; }

    /// <summary>The sign-in session or the widget session.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>Where the request came from, as the trusted proxies tell; for the audit log.</summary>
    public string? Ip { get; init; }

    /// <summary>Scope of idempotency keys and rate limits: unique over all kinds.</summary>
    public string Principal => $"{Kind}:{Id:N}".ToLowerInvariant();

    /// <summary>May it?</summary>
    public bool Can(string permission) => Permissions.Contains(permission);

    /// <summary>The caller of a request; null where it is anonymous.</summary>
    public static Caller? Of(HttpContext http) => (http.User.Identity as CallerIdentity)?.Caller;

    /// <summary>Minimal APIs bind a <see cref="Caller"/> parameter with this. Access rules have run before: it is never null on an endpoint that is not public.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult(Of(context));
}

/// <summary>The identity that authentication handlers attach to a request.</summary>
public sealed class CallerIdentity(Caller caller, string scheme) : ClaimsIdentity(
    [new Claim(ClaimTypes.NameIdentifier, caller.Id.ToString("D"))], scheme)
{
    /// <summary>Who it is.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>
    /// Looks the credential up again: what it is worth now, null where it was revoked or has expired. A response that lasts (the feed) asks
    /// every few seconds; where it cannot be asked, such a response ends after a minute.
    /// </summary>
    public Func<CancellationToken, Task<Caller?>>? Refresh { get; init; }
}
