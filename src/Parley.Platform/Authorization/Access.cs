using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Errors;

namespace Parley.Platform.Authorization;

/// <summary>The access decision of an endpoint: a permission, or public (null).</summary>
public sealed record AccessRule(string? Permission)
{
    /// <summary>Needs a person signed in to the console, whatever their role.</summary>
    public bool AnyUser { get; init; }

    /// <summary>Other permissions of which one is enough.</summary>
    public IReadOnlyList<string> Or { get; init; } = [];

    internal bool Allows(Caller caller) => Permission is null || caller.Can(Permission) || Or.Any(caller.Can);
}

/// <summary>Every endpoint declares who may call it; the host refuses to start otherwise.</summary>
public static class Access
{
    /// <summary>Header that a browser's cross-site form cannot send; needed for unsafe methods with the session cookie.</summary>
    public const string CsrfHeader = "X-Parley-Csrf";

    /// <summary>Only callers with this permission, in their own tenant.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRule(permission));

    /// <summary>Only callers with at least one of these permissions, in their own tenant.</summary>
    public static TBuilder RequireAnyPermission<TBuilder>(this TBuilder builder, string permission, params string[] or)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRule(permission) { Or = or });

    /// <summary>Anybody.</summary>
    public static TBuilder AllowPublic<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRule((string?)null));

    /// <summary>Only a person signed in with the session cookie, whatever their role: what concerns their own account.</summary>
    public static TBuilder RequireUser<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRule((string?)null) { AnyUser = true });

    /// <summary>Enforces the rules; goes after authentication and routing.</summary>
    public static void UseAccessRules(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (http.GetEndpoint() is { } endpoint && Check(http, endpoint) is { } error)
        {
            await error.ToProblem().ExecuteAsync(http);
            return;
        }
        await next(http);
    });

    /// <summary>Throws and names the endpoints that declare nothing.</summary>
    public static void VerifyAccessRules(this IEndpointRouteBuilder app)
    {
        var silent = app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>() is null)
            .Select(endpoint => endpoint.DisplayName).ToList();
        if (silent.Count > 0)
        {
            throw new InvalidOperationException("These endpoints declare neither a permission nor that they are public: " + string.Join(", ", silent));
        }
    }

    private static Error? Check(HttpContext http, Endpoint endpoint)
    {
        var rule = endpoint.Metadata.GetMetadata<AccessRule>();
        if (rule is null)
        {
            // Routing's own endpoints (405, 415) carry no rule and do nothing but answer so.
            return endpoint is RouteEndpoint ? Error.Forbidden("This address has no access rule.") : null;
        }
        if (rule is { Permission: null, AnyUser: false })
        {
            return null;
        }
        var caller = Caller.Of(http);
        if (caller is null || (rule.AnyUser && caller.Kind != CallerKind.User))
        {
            return new Error("unauthenticated", "Sign in, or send a valid API key or session token in the Authorization header.", StatusCodes.Status401Unauthorized);
        }
        if (!rule.Allows(caller))
        {
            return Error.Forbidden("This needs the permission " + string.Join(" or ", rule.Or.Prepend(rule.Permission)) + ".");
        }
        return caller.Kind == CallerKind.User && !IsSafe(http.Request.Method) && !CameFromOurPages(http.Request)
            ? Error.Forbidden($"Requests with the session cookie need the header {CsrfHeader}: 1 and must come from Parley's own pages.")
            : null;
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool CameFromOurPages(HttpRequest request) =>
        request.Headers[CsrfHeader] == "1"
        && (request.Headers.Origin is not [{ Length: > 0 } origin] || origin == $"{request.Scheme}://{request.Host}");
}
