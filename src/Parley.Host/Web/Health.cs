using Parley.Host.Instance;
using Parley.Platform.Authorization;
using Parley.Platform.Health;

namespace Parley.Host.Web;

/// <summary>For load balancers and scripts: is the process alive, and may it be sent requests?</summary>
internal static class Health
{
    internal static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok(new HealthReport("ok"))).WithName("HealthLive").WithTags("Health").AllowPublic();
        app.MapGet("/health/ready", ReadyAsync).WithName("HealthReady").WithTags("Health").AllowPublic()
            .Produces<HealthReport>().Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ReadyAsync(ReadinessChecks checks, Readiness readiness, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return NotReady("stopping");
        if (!readiness.IsReady) return NotReady("starting");
        return await checks.ProblemAsync(ct) is { } problem ? NotReady(problem) : TypedResults.Ok(new HealthReport("ok"));
    }

    private static IResult NotReady(string status) => TypedResults.Json(new HealthReport(status), statusCode: StatusCodes.Status503ServiceUnavailable);
}

/// <summary>ok, starting, stopping, database_unavailable, migrations_missing or objects_not_writable.</summary>
internal sealed record HealthReport(string Status);
