using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Parley.Platform.Telemetry;

/// <summary>
/// Names a request's span by its route and gives it the attributes of OpenTelemetry's conventions for HTTP servers; never the address itself,
/// which may hold what people wrote.
/// </summary>
internal static class RequestSpans
{
    /// <summary>Goes after routing.</summary>
    internal static void UseRequestSpans(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (Activity.Current is not { IsAllDataRequested: true } span || http.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } route })
        {
            await next(http);
            return;
        }
        span.DisplayName = $"{http.Request.Method} {route}";
        span.SetTag("http.request.method", http.Request.Method).SetTag("http.route", route);
        try
        {
            await next(http);
        }
        finally
        {
            span.SetTag("http.response.status_code", http.Response.StatusCode);
        }
    });
}
