using System.Security.Cryptography;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Identity;

/// <summary>What is wrong with a tenant's audit log, if anything is.</summary>
/// <param name="Links">Links that were checked.</param>
/// <param name="Unchained">Rows the worker has not chained yet.</param>
/// <param name="Problems">In words, the first ones; empty: the log is as it was written.</param>
public sealed record AuditVerification(long Links, int Unchained, IReadOnlyList<string> Problems)
{
    /// <summary>Nothing was changed, removed or reordered.</summary>
    public bool Intact => Problems.Count == 0;
}

/// <summary>Checks a tenant's audit log against its chain; for <c>doctor</c>.</summary>
public sealed class AuditVerifier(TenantDb db, MasterKey key)
{
    private const int BatchSize = 2000;
    private const int MaxProblems = 20;

    // payload_ok: the payload, where it has not been erased with its salt, is the one that was hashed.
    private const string LinksSql = """
        select c.position, c.row_hash, c.hash, c.key_id, c.audit_id, c.at, a.id is not null as found, a.actor_kind, a.actor_id, a.action, a.target_kind, a.target_id, a.payload_hash,
               a.id is null or a.payload_salt is null or a.payload_hash = sha256(a.payload_salt || convert_to(coalesce(a.payload::text, ''), 'UTF8')) as payload_ok,
               a.id is not null and a.payload_salt is null and a.payload is not null as payload_without_salt
          from audit_chain c left join audit a on a.tenant_id = c.tenant_id and a.id = c.audit_id and a.at = c.at
         where c.position > @after order by c.position limit @take
        """;
    private const string UnchainedSql = """
        select count(*)::int from audit a where not exists (select 1 from audit_chain c where c.tenant_id = a.tenant_id and c.audit_id = a.id)
        """;

    private readonly AuditChain _chain = new(key);

    /// <summary>Reads the whole chain in batches.</summary>
    public async Task<AuditVerification> VerifyAsync(Guid tenantId, CancellationToken ct)
    {
        var problems = new List<string>();
        var previous = AuditChain.Root;
        var position = 0L;
        while (true)
        {
            var links = await db.InTransactionAsync(tenantId, session => session.QueryAsync<LinkRow>(LinksSql, new { after = position, take = BatchSize }), ct);
            foreach (var link in links)
            {
                problems.AddRange(ProblemsOf(link, position, previous).Take(MaxProblems - problems.Count));
                (position, previous) = (link.Position, link.Hash);
            }
            if (links.Count < BatchSize)
            {
                break;
            }
        }
        var unchained = await db.InTransactionAsync(tenantId, session => session.QuerySingleAsync<int>(UnchainedSql), ct);
        return new AuditVerification(position, unchained, problems);
    }

    private IEnumerable<string> ProblemsOf(LinkRow link, long position, byte[] previous)
    {
        if (link.Position != position + 1)
        {
            yield return $"Links {position + 1} to {link.Position - 1} are missing.";
        }
        else if (link.KeyId != _chain.KeyId)
        {
            yield return $"Link {link.Position} was made with another master key ({link.KeyId}).";
        }
        else if (!CryptographicOperations.FixedTimeEquals(_chain.Link(previous, link.RowHash), link.Hash))
        {
            yield return $"Link {link.Position} does not follow from the one before.";
        }
        if (!link.Found)
        {
            yield return $"The row {link.AuditId:D} of link {link.Position} is missing.";
            yield break;
        }
        if (!CryptographicOperations.FixedTimeEquals(AuditChain.RowHash(link.ToRow()), link.RowHash))
        {
            yield return $"The row {link.AuditId:D} of link {link.Position} was changed.";
        }
        if (!link.PayloadOk || link.PayloadWithoutSalt)
        {
            yield return $"The payload of the row {link.AuditId:D} was changed.";
        }
    }

    private sealed record LinkRow
    {
        public long Position { get; init; }
        public byte[] RowHash { get; init; } = [];
        public byte[] Hash { get; init; } = [];
        public string KeyId { get; init; } = "";
        public Guid AuditId { get; init; }
        public bool Found { get; init; }
        public DateTimeOffset At { get; init; }
        public string? ActorKind { get; init; }
        public Guid? ActorId { get; init; }
        public string? Action { get; init; }
        public string? TargetKind { get; init; }
        public string? TargetId { get; init; }
        public byte[]? PayloadHash { get; init; }
        public bool PayloadOk { get; init; }
        public bool PayloadWithoutSalt { get; init; }

        internal AuditRow ToRow() => new()
        {
            Id = AuditId, At = At, ActorKind = ActorKind ?? "", ActorId = ActorId, Action = Action ?? "",
            TargetKind = TargetKind, TargetId = TargetId, PayloadHash = PayloadHash ?? [],
        };
    }
}
