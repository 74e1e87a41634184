using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Parley.Platform.Data;
using Parley.Platform.Jobs;
using Parley.Platform.Secrets;

namespace Parley.Identity;

/// <summary>
/// Chains a tenant's audit rows: each link is an HMAC over the link before and the row's hash, so that a changed, removed or
/// reordered row breaks every later link. The key comes from the master key: rights on the database alone cannot mend a broken chain.
/// </summary>
internal sealed class AuditChain(MasterKey key)
{
    internal const string KeyPurpose = "audit-chain";
    internal const int HashLength = 32;

    private readonly byte[] _key = key.Derive(KeyPurpose);

    internal string KeyId { get; } = key.Id;

    /// <summary>What comes before the first link.</summary>
    internal static byte[] Root { get; } = new byte[HashLength];

    internal byte[] Link(byte[] previous, byte[] rowHash) => HMACSHA256.HashData(_key, (byte[])[.. previous, .. rowHash]);

    /// <summary>Covers everything that may never change: all but the payload (whose hash it covers) and the address it came from.</summary>
    internal static byte[] RowHash(AuditRow row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, row.Id.ToString("D"));
        // The database keeps microseconds.
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, (row.At.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        hash.AppendData(time);
        foreach (var text in new[] { row.ActorKind, row.ActorId?.ToString("D"), row.Action, row.TargetKind, row.TargetId })
        {
            Append(hash, text);
        }
        hash.AppendData(row.PayloadHash);
        return hash.GetHashAndReset();
    }

    /// <summary>Length first, so that no two lists of texts read the same; null differs from empty.</summary>
    private static void Append(IncrementalHash hash, string? text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32BigEndian(length, text is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}

/// <summary>The part of an audit row that its hash covers.</summary>
internal sealed record AuditRow
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string ActorKind { get; init; } = "";
    public Guid? ActorId { get; init; }
    public string Action { get; init; } = "";
    public string? TargetKind { get; init; }
    public string? TargetId { get; init; }
    public byte[] PayloadHash { get; init; } = [];
}

/// <summary>Adds a tenant's new audit rows to its chain.</summary>
internal sealed class AuditChainJob(TenantDb db, AuditChain chain) : IJobHandler
{
    internal static readonly JobKind Kind = new("identity.audit_chain");
    private const int BatchSize = 500;

    // Two workers at once would append at the same position; the primary key refuses it, the lock avoids it.
    private const string LockSql = "select pg_advisory_xact_lock(hashtextextended('audit_chain:' || @tenantId::text, 0))";

    // Rows commit in another order than their times; an hour is far longer than any transaction may be open (5 s).
    private const string PendingSql = """
        select a.id, a.at, a.actor_kind, a.actor_id, a.action, a.target_kind, a.target_id, a.payload_hash
          from audit a
         where a.at > coalesce(@since::timestamptz, '-infinity') - interval '1 hour'
           and not exists (select 1 from audit_chain c where c.tenant_id = a.tenant_id and c.audit_id = a.id)
         order by a.at, a.id limit @take
        """;
    private const string HeadSql = "select position, at, hash from audit_chain order by position desc limit 1";
    private const string AppendSql = """
        insert into audit_chain (tenant_id, position, audit_id, at, row_hash, hash, key_id)
        select @tenantId, position, audit_id, at, row_hash, hash, @keyId
          from unnest(@positions::bigint[], @ids::uuid[], @times::timestamptz[], @rowHashes::bytea[], @hashes::bytea[]) as l (position, audit_id, at, row_hash, hash)
        """;

    /// <summary>Run twice it finds nothing left to do, so the dispatcher may end the job.</summary>
    public Task HandleAsync(JobContext job, CancellationToken ct) => ChainAsync(job.TenantId, ct);

    internal async Task ChainAsync(Guid tenantId, CancellationToken ct)
    {
        while (await AppendAsync(tenantId, ct) == BatchSize)
        {
            ct.ThrowIfCancellationRequested();
        }
    }

    private Task<int> AppendAsync(Guid tenantId, CancellationToken ct) => db.InTransactionAsync(tenantId, async session =>
    {
        await session.ExecuteAsync(LockSql, new { tenantId = session.TenantId });
        var head = await session.QuerySingleOrDefaultAsync<Head>(HeadSql) ?? new Head { Hash = AuditChain.Root };
        var rows = await session.QueryAsync<AuditRow>(PendingSql, new { since = head.Position == 0 ? (DateTimeOffset?)null : head.At, take = BatchSize });
        var rowHashes = rows.Select(AuditChain.RowHash).ToArray();
        var hashes = new byte[rows.Count][];
        var previous = head.Hash;
        for (var i = 0; i < rows.Count; i++)
        {
            previous = hashes[i] = chain.Link(previous, rowHashes[i]);
        }
        if (rows.Count > 0)
        {
            await session.ExecuteAsync(AppendSql, new
            {
                tenantId = session.TenantId, keyId = chain.KeyId, positions = rows.Select((_, i) => head.Position + i + 1).ToArray(),
                ids = rows.Select(row => row.Id).ToArray(), times = rows.Select(row => row.At).ToArray(), rowHashes, hashes,
            });
        }
        return rows.Count;
    }, ct);

    private sealed record Head
    {
        public long Position { get; init; }
        public DateTimeOffset At { get; init; }
        public byte[] Hash { get; init; } = [];
    }
}
