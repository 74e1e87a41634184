using Parley.Conversations.Contracts;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Conversations.AgentApi;

/// <summary>A widget as its managers see it.</summary>
internal sealed record WidgetView
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required string PublicKey { get; init; }

    public required Guid AssistantId { get; init; }

    public required Guid BrandId { get; init; }

    public required string[] AllowedOrigins { get; init; }

    public required WidgetSettings Settings { get; init; }

    public required int? SettingsVersion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Reads widgets with their settings in force.</summary>
internal sealed class WidgetReader(ConfigurationStore configuration)
{
    private const string Select = "select id, name, public_key, assistant_id, brand_id, allowed_origins, created_at from widgets where tenant_id = @tenantId and archived_at is null";

    private const string AllSql = Select + " order by created_at, id";

    private const string OneSql = Select + " and id = @id";

    internal async Task<IReadOnlyList<WidgetView>> AllAsync(TenantSession session)
    {
        var widgets = new List<WidgetView>();
        foreach (var row in await session.QueryAsync<WidgetView>(AllSql, new { tenantId = session.TenantId }))
        {
            widgets.Add(await CompleteAsync(session, row));
        }
        return widgets;
    }

    internal async Task<WidgetView?> OneAsync(TenantSession session, Guid id) =>
        await session.QuerySingleOrDefaultAsync<WidgetView>(OneSql, new { tenantId = session.TenantId, id }) is { } row ? await CompleteAsync(session, row) : null;

    private async Task<WidgetView> CompleteAsync(TenantSession session, WidgetView row)
    {
        var published = await configuration.PublishedAsync<WidgetSettings>(session, WidgetSettings.Kind, row.Id);
        return row with { Settings = published?.Body ?? new WidgetSettings(), SettingsVersion = published?.Version };
    }
}
