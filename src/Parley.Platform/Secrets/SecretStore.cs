using System.Security.Cryptography;
using System.Text;
using Parley.Platform.Data;

namespace Parley.Platform.Secrets;

/// <summary>
/// A tenant's secrets (provider keys, tokens): AES-256-GCM under the tenant's own data key, which is itself sealed by the instance's master
/// key. The name and the tenant are bound into the seal, so a row that was moved elsewhere cannot be opened.
/// </summary>
public sealed class SecretStore(MasterKey master, TimeProvider time)
{
    internal const string KeySql =
        "select version, master_key_id, wrapped_key from tenant_keys where tenant_id = @tenantId and (@version::int is null or version = @version) order by version desc limit 1";

    internal const string AddKeySql = """
        insert into tenant_keys (tenant_id, version, master_key_id, wrapped_key, created_at) values (@tenantId, @version, @keyId, @wrapped, @now)
        on conflict (tenant_id, version) do nothing
        """;

    internal const string PutSql = """
        insert into secrets (tenant_id, name, key_version, nonce, ciphertext, created_at) values (@tenantId, @name, @version, @nonce, @ciphertext, @now)
        on conflict (tenant_id, name) do update set key_version = excluded.key_version, nonce = excluded.nonce, ciphertext = excluded.ciphertext, created_at = excluded.created_at
        """;

    internal const string GetSql = "select name, key_version, nonce, ciphertext from secrets where tenant_id = @tenantId and name = @name";
    internal const string AllSql = "select name, key_version, nonce, ciphertext from secrets where tenant_id = @tenantId order by name for update";
    internal const string RemoveSql = "delete from secrets where tenant_id = @tenantId and name = @name";
    internal const string RetireSql = "delete from tenant_keys where tenant_id = @tenantId and version < @version";

    /// <summary>Stores or replaces a secret.</summary>
    public async Task PutAsync(TenantSession session, string name, string value)
    {
        var key = await KeyAsync(session, null) ?? await AddKeyAsync(session, 1);
        await PutAsync(session, name, Encoding.UTF8.GetBytes(value), key);
    }

    /// <summary>The secret; null where there is none.</summary>
    public async Task<string?> GetAsync(TenantSession session, string name)
    {
        var row = await session.QuerySingleOrDefaultAsync<SecretRow>(GetSql, new { session.TenantId, name });
        return row is null ? null : Encoding.UTF8.GetString(await OpenAsync(session, row));
    }

    /// <summary>Forgets a secret. False: there was none.</summary>
    public static async Task<bool> RemoveAsync(TenantSession session, string name) =>
        await session.ExecuteAsync(RemoveSql, new { session.TenantId, name }) > 0;

    /// <summary>Gives the tenant a new data key, seals every secret with it and destroys the old keys, in the caller's transaction.</summary>
    public async Task RotateAsync(TenantSession session)
    {
        var rows = await session.QueryAsync<SecretRow>(AllSql, new { session.TenantId });
        var key = await AddKeyAsync(session, ((await KeyAsync(session, null))?.Version ?? 0) + 1);
        foreach (var row in rows)
        {
            await PutAsync(session, row.Name, await OpenAsync(session, row), key);
        }
        await session.ExecuteAsync(RetireSql, new { session.TenantId, version = key.Version });
    }

    private async Task PutAsync(TenantSession session, string name, byte[] value, DataKey key)
    {
        var (nonce, ciphertext) = Seal.Close(key.Bytes, value, Context(session.TenantId, name, key.Version));
        await session.ExecuteAsync(PutSql, new { session.TenantId, name, version = key.Version, nonce, ciphertext, now = time.GetUtcNow() });
    }

    private async Task<byte[]> OpenAsync(TenantSession session, SecretRow row)
    {
        var key = await KeyAsync(session, row.KeyVersion) ?? throw new CryptographicException("A secret's data key is missing.");
        return Seal.Open(key.Bytes, row.Nonce, row.Ciphertext, Context(session.TenantId, row.Name, row.KeyVersion));
    }

    private async Task<DataKey?> KeyAsync(TenantSession session, int? version)
    {
        var row = await session.QuerySingleOrDefaultAsync<KeyRow>(KeySql, new { session.TenantId, version });
        if (row is null)
        {
            return null;
        }
        if (row.MasterKeyId != master.Id)
        {
            throw new CryptographicException($"This tenant's secrets are sealed by the master key {row.MasterKeyId}; this node has {master.Id}.");
        }
        return new DataKey(row.Version, Seal.OpenPacked(master.Derive("tenant-keys"), row.WrappedKey, Context(session.TenantId, "data-key", row.Version)));
    }

    private async Task<DataKey> AddKeyAsync(TenantSession session, int version)
    {
        var wrapped = Seal.ClosePacked(master.Derive("tenant-keys"), RandomNumberGenerator.GetBytes(Seal.KeyLength), Context(session.TenantId, "data-key", version));
        await session.ExecuteAsync(AddKeySql, new { session.TenantId, version, keyId = master.Id, wrapped, now = time.GetUtcNow() });
        // Two at once: the first one's key counts.
        return await KeyAsync(session, version) ?? throw new CryptographicException("The tenant's data key could not be stored.");
    }

    private static byte[] Context(Guid tenantId, string name, int version) => Encoding.UTF8.GetBytes($"{tenantId:D}/{version}/{name}");

    private sealed record DataKey(int Version, byte[] Bytes);

    private sealed record KeyRow
    {
        public int Version { get; init; }

        public string MasterKeyId { get; init; } = "";

        public byte[] WrappedKey { get; init; } = [];
    }

    private sealed record SecretRow
    {
        public string Name { get; init; } = "";

        public int KeyVersion { get; init; }

        public byte[] Nonce { get; init; } = [];

        public byte[] Ciphertext { get; init; } = [];
    }
}
