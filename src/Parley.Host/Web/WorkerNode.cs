using Parley.Platform.Errors;

namespace Parley.Host.Web;

/// <summary>A node with <c>--role worker</c> works on jobs and schedules: it answers health and metrics only, and says so to everything else.</summary>
internal static class WorkerNode
{
    private static readonly Error NotHere = new("node.worker", "This node works on jobs only. Send requests to a node with the role web or all.", StatusCodes.Status404NotFound);

    internal static void UseWorkerNode(this WebApplication app) => app.Use((http, next) =>
        http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || http.Request.Path == "/metrics" ? next(http) : NotHere.ToProblem().ExecuteAsync(http));
}
