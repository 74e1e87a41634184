using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
    string AssistantName, IReadOnlyDictionary<string, string> Texts, string? Locale, WidgetFeatures Features, WidgetBrand? Brand);

/// <summary>Of the brand that the widget belongs to, where somebody has saved it.</summary>
/// <param name="Logo">On this instance; null: there is none.</param>
internal sealed record WidgetBrand(string Name, string? Logo, string? SupportAddress, string? PrivacyUrl, string? TermsUrl);

internal sealed record WidgetFeatures(bool Person, bool Rating);

internal sealed class GetWidgetConfig(TenantDb db, WidgetDirectory widgets, ConfigurationStore configuration)
{
    private const string ReadSql = """
        select w.id, w.name, a.name as assistant_name, b.name as brand_name, b.color as brand_color, b.support_address, b.privacy_url, b.terms_url,
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
            if (await s.QuerySingleOrDefaultAsync<Row>(ReadSql, new { tenantId = s.TenantId, id = address.WidgetId }) is not { } row)
            {
                return WidgetDirectory.Unknown;
            }
            var settings = ((await configuration.PublishedAsync<WidgetSettings>(s, WidgetSettings.Kind, row.Id))?.Body ?? new WidgetSettings()).For(locale);
            var brand = row.HasBrand ? new WidgetBrand(row.BrandName, row.Logo is null ? null : $"/v1/widget/logo?key={key}&v={row.Logo}", row.SupportAddress, row.PrivacyUrl, row.TermsUrl) : null;
            // What the widget itself says comes first; a colour that nobody chose is none of its own.
            return new WidgetConfig(row.Id, row.Name, settings.Title.Length > 0 ? settings.Title : brand?.Name ?? "", settings.Greeting,
                settings.Color == WidgetSettings.DefaultColor && row.HasBrand ? row.BrandColor ?? settings.Color : settings.Color, settings.Position, settings.SuggestedQuestions,
                row.AssistantName, settings.Texts, Locale: null, new WidgetFeatures(settings.OfferPerson, settings.AskRating), brand);
        }, ct);
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

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
