using Parley.Identity;
using Parley.Platform.Data;
using Parley.Platform.Objects;

namespace Parley.Conversations.Retention;

/// <summary>Deletes conversations and customers for good. The database does it, with the audit entry, in one transaction; files go right after.</summary>
internal sealed class Erasure(SystemDb system, TenantDb db, ObjectStore objects, TimeProvider time)
{
    internal const string EraseSql =
        "select * from conversations_erase(@tenantId, @ids, @closedBefore, @golden, @actorKind, @actor, @ip, @action, @targetKind, @target, @auditId, @now)";
    internal const string EraseEndUserSql = "select * from end_user_erase(@tenantId, @id, @actorKind, @actor, @ip, @auditId, @now)";
    private const string KnownSql = "select hash from objects where tenant_id = @tenantId and hash = any (@hashes)";

    /// <summary>Returns how many were there.</summary>
    /// <param name="what">Which, and under which name it is audited.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="ct">Ends it before, or after: never in between.</param>
    internal async Task<int> EraseAsync(ErasedConversations what, AuditActor actor, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var done = await system.QuerySingleOrDefaultAsync<Done>(EraseSql, new
        {
            tenantId = what.TenantId, ids = what.Ids, closedBefore = what.ClosedBefore, golden = what.WithGoldenQuestions, actorKind = actor.Kind, actor = actor.Id, ip = actor.Ip,
            action = what.Action, targetKind = what.TargetId is null ? null : "conversation", target = what.TargetId, auditId = Guid.CreateVersion7(now), now,
        }, ct);
        await RemoveFilesAsync(what.TenantId, done!.Files, ct);
        return done.Erased;
    }

    /// <summary>How many conversations went with the customer; null: there is no such customer.</summary>
    internal async Task<int?> EraseEndUserAsync(Guid tenantId, Guid id, AuditActor actor, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var done = await system.QuerySingleOrDefaultAsync<Done>(EraseEndUserSql,
            new { tenantId, id, actorKind = actor.Kind, actor = actor.Id, ip = actor.Ip, auditId = Guid.CreateVersion7(now), now }, ct);
        await RemoveFilesAsync(tenantId, done?.Files ?? [], ct);
        return done?.Erased;
    }

    /// <summary>What is in no row goes; what a kill leaves here is found by the daily sweep of the object store.</summary>
    private async Task RemoveFilesAsync(Guid tenantId, byte[][] hashes, CancellationToken ct)
    {
        if (hashes.Length == 0)
        {
            return;
        }
        var known = (await db.InTransactionAsync(tenantId, s => s.QueryAsync<byte[]>(KnownSql, new { tenantId, hashes }), ct)).Select(Convert.ToHexString).ToHashSet(StringComparer.Ordinal);
        foreach (var hash in hashes.Where(hash => !known.Contains(Convert.ToHexString(hash))))
        {
            await objects.RemoveAsync(tenantId, hash, ct);
        }
    }

    private sealed record Done
    {
        public int Erased { get; init; }

        public byte[][] Files { get; init; } = [];
    }
}

/// <summary>What is to be deleted.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Ids">Which; those that are gone already do no harm.</param>
/// <param name="Action">Of the audit entry.</param>
/// <param name="TargetId">Of the audit entry, where it is about one conversation.</param>
internal sealed record ErasedConversations(Guid TenantId, Guid[] Ids, string Action, string? TargetId = null)
{
    /// <summary>Only what is closed since then.</summary>
    public DateTimeOffset? ClosedBefore { get; init; }

    /// <summary>Golden questions that were made of them, too.</summary>
    public bool WithGoldenQuestions { get; init; }
}
