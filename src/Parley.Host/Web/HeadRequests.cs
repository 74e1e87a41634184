namespace Parley.Host.Web;

/// <summary>
/// HEAD answers as GET does, without the body: what watches over a server asks so. The server itself leaves the body away, because it knows
/// what was asked; here only the endpoint of GET is found. Not for the feed, whose answer has no end.
/// </summary>
internal static class HeadRequests
{
    private const string Feed = "/v1/feed";

    /// <summary>Goes before routing.</summary>
    internal static void UseHeadRequests(this WebApplication app) => app.Use((http, next) =>
    {
        if (HttpMethods.IsHead(http.Request.Method) && !http.Request.Path.StartsWithSegments(Feed, StringComparison.Ordinal)) http.Request.Method = HttpMethods.Get;
        return next(http);
    });
}
