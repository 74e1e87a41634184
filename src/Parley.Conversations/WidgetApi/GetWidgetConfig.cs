using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

/// <summary>What the frame needs before anybody has a session; public, so nothing here is secret.</summary>
internal sealed record WidgetConfig(
    Guid WidgetId, string Name, string Title, string Greeting, string Color, string Position, IReadOnlyList<string> SuggestedQuestions,
    string AssistantName, IReadOnlyDictionary<string, string> Texts, string? Locale, WidgetFeatures Features, WidgetBrand? Brand, WidgetAvatar Avatar);

/// <summary>Of the brand that the widget belongs to, where somebody has saved it.</summary>
/// <param name="Logo">On this instance; null: there is none.</param>
internal sealed record WidgetBrand(string Name, string? Logo, string? SupportAddress, string? PrivacyUrl, string? TermsUrl);

internal sealed record WidgetFeatures(bool Person, bool Rating);

/// <summary>How the assistant looks.</summary>
/// <param name="Url">Its picture, on this origin; null: initials on a colour.</param>
/// <param name="Initials">One or two letters; empty: of its name.</param>
/// <param name="Color">#rrggbb; empty: the widget's.</param>
internal sealed record WidgetAvatar(string? Url, string Initials, string Color);

internal sealed class GetWidgetConfig(TenantDb db, WidgetDirectory widgets, ConfigurationStore configuration, IAssistantFaces faces)
{
    internal const string WidgetSql = """
        select w.id, w.name, w.assistant_id, a.name as assistant_name, b.name as brand_name, b.color as brand_color, b.support_address, b.privacy_url, b.terms_url,
               left(encode(b.logo_hash, 'hex'), 16) as logo, b.updated_at is not null as has_brand
          from widgets w join assistants a on a.tenant_id = w.tenant_id and a.id = w.assistant_id
          join brands b on b.tenant_id = w.tenant_id and b.id = w.brand_id
         where w.tenant_id = @tenantId and w.id = @id
        """;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/config", async (string? key, string? locale, HttpContext http, GetWidgetConfig handler, CancellationToken ct) =>
            {
                // The loader asks from the customer's page. Public and the same for everybody: any page may read it.
                http.Response.Headers.AccessControlAllowOrigin = "*";
                return (await handler.HandleAsync(key, locale, ct)).ToHttp();
            })
            .WithName("GetWidgetConfig").AllowPublic();

    /// <summary>The picture of the widget's assistant, of the profile in force only: drafts are nobody else's business.</summary>
    internal static void MapAvatar(RouteGroupBuilder group) =>
        group.MapGet("/avatar", async Task<Results<FileContentHttpResult, ProblemHttpResult>> (string? key, string? picture, HttpContext http, GetWidgetConfig handler, CancellationToken ct) =>
                await handler.PictureAsync(key, picture, ct) is { } found ? found.Show(http) : Error.NotFound("picture").ToProblem())
            .WithName("GetWidgetAvatar").AllowPublic();

    private async Task<AssistantPicture?> PictureAsync(string? key, string? picture, CancellationToken ct) =>
        !Guid.TryParseExact(picture, "N", out var wanted) || await widgets.FindAsync(key, ct) is not { } address ? null
            : await db.InTransactionAsync(address.TenantId, async s =>
                await s.QuerySingleOrDefaultAsync<Row>(WidgetSql, new { tenantId = s.TenantId, id = address.WidgetId }) is { } row
                && (await faces.ReadAsync(s, row.AssistantId, locale: null)).AvatarId == wanted ? await faces.PictureAsync(s, row.AssistantId, wanted) : null, ct);

    private async Task<Result<WidgetConfig>> HandleAsync(string? key, string? locale, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(key))
        {
            return Error.Invalid("key", "'key' is missing: give the widget's public key, which begins with pw_.");
        }
        if (await widgets.FindAsync(key, ct) is not { } address)
        {
            return WidgetDirectory.Unknown;
        }
        return await db.InTransactionAsync<Result<WidgetConfig>>(address.TenantId, async s =>
        {
            if (await s.QuerySingleOrDefaultAsync<Row>(WidgetSql, new { tenantId = s.TenantId, id = address.WidgetId }) is not { } row)
            {
                return WidgetDirectory.Unknown;
            }
            var settings = ((await configuration.PublishedAsync<WidgetSettings>(s, WidgetSettings.Kind, row.Id))?.Body ?? new WidgetSettings()).For(locale);
            var face = await faces.ReadAsync(s, row.AssistantId, locale);
            // What a widget says of its own comes before what its assistant says everywhere.
            var greeting = settings.Greeting == WidgetSettings.ShippedGreeting ? face.Welcome : settings.Greeting;
            var questions = settings.SuggestedQuestions.Count > 0 ? settings.SuggestedQuestions : face.SuggestedQuestions;
            var picture = face.AvatarId is { } avatar ? $"/v1/widget/avatar?key={Uri.EscapeDataString(key)}&picture={avatar:N}" : null;
            var brand = row.HasBrand ? new WidgetBrand(row.BrandName, row.Logo is null ? null : $"/v1/widget/logo?key={key}&v={row.Logo}", row.SupportAddress, row.PrivacyUrl, row.TermsUrl) : null;
            // What the widget itself says comes first; a colour that nobody chose is none of its own.
            return new WidgetConfig(row.Id, row.Name, settings.Title.Length > 0 ? settings.Title : brand?.Name ?? "", greeting,
                settings.Color == WidgetSettings.DefaultColor && row.HasBrand ? row.BrandColor ?? settings.Color : settings.Color, settings.Position, questions,
                face.Name.Length > 0 ? face.Name : row.AssistantName, settings.Texts, Locale: null, new WidgetFeatures(settings.OfferPerson, settings.AskRating), brand,
                new WidgetAvatar(picture, face.AvatarInitials, face.AvatarColor));
        }, ct);
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public Guid AssistantId { get; init; }

        public string AssistantName { get; init; } = "";

        public string BrandName { get; init; } = "";

        public string? BrandColor { get; init; }

        public string? SupportAddress { get; init; }

        public string? PrivacyUrl { get; init; }

        public string? TermsUrl { get; init; }

        public string? Logo { get; init; }

        public bool HasBrand { get; init; }
    }
}
