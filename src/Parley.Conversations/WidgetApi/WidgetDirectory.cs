using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Conversations.WidgetApi;

internal sealed record WidgetAddress
{
    public Guid TenantId { get; init; }

    public Guid WidgetId { get; init; }
}

/// <summary>Finds a widget by its public key, before the tenant is known.</summary>
internal sealed class WidgetDirectory(SystemDb system)
{
    internal static readonly Error Unknown = Error.NotFound("widget with this key");

    private const int MaxKeyLength = 60;

    private const string ByKeySql = "select * from widget_by_key(@key)";

    internal Task<WidgetAddress?> FindAsync(string? key, CancellationToken ct) =>
        key is { Length: > 0 and <= MaxKeyLength } && !key.Contains('\0', StringComparison.Ordinal)
            ? system.QuerySingleOrDefaultAsync<WidgetAddress>(ByKeySql, new { key }, ct)
            : Task.FromResult<WidgetAddress?>(null);
}
