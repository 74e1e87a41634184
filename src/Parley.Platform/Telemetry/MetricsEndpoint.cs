using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Authorization;

namespace Parley.Platform.Telemetry;

/// <summary>
/// <c>GET /metrics</c>: for this machine, for the local operator's token, and for who has PARLEY_METRICS_TOKEN. Others are told that there
/// is nothing. A request that passed a proxy does not count as this machine's.
/// </summary>
internal static class MetricsEndpoint
{
    private const string Bearer = "Bearer ";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", Handle).WithName("Metrics").WithTags("Health").ExcludeFromDescription().AllowPublic();

    internal static bool Allows(HttpContext http, string token)
    {
        var given = http.Request.Headers.Authorization.ToString();
        if (given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            var presented = given[Bearer.Length..].Trim();
            return (token.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(presented), Encoding.UTF8.GetBytes(token)))
                || http.RequestServices.GetService<LocalOperatorToken>()?.Matches(presented) == true;
        }
        return http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded") && !http.Request.Headers.ContainsKey("X-Real-IP");
    }

    private static IResult Handle(HttpContext http, PlatformOptions options, MetricsRegistry metrics) =>
        Allows(http, options.MetricsToken)
            ? TypedResults.Text(PrometheusText.Write(metrics.Collect()), PrometheusText.ContentType)
            : TypedResults.NotFound();
}
