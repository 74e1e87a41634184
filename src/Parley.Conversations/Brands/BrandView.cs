using System.Text.RegularExpressions;
using Parley.Platform.Data;

namespace Parley.Conversations.Brands;

/// <summary>A brand: what its widgets show where they have nothing of their own.</summary>
internal sealed record BrandView
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Widgets that name none belong to it; it cannot be deleted.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>#rrggbb; null: each widget's own.</summary>
    public required string? Color { get; init; }

    /// <summary>An e-mail address for who does not want to chat.</summary>
    public required string? SupportAddress { get; init; }

    public required string? PrivacyUrl { get; init; }

    public required string? TermsUrl { get; init; }

    /// <summary>Changes with the picture; null: there is none.</summary>
    public required string? Logo { get; init; }

    /// <summary>Widgets that belong to it.</summary>
    public required int Widgets { get; init; }

    /// <summary>When somebody last saved it; null: it is only a name so far, and changes no widget.</summary>
    public required DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>What can be set; texts that are empty are taken away.</summary>
internal sealed record BrandRequest(string? Name, string? Color = null, string? SupportAddress = null, string? PrivacyUrl = null, string? TermsUrl = null)
{
    private const int MaxName = 100;
    private const int MaxAddress = 254;
    private const int MaxUrl = 500;

    /// <summary>Without what stands around it, and null for what is empty.</summary>
    internal BrandRequest Clean() => new(Name?.Trim(), Text(Color)?.ToLowerInvariant(), Text(SupportAddress), Text(PrivacyUrl), Text(TermsUrl));

    /// <summary>By field; of what <see cref="Clean"/> gives. Pure.</summary>
    internal Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Check(Name is { Length: >= 1 and <= MaxName } && MessageText.IsText(Name) && !Name.Contains('\n', StringComparison.Ordinal), "name", "Must be text of 1 to 100 characters in one line.");
        Check(Color is null || Words.HexColor().IsMatch(Color), "color", "Must be a colour like #007378, or nothing.");
        Check(SupportAddress is null || (SupportAddress.Length <= MaxAddress && Words.Address().IsMatch(SupportAddress)), "supportAddress", "Must be an e-mail address such as help@example.com, or nothing.");
        Check(IsLink(PrivacyUrl), "privacyUrl", "Must be an address that begins with https://, or nothing.");
        Check(IsLink(TermsUrl), "termsUrl", "Must be an address that begins with https://, or nothing.");
        return problems;

        void Check(bool fine, string field, string message)
        {
            if (!fine)
            {
                problems[field] = [message];
            }
        }
    }

    /// <summary>What a visitor may be led to: nothing that runs a script, and no name with a password.</summary>
    private static bool IsLink(string? text) => text is null
        || (text.Length <= MaxUrl && MessageText.IsText(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0);

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

internal static partial class Words
{
    [GeneratedRegex("^#[0-9a-f]{6}$")]
    internal static partial Regex HexColor();

    [GeneratedRegex(@"^[^\s@<>""'\p{C}]+@[^\s@<>""'\p{C}]+$")]
    internal static partial Regex Address();
}

/// <summary>Reads brands.</summary>
internal static class BrandReader
{
    private const string Select = """
        select b.id, b.name, b.is_default, b.color, b.support_address, b.privacy_url, b.terms_url, left(encode(b.logo_hash, 'hex'), 16) as logo, b.updated_at,
               (select count(*)::int from widgets w where w.tenant_id = b.tenant_id and w.brand_id = b.id and w.archived_at is null) as widgets
          from brands b where b.tenant_id = @tenantId
        """;
    private const string AllSql = Select + " order by b.is_default desc, b.created_at, b.id";
    private const string OneSql = Select + " and b.id = @id";

    internal static Task<IReadOnlyList<BrandView>> AllAsync(TenantSession session) => session.QueryAsync<BrandView>(AllSql, new { tenantId = session.TenantId });

    internal static Task<BrandView?> OneAsync(TenantSession session, Guid id) => session.QuerySingleOrDefaultAsync<BrandView>(OneSql, new { tenantId = session.TenantId, id });
}
