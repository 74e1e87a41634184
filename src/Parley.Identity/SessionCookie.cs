using Microsoft.AspNetCore.Http;

namespace Parley.Identity;

/// <summary>The cookie that carries the session's token. The server decides when it ends; the cookie only has to outlive it.</summary>
internal static class SessionCookie
{
    internal const string Name = "parley_session";
    private const int MaxLength = 128;

    internal static string? Read(HttpRequest request) =>
        request.Cookies.TryGetValue(Name, out var token) && token.Length is > 0 and <= MaxLength ? token : null;

    internal static void Write(HttpContext http, string token, TimeSpan lifetime) =>
        http.Response.Cookies.Append(Name, token, Options(http.Request, lifetime));

    internal static void Clear(HttpContext http) => http.Response.Cookies.Delete(Name, Options(http.Request, lifetime: null));

    private static CookieOptions Options(HttpRequest request, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = request.IsHttps, Path = "/", IsEssential = true, MaxAge = lifetime,
    };
}
