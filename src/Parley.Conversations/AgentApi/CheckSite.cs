using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Outbound;

namespace Parley.Conversations.AgentApi;

/// <param name="Url">A page that is to show the widget.</param>
internal sealed record CheckSiteRequest(string? Url);

/// <param name="Works">Nothing was found that keeps the widget away.</param>
/// <param name="Findings">What was looked at, in the order in which it is mended.</param>
internal sealed record SiteChecked(bool Works, IReadOnlyList<SiteFinding> Findings);

/// <summary>Fetches a page of the company's site and says whether the widget can appear on it.</summary>
internal sealed class CheckSite(TenantDb db, WidgetReader reader, GuardedHttp http)
{
    private const int MaxUrl = 2_000;
    private const int MaxPage = 2 * 1024 * 1024;

    private readonly HttpClient _client = http.CreateClient(new OutboundLimits { MaxResponseBytes = long.MaxValue, Timeout = TimeSpan.FromSeconds(15) });

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/{id}/check", async (Guid id, CheckSiteRequest request, Caller caller, CheckSite handler, HttpContext context, CancellationToken ct) =>
                (await handler.HandleAsync(caller, id, request, new Uri($"{context.Request.Scheme}://{context.Request.Host}"), ct)).ToHttp())
            .WithName("CheckSite").RequirePermission(Permission.WidgetsWrite);

    private async Task<Result<SiteChecked>> HandleAsync(Caller caller, Guid id, CheckSiteRequest request, Uri parley, CancellationToken ct)
    {
        var widgets = await db.InTransactionAsync(caller.TenantId, reader.AllAsync, ct);
        if (widgets.FirstOrDefault(widget => widget.Id == id) is not { } widget)
        {
            return ConversationErrors.WidgetNotFound;
        }
        if (request.Url?.Trim() is not { Length: > 0 and <= MaxUrl } url || url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return Error.Invalid("url", "Enter the whole address of a page, with https:// in front.");
        }
        var (page, problem) = await FetchAsync(address, ct);
        if (page is null)
        {
            return new SiteChecked(false, [new SiteFinding("page", "wrong", problem!)]);
        }
        var others = widgets.Where(other => other.Id != id).ToDictionary(other => other.PublicKey, other => other.Name, StringComparer.Ordinal);
        var findings = SiteCheck.Examine(page, new SiteNeeds(parley, widget.PublicKey, others, widget.AllowedOrigins));
        return new SiteChecked(findings.All(finding => finding.State == "ok"), findings);
    }

    private async Task<(FetchedPage? Page, string? Problem)> FetchAsync(Uri address, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/html");
        request.Headers.UserAgent.ParseAdd("Parley-SiteCheck/1");
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!response.IsSuccessStatusCode)
            {
                return (null, $"The page answers {(int)response.StatusCode}. Enter a page that everybody can open.");
            }
            if (response.Content.Headers.ContentType?.MediaType is not ("text/html" or "application/xhtml+xml"))
            {
                return (null, "The address leads to no HTML page.");
            }
            var policies = response.Headers.TryGetValues("Content-Security-Policy", out var values) ? values.ToList() : [];
            return (new FetchedPage(response.RequestMessage?.RequestUri ?? address, await BeginningAsync(response, ct), policies), null);
        }
        catch (OutboundRefusedException e)
        {
            return (null, e.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, "The page could not be fetched: nothing answered, or the connection was not secure.");
        }
    }

    /// <summary>As text; names and addresses of tags are ASCII, whatever the page's encoding.</summary>
    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var bytes = new byte[MaxPage];
        var read = 0;
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        for (int n; read < bytes.Length && (n = await stream.ReadAsync(bytes.AsMemory(read), ct)) > 0;)
        {
            read += n;
        }
        return Encoding.UTF8.GetString(bytes, 0, read);
    }
}
