using Microsoft.Extensions.Logging;
using Parley.Assistant.Contracts;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Knowledge;
using Parley.Knowledge.Search;
using Parley.Platform.Data;

namespace Parley.Assistant;

/// <summary>
/// Makes a starting node quick before it says that it is ready: a turn is thought through up to its delivery, which writes nothing and
/// costs nothing, and the indexes of the active tenants are built. What fails here fails when it is needed.
/// </summary>
public sealed class TurnWarmup
{
    private const string Question = "How do I get started?";
    private const int Tenants = 20;
    private const int Connections = 4;

    /// <summary>Documents; a larger index is built when somebody asks: it must not keep the others waiting.</summary>
    private const int LargestIndex = 3_000;

    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);

    private readonly TenantDb _db;
    private readonly ActiveTenants _tenants;
    private readonly AssistantTurn _turn;
    private readonly EscalationConfiguration _escalations;
    private readonly KnowledgeSearch _search;
    private readonly KnowledgeSize _size;
    private readonly TimeProvider _time;
    private readonly ILogger<TurnWarmup> _log;

    internal TurnWarmup(
        TenantDb db, ActiveTenants tenants, AssistantTurn turn, EscalationConfiguration escalations, KnowledgeSearch search, KnowledgeSize size, TimeProvider time, ILogger<TurnWarmup> log) =>
        (_db, _tenants, _turn, _escalations, _search, _size, _time, _log) = (db, tenants, turn, escalations, search, size, time, log);

    /// <summary>Ends with <paramref name="patience"/> at the latest; an index that is being built then is built to its end beside the requests.</summary>
    public Task RunAsync(TimeSpan patience, CancellationToken ct) => RunAsync(patience, LargestIndex, ct);

    internal async Task RunAsync(TimeSpan patience, int largestIndex, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        var indexes = 0;
        try
        {
            var tenants = await _tenants.SinceAsync(_time.GetUtcNow() - Lately, Tenants, limit.Token);
            foreach (var tenant in tenants)
            {
                if (!await _size.IsAtMostAsync(tenant, largestIndex, limit.Token))
                {
                    continue;
                }
                if (indexes++ == 0)
                {
                    await RehearseAsync(tenant, limit.Token);
                }
                await _search.RefreshAsync(tenant, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The others are built when somebody asks.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _log.WarmupFailed(e);
        }
        _log.WarmedUp(indexes, _time.GetElapsedTime(started).TotalMilliseconds);
    }

    private async Task RehearseAsync(Guid tenantId, CancellationToken ct)
    {
        // Opened at once, so that the first turns do not wait for the server's handshakes.
        var rules = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => _db.InTransactionAsync(tenantId, _escalations.RulesAsync, ct)));
        var trace = new TurnTrace(_time);
        var question = new TurnQuestion { TenantId = tenantId, Messages = [Question], Profile = new AssistantProfile(), Rules = rules[0].Rules };
        var prepared = await _turn.PrepareAsync(question, trace, ct);
        await _db.InTransactionAsync(tenantId, s => AssistantTurn.ConcludeAsync(s, prepared, trace), ct);
    }
}
