using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;

namespace Parley.Identity;

/// <summary>Tokens that begin with <paramref name="Prefix"/> are read by the authentication scheme <paramref name="Name"/>.</summary>
internal sealed record BearerScheme(string Prefix, string Name);

/// <summary>Registration of the schemes that read <c>Authorization: Bearer …</c>.</summary>
public static class BearerSchemes
{
    /// <summary>Adds one. A module that hands out tokens (widget sessions) registers its own handler with its own prefix.</summary>
    /// <param name="services">The services.</param>
    /// <param name="prefix">Such as <c>ps_</c>; unique.</param>
    /// <param name="name">The scheme's name.</param>
    public static IServiceCollection AddBearerScheme<THandler>(this IServiceCollection services, string prefix, string name)
        where THandler : BearerHandler
    {
        services.AddScheme<THandler>(name);
        return services.AddSingleton(new BearerScheme(prefix, name));
    }

    /// <summary>AddAuthentication() would also bring data protection, whose keys nothing here needs and which writes them into HOME.</summary>
    internal static void AddScheme<THandler>(this IServiceCollection services, string name)
        where THandler : class, IAuthenticationHandler
    {
        services.AddTransient<THandler>();
        services.Configure<AuthenticationOptions>(options => options.AddScheme<THandler>(name, displayName: null));
    }
}

/// <summary>Turns a bearer token into a <see cref="Caller"/>.</summary>
public abstract class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Longer than any token of ours: what exceeds it is refused before it is hashed.</summary>
    private const int MaxTokenLength = 256;

    /// <summary>Who the token belongs to; null when it is unknown, expired or revoked.</summary>
    protected abstract Task<Caller?> FindAsync(string token, CancellationToken ct);

    /// <inheritdoc/>
    protected sealed override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Bearer.TokenOf(Context) is not { Length: <= MaxTokenLength } token)
        {
            return AuthenticateResult.NoResult();
        }
        var caller = await FindAsync(token, Context.RequestAborted);
        return caller is null ? AuthenticateResult.NoResult() : Bearer.Success(caller with { Ip = Bearer.IpOf(Context) }, Scheme.Name, ct => FindAsync(token, ct));
    }
}

internal static class Bearer
{
    private const string Word = "Bearer ";

    internal static string? TokenOf(HttpContext http) =>
        http.Request.Headers.Authorization is [{ } value] && value.StartsWith(Word, StringComparison.OrdinalIgnoreCase)
            ? value[Word.Length..].Trim()
            : null;

    internal static string? IpOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString();

    internal static AuthenticateResult Success(Caller caller, string scheme, Func<CancellationToken, Task<Caller?>> refresh) =>
        AuthenticateResult.Success(new AuthenticationTicket(new(new CallerIdentity(caller, scheme) { Refresh = refresh }), scheme));
}
