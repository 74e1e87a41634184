using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Parley.Platform.Authorization;
using Parley.Platform.Errors;
using Parley.Platform.Telemetry;

namespace Parley.Platform.Feed;

/// <summary><c>GET /v1/feed</c>: all events of a client session as one stream of server-sent events.</summary>
internal sealed class FeedEndpoint(FeedHub hub, IEnumerable<IFeedSource> sources, IHostApplicationLifetime lifetime, TimeProvider time, Microsoft.Extensions.Logging.ILogger<FeedEndpoint> log)
{
    /// <summary>More open feeds of one principal on one node than any browser needs.</summary>
    internal const int MaxPerPrincipal = 32;

    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/v1/feed", (HttpContext http, Caller caller, FeedEndpoint endpoint) => endpoint.HandleAsync(http, caller))
            .WithName("Feed").WithTags("Feed")
            .WithSummary("Server-sent events of everything the caller may see. Go on after a dropped connection with the header Last-Event-ID.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .RequireAnyPermission(Permission.WidgetTalk, Permission.ConversationsRead, Permission.KnowledgeRead);

    internal async Task HandleAsync(HttpContext http, Caller caller)
    {
        if (_open.AddOrUpdate(caller.Principal, 1, (_, n) => n + 1) > MaxPerPrincipal)
        {
            Release(caller);
            await Error.TooMany($"There are {MaxPerPrincipal} open feeds already. Share one between windows.", 5).ToProblem().ExecuteAsync(http);
            return;
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        ParleyTelemetry.FeedsOpen.Add(1);
        try
        {
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            http.Response.ContentType = "text/event-stream; charset=utf-8";
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
            using var session = new FeedSession(hub, [.. sources.Where(source => source.Serves(caller))], caller, new SseWriter(http, time), time);
            await session.RunAsync(http.Request.Headers["Last-Event-ID"].ToString(), (http.User.Identity as CallerIdentity)?.Refresh, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client went, or the node stops: it comes back elsewhere with its cursor.
        }
        catch (Exception e) when (http.Response.HasStarted)
        {
            // The status is sent: all that is left is to end the stream, from which the client recovers by itself.
            if (e is not (IOException or TimeoutException or OperationCanceledException))
            {
                log.FeedFailed(e);
            }
            http.Abort();
        }
        finally
        {
            ParleyTelemetry.FeedsOpen.Add(-1);
            Release(caller);
        }
    }

    private void Release(Caller caller)
    {
        if (_open.AddOrUpdate(caller.Principal, 0, (_, n) => n - 1) <= 0)
        {
            _open.TryRemove(new KeyValuePair<string, int>(caller.Principal, 0));
        }
    }
}
