using System.Collections.Concurrent;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Conversations.AgentApi;

/// <summary>
/// Audits reads of personal data without a row for each click: the first read of a thing by a caller, then again after an hour.
/// </summary>
internal sealed class ReadAudit(AuditLog audit, TimeProvider time)
{
    internal static readonly TimeSpan Again = TimeSpan.FromHours(1);

    private const int SweepAbove = 20_000;
    private readonly ConcurrentDictionary<(Guid Tenant, string Principal, string Action, string Target), DateTimeOffset> _last = new();

    /// <summary>In the transaction of the read.</summary>
    internal async Task WriteAsync(TenantSession session, Caller caller, string action, string targetKind, string targetId)
    {
        var now = time.GetUtcNow();
        var key = (session.TenantId, caller.Principal, action, targetId);
        if (_last.TryGetValue(key, out var last) && now - last < Again)
        {
            return;
        }
        await audit.WriteAsync(session, caller, action, targetKind, targetId);
        session.OnCommitted(() => Remember(key, now));
    }

    private void Remember((Guid, string, string, string) key, DateTimeOffset now)
    {
        _last[key] = now;
        if (_last.Count > SweepAbove)
        {
            foreach (var old in _last.Where(entry => now - entry.Value >= Again))
            {
                _last.TryRemove(old);
            }
        }
    }
}
