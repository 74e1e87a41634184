using System.Text.Encodings.Web;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Host.Web;

/// <summary>What a customer's browser loads: the loader, the frame with its assets, and the demo page.</summary>
internal static class WidgetPages
{
    private const string WidgetSql = "select tenant_id, widget_id from widget_by_key(@key)";
    private const string OriginsSql = "select unnest(allowed_origins) from widgets where id = @id";
    private const string DemoKeySql = "select public_key from widgets where archived_at is null order by created_at limit 1";

    /// <summary>Loader and hashed assets as static files.</summary>
    internal static void UseWidgetFiles(this WebApplication app)
    {
        if (WebRoot.Of("widget") is not { } root)
        {
            return;
        }
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(root), RequestPath = "/widget/v1", OnPrepareResponse = Cache });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Path.Combine(root, "demo")), RequestPath = "/demo", OnPrepareResponse = Cache });
    }

    internal static void MapWidgetPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/widget/v1/frame", FrameAsync).AllowPublic().ExcludeFromDescription();
        app.MapGet("/demo", DemoAsync).AllowPublic().ExcludeFromDescription();
    }

    /// <summary>The frame may be embedded by the origins that its widget allows, and by Parley's own; browsers enforce it.</summary>
    private static async Task<IResult> FrameAsync(string? key, HttpContext http, SystemDb system, TenantDb tenants, CancellationToken ct)
    {
        if (Page("frame.html") is not { } page)
        {
            return NotBuilt();
        }
        if (key is null || await system.QuerySingleOrDefaultAsync<Widget>(WidgetSql, new { key }, ct) is not { } widget)
        {
            return Results.Text("There is no such widget. Check data-key of the script tag.", statusCode: StatusCodes.Status404NotFound);
        }
        var allowed = await tenants.InTransactionAsync(widget.TenantId, s => s.QueryAsync<string>(OriginsSql, new { id = widget.WidgetId }), ct);
        // Origins are validated when they are stored; what is none cannot smuggle a directive into the policy.
        var origins = allowed.Where(o => Uri.TryCreate(o, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == o).ToList();
        http.Response.Headers.ContentSecurityPolicy = Policy("frame-ancestors 'self' " + string.Join(' ', origins));
        http.Response.Headers.CacheControl = "no-cache";
        var all = string.Join(' ', origins.Prepend(OriginOf(http)));
        return Results.Text(page.Replace("</title>", $"</title><meta name=\"parley-origins\" content=\"{HtmlEncoder.Default.Encode(all)}\">", StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    private static async Task<IResult> DemoAsync(HttpContext http, SystemDb system, TenantDb tenants, CancellationToken ct)
    {
        if (Page("demo/index.html") is not { } page)
        {
            return NotBuilt();
        }
        var tenant = await system.QuerySingleOrDefaultAsync<Guid?>("select tenant_by_slug('demo')", null, ct);
        var key = tenant is { } id ? await tenants.InTransactionAsync(id, s => s.QuerySingleOrDefaultAsync<string>(DemoKeySql), ct) : null;
        if (key is null)
        {
            return Results.Text("This installation has no demo tenant.", statusCode: StatusCodes.Status404NotFound);
        }
        http.Response.Headers.ContentSecurityPolicy = Policy("frame-src 'self'; frame-ancestors 'none'");
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Text(
            page.Replace("__WIDGET_KEY__", key, StringComparison.Ordinal).Replace("__ORIGIN__", HtmlEncoder.Default.Encode(OriginOf(http)), StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    private static string Policy(string frames) =>
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " + frames;

    private static string OriginOf(HttpContext http) => $"{http.Request.Scheme}://{http.Request.Host}";

    private static string? Page(string file) =>
        WebRoot.Of("widget") is { } root && Path.Combine(root, file) is var path && File.Exists(path) ? File.ReadAllText(path) : null;

    private static IResult NotBuilt() => Results.Text("The widget has not been built. Start Parley with ./parley up, which builds it.", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static void Cache(StaticFileResponseContext context) =>
        context.Context.Response.Headers.CacheControl = context.Context.Request.Path.StartsWithSegments("/widget/v1/assets", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "public, max-age=300";

    private sealed record Widget
    {
        public Guid TenantId { get; init; }

        public Guid WidgetId { get; init; }
    }
}
