using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Parley.Platform.Telemetry;

/// <summary>Every answer names its request in <c>X-Request-Id</c>; a caller's own name for it is kept where it is harmless.</summary>
public static class RequestIds
{
    internal const string Header = "X-Request-Id";
    private const int MaxLength = 64;

    /// <summary>Goes first.</summary>
    public static void UseRequestIds(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var given = http.Request.Headers[Header].ToString();
        if (given.Length is > 0 and <= MaxLength && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            http.TraceIdentifier = given;
        }
        else if (System.Diagnostics.Activity.Current is { } activity)
        {
            http.TraceIdentifier = activity.TraceId.ToString();
        }
        // Also on answers that an exception handler writes: it clears the headers first.
        http.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            context.Response.Headers[Header] = context.TraceIdentifier;
            return Task.CompletedTask;
        }, http);
        return next(http);
    });
}
