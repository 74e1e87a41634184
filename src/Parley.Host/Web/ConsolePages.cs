using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Parley.Platform.Authorization;

namespace Parley.Host.Web;

/// <summary>The operator console at <c>/console</c>: its files, and its one page for every address below that is no file.</summary>
internal static class ConsolePages
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    internal static void UseConsoleFiles(this WebApplication app)
    {
        if (WebRoot.Of("console") is not { } root) return;
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(root), RequestPath = "/console", OnPrepareResponse = Cache });
    }

    internal static void MapConsolePages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", () => TypedResults.Redirect("/console/")).AllowPublic().ExcludeFromDescription();
        app.MapGet("/console/{**page:nonfile}", Page).AllowPublic().ExcludeFromDescription();
    }

    private static IResult Page(HttpContext http)
    {
        if (WebRoot.Of("console") is not { } root || Path.Combine(root, "index.html") is var file && !File.Exists(file))
            return Results.Text("The console has not been built. Start Parley with ./parley up, which builds it.", statusCode: StatusCodes.Status503ServiceUnavailable);
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.PhysicalFile(file, "text/html; charset=utf-8");
    }

    /// <summary>Names of assets carry a hash of their content; everything else may change under its name.</summary>
    private static void Cache(StaticFileResponseContext context)
    {
        context.Context.Response.Headers.CacheControl = context.Context.Request.Path.StartsWithSegments("/console/assets", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
        if (context.File.Name.EndsWith(".html", StringComparison.Ordinal)) context.Context.Response.Headers.ContentSecurityPolicy = Policy;
    }
}
