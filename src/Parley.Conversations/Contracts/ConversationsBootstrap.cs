using System.Security.Cryptography;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Conversations.Contracts;

/// <summary>A tenant's first brand, assistant and widget.</summary>
public sealed record TenantDefaults(Guid BrandId, Guid AssistantId, Guid WidgetId, string PublicKey);

/// <summary>Gives a new tenant what it needs to talk.</summary>
public sealed class ConversationsBootstrap(TenantDb db, TimeProvider time)
{
    private const string BrandSql = """
        insert into brands (tenant_id, id, name, is_default, created_at)
        select @tenantId::uuid, @id::uuid, left(t.name, 100), true, @now::timestamptz from tenants t where t.id = @tenantId
        on conflict do nothing -- also by its name: the other that makes it at this moment has given it the same
        """;

    // The lock lets two processes that start at once make one widget.
    private const string LockBrandSql = "select id from brands where tenant_id = @tenantId and is_default for update";

    private const string AssistantSql = """
        insert into assistants (tenant_id, id, brand_id, name, is_default, created_at)
        values (@tenantId, @id, @brandId, 'Assistant', true, @now)
        on conflict (tenant_id) where is_default do nothing
        """;

    private const string AssistantIdSql = "select id from assistants where tenant_id = @tenantId and is_default";

    private const string OldestWidgetSql =
        "select id, public_key from widgets where tenant_id = @tenantId and archived_at is null order by created_at, id limit 1";

    internal const string InsertWidgetSql = """
        insert into widgets (tenant_id, id, public_key, assistant_id, brand_id, name, allowed_origins, created_at)
        values (@tenantId, @id, @publicKey, @assistantId, @brandId, @name, @origins, @now)
        """;

    /// <summary>Creates what is missing; called again it changes nothing. Returns the oldest widget's public key with the ids.</summary>
    public Task<TenantDefaults> EnsureDefaultsAsync(Guid tenantId, CancellationToken ct) =>
        db.InTransactionAsync(tenantId, session => EnsureDefaultsAsync(session), ct);

    /// <inheritdoc cref="EnsureDefaultsAsync(Guid, CancellationToken)"/>
    public async Task<TenantDefaults> EnsureDefaultsAsync(TenantSession session)
    {
        var now = time.GetUtcNow();
        await session.ExecuteAsync(BrandSql, new { tenantId = session.TenantId, id = Ids.New(time), now });
        var brandId = await session.QuerySingleAsync<Guid>(LockBrandSql, new { tenantId = session.TenantId });
        await session.ExecuteAsync(AssistantSql, new { tenantId = session.TenantId, id = Ids.New(time), brandId, now });
        var assistantId = await session.QuerySingleAsync<Guid>(AssistantIdSql, new { tenantId = session.TenantId });
        var widget = await session.QuerySingleOrDefaultAsync<WidgetRow>(OldestWidgetSql, new { tenantId = session.TenantId });
        if (widget is null)
        {
            widget = new WidgetRow { Id = Ids.New(time), PublicKey = NewPublicKey() };
            await session.ExecuteAsync(InsertWidgetSql, new
            {
                tenantId = session.TenantId, id = widget.Id, publicKey = widget.PublicKey, assistantId, brandId, name = "Website", origins = Array.Empty<string>(), now,
            });
        }
        return new TenantDefaults(brandId, assistantId, widget.Id, widget.PublicKey);
    }

    // Public by nature; long enough that nobody finds another tenant's by trying.
    internal static string NewPublicKey() =>
        "pw_" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24);

    private sealed record WidgetRow
    {
        public Guid Id { get; init; }

        public string PublicKey { get; init; } = "";
    }
}
